"""The page on which a user has a library made anew by the models of today."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.asker import signed_in
from webapp.analysis.names import renewal


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show how many photos the present models have looked at."""
    context = {"renewals": renewal.renewals_of(signed_in(request).pk)}
    return render(request, "analysis/renewal.html", context)


@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Begin to make one kind of result anew."""
    stage = request.POST.get("stage", "")
    if stage in renewal.RENEWING:
        renewal.renew(signed_in(request).pk, stage)
    else:
        messages.error(request, gettext("There is no such step."))
    return redirect("analysis:renewal")
