"""The page of cameras that the server reads, for whoever runs the installation."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from webapp.accounts.asker import signed_in
from webapp.accounts.queries import has_consent
from webapp.live import sources
from webapp.live.forms import SourceForm


@sensitive_post_parameters("address", "username", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """List the cameras and how far each is; a POST adds one, which begins to film."""
    owner = signed_in(request)
    if not owner.is_staff:  # They are of the server's network, and no user's.
        raise PermissionDenied
    form = SourceForm(request.POST if request.method == "POST" else None, user=owner)
    if form.is_valid():
        name, concert = form.cleaned_data["name"], form.cleaned_data["concert"]
        try:
            added = sources.add_source(owner.pk, name, concert, form.meant, form.credentials)
        except sources.TooManySourcesError as error:
            form.add_error(None, str(error))
        else:
            sources.turn_on(added)
            messages.success(request, gettext("“%(name)s” is added.") % {"name": name})
            return redirect("live:sources")
    context = {
        "page_title": gettext("Cameras of the server"),
        "form": form,
        "sources": sources.sources_managed_by(owner),
        "is_anybody_here": sources.is_anybody_here(),
        "has_consent": has_consent(owner.pk),
        "are_private_allowed": settings.LIVE_PRIVATE_SOURCES,
    }
    return render(request, "live/sources.html", context, status=400 if form.errors else 200)


@require_POST
def turn_on(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Have a camera film."""
    sources.turn_on(get_object_or_404(sources.sources_managed_by(request.user), pk=source_id))
    return redirect("live:sources")


@require_POST
def turn_off(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Have a camera film no more."""
    source = get_object_or_404(sources.sources_managed_by(request.user), pk=source_id)
    sources.turn_off(source.pk)
    return redirect("live:sources")


@require_POST
def remove(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Forget a camera; what came of it stays."""
    source = get_object_or_404(sources.sources_managed_by(request.user), pk=source_id)
    sources.remove(source)
    said = gettext("“%(name)s” is removed. Its sessions and moments stay.")
    messages.success(request, said % {"name": source.name})
    return redirect("live:sources")
