"""Where a request comes from, believing headers only as far as the settings say."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client's address.

    With ``TRUSTED_PROXIES = n`` the n-th entry from the right of ``X-Forwarded-For`` counts: it
    was written by our own outermost proxy. With 0 the header is ignored, since anybody can send it.
    """
    proxies: int = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(forwarded) >= proxies and forwarded[-proxies]:
        return forwarded[-proxies]
    return str(request.META.get("REMOTE_ADDR") or "unknown")
