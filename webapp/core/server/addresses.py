"""Where a request comes from, believing headers only as far as the settings say."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address that a page is asked for from."""
    own = str(request.META.get("REMOTE_ADDR") or "unknown")
    return _believed(request.headers.get("X-Forwarded-For", ""), own)


def socket_address(scope: dict[str, Any]) -> str:
    """Return the address that opens a websocket."""
    own = str((scope.get("client") or ("unknown", 0))[0])
    forwarded = [
        value.decode("latin-1")
        for name, value in scope["headers"]
        if name.lower() == b"x-forwarded-for"
    ]
    return _believed(",".join(forwarded), own)


def _believed(forwarded: str, own: str) -> str:
    """Choose between the peer's own address and what proxies say.

    With ``TRUSTED_PROXIES = n`` the n-th entry from the right of ``X-Forwarded-For`` counts: it
    was written by our own outermost proxy. With 0 the header is ignored, since anybody can send it.
    """
    proxies: int = settings.TRUSTED_PROXIES
    parts = [part.strip() for part in forwarded.split(",")]
    return parts[-proxies] if proxies and len(parts) >= proxies and parts[-proxies] else own
