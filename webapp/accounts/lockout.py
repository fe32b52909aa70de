"""The answer after too many wrong passwords."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

WAIT_SECONDS = 600
MESSAGE = "Too many wrong passwords. Please wait ten minutes and try again."


def too_many_attempts(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Refuse to look at another password for a while."""
    answer = render(request, "core/trouble.html", {"status": 429, "message": MESSAGE}, status=429)
    answer.headers["Retry-After"] = str(WAIT_SECONDS)
    return answer
