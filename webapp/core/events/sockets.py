"""What every websocket must pass before a consumer sees it: path, origin, rate and session."""

import importlib
import re
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.db import Error
from django.http.request import validate_host
from django.urls import URLPattern
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from webapp.core import counts
from webapp.core.server.addresses import socket_address
from webapp.core.server.rates import RecentCounts
from webapp.core.trouble import BUSY, RETRY_AFTER_SECONDS, is_database_away

SOCKET_APPS = ("core", "live", "sharing")
"""Apps that have a ``routing`` module with ``websocket_urlpatterns``."""
CLOSE_TOO_MANY = 4429
ADDRESS_WORDS = re.compile(r"/ws/([a-z/]+)/")
CLOSE_TRY_AGAIN_LATER = 1013
DEFAULT_PORTS = {"http": 80, "https": 443}


class SameOrigin:
    """Refuses a handshake whose Origin is not exactly the page's own scheme, host and port.

    A browser sends cookies with a handshake from any page, so this is what keeps other sites out.
    Channels' own ``AllowedHostsOriginValidator`` ignores scheme and port.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the handshake on, or answer 403."""
        if not is_allowed_origin(scope):
            await send({"type": "websocket.close", "code": 4403})
            return
        await self.inner(scope, receive, send)


def is_allowed_origin(scope: dict[str, Any]) -> bool:
    """Whether the handshake comes from a page of this site or a trusted origin."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    origin = _parts(headers.get(b"origin", ""))
    if origin is None:
        return False
    scheme = "https" if settings.HTTPS else "http"
    own = _parts(f"{scheme}://{headers.get(b'host', '')}")
    trusted = [_parts(value) for value in settings.TRUSTED_ORIGINS]
    is_own = origin == own and _is_allowed_host(origin[1])
    return is_own or origin in trusted


def _is_allowed_host(host: str) -> bool:
    """Whether pages are served under this name; the same rule decides for both."""
    return validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)


def _parts(origin: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an origin, ``None`` for anything that is not one."""
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or port is None:
        return None
    return parts.scheme, parts.hostname, port


class ConnectLimit:
    """Refuses an address that opens sockets faster than the settings allow.

    Counts in the memory of one web process; the oldest of 10,000 addresses is forgotten.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self._recent = RecentCounts()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the handshake on, or close with 4429."""
        if not self._recent.allows(socket_address(scope), settings.SOCKET_CONNECTS_PER_MINUTE):
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": CLOSE_TOO_MANY})
            return
        await self.inner(scope, receive, send)


class Counted:
    """Counts the sockets that are open, by the first words of their address."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the handshake on, and count until the socket has ended."""
        words = ADDRESS_WORDS.match(scope["path"])
        kind = words[1] if words else "other"
        counts.add("sockets", kind)
        try:
            await self.inner(scope, receive, send)
        finally:
            counts.add("sockets", kind, -1)


class KnownPaths:
    """Answers a handshake to an address that no socket has with 404, as a page would."""

    def __init__(self, inner: Any, patterns: list[URLPattern]) -> None:
        self.inner = inner
        self._patterns = patterns

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the handshake on, or answer 404."""
        path = scope["path"].removeprefix("/")
        if any(pattern.pattern.match(path) for pattern in self._patterns):
            await self.inner(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})


class RetryLater:
    """Answers a handshake with 503 and Retry-After while the database is away.

    Session, user and whatever a consumer looks up before it accepts are read inside.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the handshake on, or answer it here."""
        is_answered = False

        async def watched(message: dict[str, Any]) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self.inner(scope, receive, watched)
        except Error as error:
            if is_answered or not is_database_away(error):
                raise
            await _answer_503(scope, send)


async def _answer_503(scope: dict[str, Any], send: Any) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": CLOSE_TRY_AGAIN_LATER})
        return
    headers = [
        (b"retry-after", str(RETRY_AFTER_SECONDS).encode()),
        (b"content-type", b"text/plain; charset=utf-8"),
    ]
    await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": BUSY.encode()})


def session_is_alive(scope: dict[str, Any]) -> bool:
    """Whether the session that opened a socket is still signed in as the same active user.

    Read afresh from the database: logging out, changing the password and disabling the account
    all end it.
    """
    key = scope["session"].session_key
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(key) if key else None
    if store is None or SESSION_KEY not in store:
        return False
    user = get_user_model().objects.filter(pk=scope["user"].pk, is_active=True).first()
    if user is None or str(user.pk) != store[SESSION_KEY]:
        return False
    return constant_time_compare(store.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def websocket_urlpatterns() -> list[URLPattern]:
    """Return every websocket address of the site."""
    patterns: list[URLPattern] = []
    for app in SOCKET_APPS:
        if find_spec(f"webapp.{app}") and find_spec(f"webapp.{app}.routing"):
            patterns += importlib.import_module(f"webapp.{app}.routing").websocket_urlpatterns
    return patterns


def socket_application() -> Any:
    """Return the application for websockets, behind path, origin, rate limit and session."""
    patterns = websocket_urlpatterns()
    signed_in = AuthMiddlewareStack(URLRouter(patterns))  # type: ignore[arg-type]
    return KnownPaths(SameOrigin(ConnectLimit(Counted(RetryLater(signed_in)))), patterns)
