"""Home, health, and the pages for what is missing or broken."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from webapp.core import trouble
from webapp.core.web import health as checks
from webapp.core.web import metrics, readiness
from webapp.core.web.proxies import proxy_sections


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the concerts."""
    return redirect("/concerts/")


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Say ``ok`` to a stranger, whether all works to a member, and everything to the owner."""
    if not request.user.is_authenticated:
        return JsonResponse({"status": "ok"})
    if not request.user.is_staff:
        found = readiness.look()
        context = {"page_title": gettext("Health"), "works": "error" not in found.values()}
        return render(request, "core/health_member.html", context)
    sections = [*proxy_sections(), *checks.sections()]
    worst = "error" if any(section.status == "error" for section in sections) else "ok"
    context = {"page_title": gettext("Health"), "sections": sections, "status": worst}
    return render(request, "core/health.html", context)


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; asks nothing else of anybody."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether this process should be sent visitors: 503 when it cannot serve them."""
    found = readiness.look()
    if not readiness.can_serve(found):
        later = {"Retry-After": str(trouble.RETRY_AFTER_SECONDS)}
        return JsonResponse({"status": "error", "checks": found}, status=503, headers=later)
    status = "degraded" if "error" in found.values() else "ok"
    return JsonResponse({"status": status, "checks": found})


@login_not_required
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus how much waits, runs and is open; strangers learn nothing."""
    if not metrics.may_read(request):
        raise PermissionDenied
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request makes no sense."""
    return _problem(request, 400, gettext("This request cannot be understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that this is not allowed."""
    return _problem(request, 403, gettext("This is not allowed."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was too old or came from another site."""
    return _problem(
        request, 403, gettext("This page was open for too long. Reload it and try again.")
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing here, or nothing for this user."""
    return _problem(request, 404, gettext("There is nothing here."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke, without any detail and without the database.

    Django calls this while it handles the exception, which may be a trouble that passes.
    """
    known = trouble.answer(request, sys.exception())
    return known or render(None, "core/500.html", status=500)


def _problem(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """Answer in the form the client asked for."""
    if "text/html" in request.headers.get("Accept", "text/html"):
        return render(request, f"core/{status}.html", {"message": message}, status=status)
    return JsonResponse({"error": message}, status=status)
