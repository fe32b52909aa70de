"""Home, and the pages for what is missing or broken."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the concerts."""
    return redirect("/concerts/")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing here, or nothing for this user."""
    return render(request, "core/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke, without any detail and without the database."""
    return render(None, "core/500.html", status=500)  # type: ignore[arg-type]
