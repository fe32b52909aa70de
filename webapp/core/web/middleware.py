"""Headers on every answer, and plain words for a full disk or a database that is away."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from webapp.core import trouble
from webapp.core.web.paging import BadQueryError

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'; img-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'"
)
CAMERA_PAGE = re.compile(r"/live/[0-9a-f-]{36}/camera/")
"""Paths of which a page may ask for the camera."""

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
            "Permissions-Policy": f"camera={camera}, microphone={camera}, geolocation=()",
        }
        if not request.path.startswith("/static/"):
            wanted["Cache-Control"] = "private, no-store"
        for name, value in wanted.items():
            response.headers.setdefault(name, value)
        return response


class TroubleMiddleware:
    """Answers 503 while the database is away, 507 when the disk is full, 400 to a bad address.

    None is a mistake of the code; the user is told what to do. Here is seen what views raise. What
    other middleware raises, which reads the session and the user, Django turns into the page for
    our mistakes at once: ``views.server_error`` asks the same question.
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
        return trouble.answer(request, error)


def _bad_address(request: HttpRequest, message: str) -> HttpResponse:
    """Say what is wrong with an address, on a page that leads to the same one without filters."""
    if "text/html" in request.headers.get("Accept", "text/html"):
        return render(request, "core/bad_address.html", {"message": message}, status=400)
    return JsonResponse({"error": message}, status=400)
