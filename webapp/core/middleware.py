"""Headers on every answer, and plain words for a full disk or a busy database."""

import errno
import logging
import re
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from webapp.core.paging import BadQueryError

logger = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'; img-src 'self' blob:; connect-src 'self'"
)
CAMERA_PAGE = re.compile(r"/live/[0-9a-f-]{36}/camera/")
"""Paths of which a page may ask for the camera."""
RETRY_AFTER_SECONDS = 10
BUSY = "Encore is busy with other work. Please try again in a moment."
DISK_FULL = "The disk is full. Free some space, then try again."

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SecurityHeadersMiddleware:
    """Adds the headers that every page must carry; a view may set its own stricter ones."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on and complete the answer's headers."""
        response = self.get_response(request)
        camera = "(self)" if CAMERA_PAGE.fullmatch(request.path) else "()"
        wanted = {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": f"camera={camera}, microphone=(), geolocation=()",
        }
        if not request.path.startswith("/static/"):
            wanted["Cache-Control"] = "private, no-store"
        for name, value in wanted.items():
            response.headers.setdefault(name, value)
        return response


class TroubleMiddleware:
    """Answers 503 when the database stays locked, 507 when the disk is full, 400 to a bad address.

    None is a mistake of the code; the user is told what to do.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the answer for a trouble that is known, ``None`` for any other exception."""
        if isinstance(error, BadQueryError):
            return _bad_address(request, str(error))
        if is_disk_full(error):
            logger.error("the disk is full")
            return _trouble(request, 507, DISK_FULL)
        if is_database_busy(error):
            logger.warning("the database stayed locked")
            response = _trouble(request, 503, BUSY)
            response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return response
        return None


def is_disk_full(error: BaseException) -> bool:
    """Whether an exception says that there is no space left, by the system or by SQLite."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, OperationalError) and "disk is full" in str(error)


def is_database_busy(error: BaseException) -> bool:
    """Whether an exception says that the database is locked, unreachable or out of time."""
    if not isinstance(error, OperationalError):
        return False
    signs = ("locked", "deadlock", "lock timeout", "connection", "too many clients")
    return any(sign in str(error) for sign in signs)


def _bad_address(request: HttpRequest, message: str) -> HttpResponse:
    """Say what is wrong with an address, on a page that leads to the same one without filters."""
    if "text/html" in request.headers.get("Accept", "text/html"):
        return render(request, "core/bad_address.html", {"message": message}, status=400)
    return JsonResponse({"error": message}, status=400)


def _trouble(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """Answer in the form the client asked for; no session or database is touched."""
    if request.headers.get("Accept", "").startswith("text/html"):
        context = {"status": status, "message": message}
        return render(None, "core/trouble.html", context, status=status)
    return JsonResponse({"error": message}, status=status)
