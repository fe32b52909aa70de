"""The owner's page about the recogniser: what may be fetched, on which terms, how far it is."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.analysis.names import recogniser as services


def _only_owner(request: HttpRequest) -> int:
    """Return the owner's id.

    Raises:
        PermissionDenied: Somebody else asks; the recogniser is the whole site's.
    """
    if not request.user.is_staff or request.user.pk is None:
        raise PermissionDenied
    return request.user.pk


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show which recogniser is used and what the better one would be."""
    _only_owner(request)
    context = {"page_title": gettext("Recogniser"), "recogniser": services.recogniser()}
    return render(request, "analysis/recogniser.html", context)


@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """Begin the download, or go on with it; only with the terms accepted."""
    owner_id = _only_owner(request)
    if request.POST.get("accept") != "yes":
        messages.error(
            request, gettext("Please tick that you have read where the networks come from.")
        )
    else:
        services.begin_download(owner_id)
    return redirect("analysis:recogniser")


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Stop the download; what came stays."""
    _only_owner(request)
    services.stop_download()
    messages.success(request, gettext("The download was stopped. It can go on from there."))
    return redirect("analysis:recogniser")


@require_POST
def use(request: HttpRequest) -> HttpResponse:
    """Use the better recogniser that is here, or the built-in one again."""
    _only_owner(request)
    choose = services.use_better if request.POST.get("which") == "better" else services.use_built_in
    try:
        choose()
    except services.RefusedChoiceError as error:
        messages.error(request, str(error))
    return redirect("analysis:recogniser")
