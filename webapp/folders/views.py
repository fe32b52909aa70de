"""The page of watched folders, for whoever runs the installation."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from webapp.accounts.asker import signed_in
from webapp.accounts.models import User
from webapp.folders import queries, roots, services
from webapp.folders.forms import WatchForm


def _only_owner(request: HttpRequest) -> User:
    """Return the owner of the installation.

    Raises:
        PermissionDenied: Somebody else asks; these are folders of the server, not of a user.
    """
    user = signed_in(request)
    if not user.is_staff:
        raise PermissionDenied
    return user


@require_http_methods(["GET", "HEAD", "POST"])
def watched(request: HttpRequest) -> HttpResponse:
    """Show the watched folders, or watch another one."""
    owner = _only_owner(request)
    form = WatchForm(owner, request.POST or None)
    if form.is_valid():
        services.watch(owner, form.cleaned_data["path"], form.cleaned_data["concert"])
        messages.success(request, gettext("The folder is watched from now on."))
        return redirect("folders:watched")
    context = {
        "page_title": gettext("Watched folders"),
        "folders": queries.shown_folders(owner),
        "form": form,
        "roots": [str(root) for root in settings.IMPORT_ROOTS],
        "suggestions": roots.suggestions(),
    }
    return render(request, "folders/watched.html", context)


@require_POST
def look(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Look into a folder now."""
    services.look_now(get_object_or_404(queries.folders_managed_by(request.user), pk=folder_id))
    return redirect("folders:watched")


@require_POST
def pause(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Pause a folder, or let it go on (``paused``)."""
    folder = get_object_or_404(queries.folders_managed_by(request.user), pk=folder_id)
    services.set_paused(folder, is_paused=request.POST.get("paused") == "true")
    return redirect("folders:watched")


@require_POST
def remove(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Watch a folder no more."""
    services.forget(get_object_or_404(queries.folders_managed_by(request.user), pk=folder_id))
    messages.success(request, gettext("The folder is not watched any more. Its photos stay."))
    return redirect("folders:watched")
