"""Requests to a program that listens, answers badly, slowly, or sends elsewhere."""

import hashlib
import hmac
import json
import logging
import re
import socket
import time
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.factories import run_pending_jobs
from tests.tls import CA
from tests.webapp.webhooks.conftest import Listener, answer_with
from webapp.accounts.models import User
from webapp.core.models import Job
from webapp.webhooks import sending, services
from webapp.webhooks.models import Delivery, Webhook
from webapp.webhooks.signing import secret_of

REPOSITORY = Path(__file__).resolve().parents[3]


def _look_up(address: str, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
    """Say that a name has this address."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


@pytest.fixture
def waiting(hook: Webhook) -> Delivery:
    """Something that is to be told."""
    return Delivery.objects.create(
        webhook=hook, kind="moment_ready", content={"kind": "moment_ready"}
    )


def told(delivery: Delivery) -> Delivery:
    """The delivery after one turn of the upkeep and its jobs."""
    services.queue_due()
    run_pending_jobs()
    delivery.refresh_from_db()
    return delivery


def test_something_is_told_once_and_signed(waiting: Delivery, listener: Listener) -> None:
    assert told(waiting).state == Delivery.State.DELIVERED
    assert (waiting.status, waiting.trouble, waiting.attempts) == (204, "", 1)
    ((headers, body),) = listener.heard
    assert json.loads(body) == {"kind": "moment_ready"}
    assert headers["Encore-Event"] == "moment_ready"
    assert headers["Encore-Delivery"] == str(waiting.pk)
    at = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["Encore-Signature"])
    assert at is not None
    assert abs(time.time() - int(at[1])) < 60
    signed = hmac.new(
        secret_of(waiting.webhook).encode(), f"{at[1]}.".encode() + body, hashlib.sha256
    )
    assert at[2] == signed.hexdigest()

    told(waiting)
    assert len(listener.heard) == 1


def test_the_example_of_the_documentation_tells_true_from_false(
    waiting: Delivery, listener: Listener
) -> None:
    page = (REPOSITORY / "docs" / "api.md").read_text().partition("## Webhooks")[2]
    code = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own documentation
    told(waiting)
    ((headers, body),) = listener.heard
    secret, header = secret_of(waiting.webhook), headers["Encore-Signature"]
    assert names["is_from_encore"](secret, header, body)
    assert not names["is_from_encore"](secret, header, body + b" ")
    assert not names["is_from_encore"]("whsec_other", header, body)
    assert not names["is_from_encore"](secret, "", body)
    old = header.replace(header[2:12], str(int(header[2:12]) - 3600))
    assert not names["is_from_encore"](secret, old, body)


def test_what_is_refused_is_tried_again_later_and_given_up_in_the_end(
    waiting: Delivery, listener: Listener
) -> None:
    listener.answer = lambda request: answer_with(request, 500)
    pauses = []
    for _ in range(len(services.PAUSES)):
        assert told(waiting).state == Delivery.State.WAITING
        assert waiting.sent_at is not None
        pauses.append(waiting.due_at - waiting.sent_at)
        told(waiting)
        assert waiting.attempts == len(pauses), "not before it is due"
        wake(waiting)
    assert tuple(pauses) == services.PAUSES
    assert told(waiting).state == Delivery.State.FAILED
    assert (waiting.status, waiting.trouble) == (500, sending.REFUSED)

    listener.answer = lambda request: answer_with(request, 200)
    services.send_again(waiting)
    assert told(waiting).state == Delivery.State.DELIVERED


def wake(delivery: Delivery) -> None:
    """Let the time of the next try come."""
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    Webhook.objects.update(rests_until=timezone.now())


def test_after_one_failure_the_others_wait_for_the_address_to_rest(
    waiting: Delivery, hook: Webhook, listener: Listener
) -> None:
    listener.answer = lambda request: answer_with(request, 503)
    second = Delivery.objects.create(webhook=hook, kind="video_ready", content={})
    told(waiting)
    assert told(second).attempts == 0
    assert len(listener.heard) == 1


def test_a_redirect_is_not_followed_wherever_it_leads(
    waiting: Delivery, listener: Listener
) -> None:
    listener.answer = lambda request: answer_with(request, 307, Location="http://127.0.0.1:1/")
    assert told(waiting).trouble == sending.MOVED
    assert (waiting.status, waiting.state) == (307, Delivery.State.WAITING)
    assert len(listener.heard) == 1


def test_private_targets_are_refused_also_where_the_webhook_was_made_before(
    waiting: Delivery, listener: Listener, settings: Any
) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = False
    assert "https" in told(waiting).trouble
    Webhook.objects.update(
        address=listener.address.replace("http:", "https:"), rests_until=timezone.now()
    )
    wake(waiting)
    assert "private network" in told(waiting).trouble
    assert waiting.status is None
    assert listener.heard == []


def test_a_name_that_leads_elsewhere_the_second_time_is_not_asked_twice(
    waiting: Delivery, listener: Listener, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = False
    Webhook.objects.update(address="https://rebound.example/")
    looked_up, connected = [], []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        looked_up.append(host)
        where = "93.184.215.14" if len(looked_up) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, port))]

    def connect(address: tuple[str, int], **_: Any) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    told(waiting)
    assert (looked_up, connected) == (["rebound.example"], [("93.184.215.14", 443)])


@pytest.mark.parametrize("way", ["silent", "trickling"])
def test_a_slow_answer_ends_at_the_time_limit(
    waiting: Delivery, listener: Listener, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(sending, "LONGEST_SECONDS", 0.5)

    def dawdle(request: BaseHTTPRequestHandler) -> None:
        try:
            for _ in range(100):
                time.sleep(0.05)
                request.wfile.write(b"H" if way == "trickling" else b"")
        except OSError:
            return

    listener.answer = dawdle
    began = time.monotonic()
    assert told(waiting).trouble == sending.TOO_SLOW
    assert time.monotonic() - began < 4


def test_what_speaks_no_http_and_what_is_not_there_are_told_apart(
    waiting: Delivery, listener: Listener
) -> None:
    listener.answer = lambda request: void(request.wfile.write(b"220 mail.example ESMTP\r\n"))
    assert told(waiting).trouble == sending.NONSENSE
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
        Webhook.objects.update(address=nobody)
        wake(waiting)
        assert told(waiting).trouble == sending.NO_ANSWER


def void(_: object) -> None:
    """Forget an answer."""


def test_over_tls_the_name_is_proved_and_the_checked_address_connected_to(
    waiting: Delivery, secure_listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    Webhook.objects.update(address=secure_listener.address)
    assert told(waiting).trouble == sending.NO_CERTIFICATE
    assert secure_listener.heard == []
    monkeypatch.setenv("SSL_CERT_FILE", str(CA))
    wake(waiting)
    assert told(waiting).state == Delivery.State.DELIVERED
    ((headers, _),) = secure_listener.heard
    assert headers["Host"].startswith("localhost:")
    Webhook.objects.update(address=secure_listener.address.replace("localhost", "other.example"))
    monkeypatch.setattr(socket, "getaddrinfo", partial(_look_up, "127.0.0.1"))
    services.send_again(waiting)
    assert told(waiting).trouble == sending.NO_CERTIFICATE, "it is of another name"
    assert len(secure_listener.heard) == 1


def test_a_server_without_a_certificate_is_told_nothing(
    waiting: Delivery, listener: Listener
) -> None:
    Webhook.objects.update(address=listener.address.replace("http:", "https:"))
    assert told(waiting).trouble in {sending.NO_ANSWER, sending.NO_CERTIFICATE}
    assert listener.heard == []


def test_requests_to_one_address_are_bounded(
    waiting: Delivery, hook: Webhook, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_PER_MINUTE", 2)
    for _ in range(3):
        Delivery.objects.create(webhook=hook, kind="moment_ready", content={})
    for _ in range(3):
        told(waiting)
    assert len(listener.heard) == 2
    Delivery.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    told(waiting)
    assert len(listener.heard) == 4


def test_neither_secret_nor_address_stand_in_a_log(
    waiting: Delivery, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    listener.answer = lambda request: answer_with(request, 500)
    with caplog.at_level(logging.DEBUG):
        told(waiting)
    assert "did not work" in caplog.text
    assert secret_of(waiting.webhook) not in caplog.text
    assert "from=test" not in caplog.text


def test_the_secret_is_kept_nowhere(hook: Webhook) -> None:
    kept = " ".join(str(value) for value in Webhook.objects.values().get().values())
    assert secret_of(hook).removeprefix("whsec_") not in kept


def test_everything_goes_with_the_account(owner: User, waiting: Delivery) -> None:
    services.queue_due()
    owner.delete()
    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_who_does_not_run_the_installation_any_more_sends_nothing(
    owner: User, waiting: Delivery, listener: Listener, field: str
) -> None:
    services.queue_due()
    User.objects.filter(pk=owner.pk).update(**{field: False})
    assert told(waiting).attempts == 0
    assert listener.heard == []
    assert Job.objects.get(stage="tell-webhook").state == Job.State.DONE


def test_what_was_told_long_ago_is_forgotten_and_what_waits_is_not(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_KEPT", 2)
    for number, state in enumerate(("delivered", "waiting", "failed", "delivered", "delivered")):
        one = Delivery.objects.create(webhook=hook, kind="moment_ready", content={}, state=state)
        ago = timedelta(days=31 if number == 0 else 10 - number)
        Delivery.objects.filter(pk=one.pk).update(created_at=timezone.now() - ago)
    services.prune()
    kept = Delivery.objects.order_by("created_at").values_list("state", flat=True)
    assert list(kept) == ["waiting", "delivered", "delivered"]
