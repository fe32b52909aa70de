"""One answer in two forms: JSON for a script, a redirect with a message for a plain form."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, and not a form of the page."""
    return "application/json" in request.headers.get("Accept", "")


def done(
    request: HttpRequest,
    payload: dict[str, Any],
    *,
    back_to: str,
    message: str = "",
    status: int = 200,
) -> HttpResponse:
    """Say that it worked; a form is led to ``back_to`` and shown the message."""
    if wants_json(request):
        return JsonResponse(payload, status=status)
    if message:
        messages.success(request, message)
    return redirect(back_to)


def refused(request: HttpRequest, reason: str, *, back_to: str, status: int = 400) -> HttpResponse:
    """Say why it did not work, in words for the user."""
    if wants_json(request):
        return JsonResponse({"error": reason}, status=status)
    messages.error(request, reason)
    return redirect(back_to)
