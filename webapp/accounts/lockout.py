"""Slowing down who guesses passwords without keeping out who knows one.

Wrong tries are counted for each pair of a name and a source. After ten within an hour the pair has
to wait, longer each time; nobody else does, so no name can be locked from afar and no address for
its other users. A source is an address (behind a proxy that is not trusted, everybody's), or, for
a name that has signed in there before, the browser itself.

Who tries many names from one address is slowed down instead: there one password is looked at each
second, and wrong ones are answered 429, while a right one still opens the door.
"""

import ipaddress
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from webapp.accounts.models import WrongPassword
from webapp.core.server.addresses import client_address
from webapp.core.words.names import folded

FREE_TRIES = 10
REMEMBERED = timedelta(hours=1)
FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 600
BUSY_WINDOW = timedelta(minutes=10)
"""An address with ``FREE_TRIES`` wrong tries of any names within this time is slowed down."""
SLOW_SECONDS = 1.0
QUEUE_LENGTH = 5
"""Tries from a slowed address that may wait their turn; further ones come again later."""
QUEUE_SECONDS = 5
CHECKS_AT_ONCE = 2
"""Each needs 100 MB and a tenth of a second; a hundred at once would stop the machine."""
CHECK_TIMEOUT_SECONDS = 10
BROWSER_COOKIE = "encore_browser"
BROWSER_SECONDS = 400 * 24 * 3600


class MustWaitError(Exception):
    """A password is not looked at now, but in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody types a password.

    Attributes:
        name: Keyed digest of the folded name; what people type as a name may be a password.
        source: Address, or ``browser`` with its id where this name has signed in before.
    """

    name: str
    source: str

    @property
    def is_known_browser(self) -> bool:
        """Whether somebody knew the right password of this name in this browser before."""
        return self.source.startswith("browser ")


def attempt(request: HttpRequest, username: str) -> Attempt:
    """Return who types a password from where, be it to sign in or to change it."""
    name = _digest(username[:300])
    known, _, browser = str(
        request.get_signed_cookie(BROWSER_COOKIE, "", max_age=BROWSER_SECONDS)
    ).partition(" ")
    if browser and known == name:
        return Attempt(name, f"browser {browser}")
    return Attempt(name, _network(client_address(request)))


def seconds_to_wait(attempt: Attempt) -> int:
    """Return after how many seconds this pair may try again; 0 for now."""
    now = timezone.now()
    tries = WrongPassword.objects.filter(
        name=attempt.name, source=attempt.source, at__gt=now - REMEMBERED
    ).aggregate(count=Count("pk"), last=Max("at"))
    excess = tries["count"] - FREE_TRIES
    if excess < 0:
        return 0
    wait = min(FIRST_WAIT_SECONDS * 2 ** min(excess, 10), LONGEST_WAIT_SECONDS)
    rest = (tries["last"] + timedelta(seconds=wait) - now).total_seconds()
    return max(0, int(rest + 0.999))


def note_wrong(attempt: Attempt) -> int:
    """Remember a wrong password; return after how many seconds to try again, 0 for at once."""
    now = timezone.now()
    WrongPassword.objects.filter(at__lt=now - REMEMBERED).delete()
    WrongPassword.objects.create(name=attempt.name, source=attempt.source, at=now)
    return seconds_to_wait(attempt) or (QUEUE_SECONDS if _is_slowed(attempt) else 0)


def note_right(attempt: Attempt) -> None:
    """Forget the wrong tries of who knew the password after all."""
    WrongPassword.objects.filter(name=attempt.name, source=attempt.source).delete()


def remember_browser(response: HttpResponseBase, attempt: Attempt) -> None:
    """Let this browser be known from now on, whatever others do at its address or to its name."""
    browser = attempt.source.removeprefix("browser ")
    if not attempt.is_known_browser:
        browser = secrets.token_hex(8)
    response.set_signed_cookie(
        BROWSER_COOKIE,
        f"{attempt.name} {browser}",
        max_age=BROWSER_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def refusal(request: HttpRequest, seconds: int) -> HttpResponse:
    """Say how long to wait."""
    wait = (
        gettext("%(count)s seconds") % {"count": seconds}
        if seconds < 120
        else gettext("%(count)s minutes") % {"count": round(seconds / 60)}
    )
    message = gettext("Too many wrong passwords. Please wait %(wait)s and try again.") % {
        "wait": wait
    }
    is_signing_in = not request.user.is_authenticated
    context = {"status": 429, "message": message, "is_signing_in": is_signing_in}
    answer = render(request, "core/trouble.html", context, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


class _Lane:
    """The queue of one slowed address."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting = 0


_lanes: dict[str, _Lane] = {}
_lanes_lock = threading.Lock()
_checks = threading.BoundedSemaphore(CHECKS_AT_ONCE)


@contextmanager
def turn(attempt: Attempt) -> Iterator[None]:
    """Wait until this password may be looked at, which takes a second at a slowed address.

    Raises:
        MustWaitError: This pair has to wait, or too many others wait already.
    """
    _refuse_while_waiting(attempt)
    with ExitStack() as places:
        if _is_slowed(attempt):
            places.enter_context(_queued(attempt.source))
            time.sleep(SLOW_SECONDS)
        places.enter_context(_one_check())
        # Of many tries at the same time all came as far as this.
        _refuse_while_waiting(attempt)
        yield


@contextmanager
def _queued(source: str) -> Iterator[None]:
    with _lanes_lock:
        lane = _lanes.setdefault(source, _Lane())
        if lane.waiting >= QUEUE_LENGTH:
            raise MustWaitError(QUEUE_SECONDS)
        lane.waiting += 1
    try:
        with lane.lock:
            yield
    finally:
        with _lanes_lock:
            lane.waiting -= 1
            if not lane.waiting:
                del _lanes[source]


@contextmanager
def _one_check() -> Iterator[None]:
    if not _checks.acquire(timeout=CHECK_TIMEOUT_SECONDS):
        raise MustWaitError(QUEUE_SECONDS)
    try:
        yield
    finally:
        _checks.release()


def _refuse_while_waiting(attempt: Attempt) -> None:
    if seconds := seconds_to_wait(attempt):
        raise MustWaitError(seconds)


def _is_slowed(attempt: Attempt) -> bool:
    if attempt.is_known_browser:
        return False
    since = timezone.now() - BUSY_WINDOW
    recent = WrongPassword.objects.filter(source=attempt.source, at__gt=since)
    return recent.count() >= FREE_TRIES


def _digest(name: str) -> str:
    key = "webapp.accounts.lockout"
    return salted_hmac(key, folded(name), algorithm="sha256").hexdigest()[:32]


def _network(address: str) -> str:
    """Return whom an address belongs to: one of IPv6 is one of the many of its /64 network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
