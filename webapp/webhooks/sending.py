"""One request to an address of a user: no redirect, no name looked up twice, no waiting."""

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from django.utils.translation import gettext_noop

from webapp.webhooks.addresses import AddressRefusedError, Target, addresses_of, target_of
from webapp.webhooks.models import Delivery
from webapp.webhooks.signing import secret_of, signature

CONNECT_SECONDS = 4.0
LONGEST_SECONDS = 10.0
"""For all of it, so that whoever answers a byte a second holds nobody up."""
MOST_ADDRESSES = 3
AGENT = "Encore-Webhook/1"

NO_ANSWER = gettext_noop("Nothing answered there.")
TOO_SLOW = gettext_noop("The answer took too long.")
NO_CERTIFICATE = gettext_noop("The certificate of the server is not valid.")
NONSENSE = gettext_noop("What answered there does not speak HTTP.")
MOVED = gettext_noop("The server sends elsewhere; that is not followed. Enter the new address.")
REFUSED = gettext_noop("The server did not take it.")


Reached: TypeAlias = tuple[Target, list[str]]
"""A target and the checked IP addresses at which it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a try went.

    Attributes:
        status: What the other side answered; ``None`` where nothing came.
        trouble: Why it did not work, as a sentence; empty where it did.
    """

    status: int | None
    trouble: str


def send(delivery: Delivery) -> Answer:
    """Tell a webhook something once."""
    body = json.dumps(delivery.content, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Encore-Event": delivery.kind,
        "Encore-Delivery": str(delivery.pk),
        "Encore-Signature": signature(secret_of(delivery.webhook), int(time.time()), body),
    }
    return post(partial(_reached, delivery.webhook.address), body, headers)


def _reached(address: str) -> Reached:
    target = target_of(address)
    return target, addresses_of(target)


def post(reach: Callable[[], Reached], body: bytes, headers: dict[str, str]) -> Answer:
    """Send something once, and say how that went; nothing is raised.

    Args:
        reach: Gives the target and its checked addresses, or raises ``AddressRefusedError``.
        body: What is sent.
        headers: With which, besides its length.
    """
    try:
        target, addresses = reach()
        status = _post(target, addresses, body, {**headers, "Connection": "close"})
    except AddressRefusedError as error:
        return Answer(None, str(error))
    except TimeoutError:
        return Answer(None, TOO_SLOW)
    except ssl.SSLCertVerificationError:
        return Answer(None, NO_CERTIFICATE)
    except http.client.HTTPException:
        return Answer(None, NONSENSE)
    except (OSError, ValueError):
        return Answer(None, NO_ANSWER)
    return Answer(status, _trouble(status))


def _trouble(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return MOVED if 300 <= status < 400 else REFUSED


def _post(target: Target, addresses: list[str], body: bytes, headers: dict[str, str]) -> int:
    """Send the body to the first address that answers; returns the status.

    Raises:
        TimeoutError: It took too long.
        OSError: Nobody answered, or somebody without a valid certificate.
        http.client.HTTPException: The answer is none.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    line = _connected(addresses[:MOST_ADDRESSES], target.port, deadline)
    with _ended_at(deadline, line) as is_late:
        try:
            return _asked(target, line, body, headers)
        except (OSError, ValueError, http.client.HTTPException) as error:
            if is_late.is_set():
                raise TimeoutError from error
            raise


def _asked(target: Target, line: socket.socket, body: bytes, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(target.host, target.port)
    if target.is_secure:
        secure = ssl.create_default_context().wrap_socket(line, server_hostname=target.host)
        connection = http.client.HTTPSConnection(target.host, target.port)
        line = secure
    connection.sock = line
    try:
        connection.request("POST", target.path, body, headers)
        with connection.getresponse() as response:
            return response.status  # Its body is of no interest, however long.
    finally:
        connection.close()
        line.close()


def _connected(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """Return a connection to the first of these IP addresses that takes one."""
    trouble: OSError = ConnectionError("no address")
    for address in addresses:
        patience = min(CONNECT_SECONDS, deadline - time.monotonic())
        try:
            line = socket.create_connection((address, port), timeout=max(patience, 0.1))
        except OSError as error:
            trouble = error
        else:
            line.settimeout(LONGEST_SECONDS)
            return line
    raise trouble


@contextmanager
def _ended_at(deadline: float, line: socket.socket) -> Iterator[threading.Event]:
    """Cut a connection off at the deadline, whatever comes over it; yields whether that was so."""
    is_late = threading.Event()

    def cut() -> None:
        is_late.set()
        try:
            cuttable.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # It has ended by itself.

    with line, line.dup() as cuttable:
        timer = threading.Timer(max(deadline - time.monotonic(), 0.0), cut)
        timer.daemon = True
        timer.start()
        try:
            yield is_late
        finally:
            timer.cancel()
            timer.join()
