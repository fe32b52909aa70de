"""The page of a user's keys: make one, see which there are, revoke one."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from webapp.accounts import keys as services
from webapp.accounts.forms import KeyForm
from webapp.accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """List the keys; a POST makes one, and its answer is the only page that ever shows it."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    form = KeyForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.make_key(request.user, data["name"], data["scopes"], data["days"])
        except services.TooManyKeysError as error:
            form.add_error(None, str(error))
        else:
            form = KeyForm()
    context = {
        "page_title": gettext("Keys for programs"),
        "form": form,
        "made": made,
        "keys": services.keys_of(request.user),
        "scopes": services.SCOPES,
    }
    is_refused = form.is_bound and bool(form.errors)
    return render(request, "accounts/keys.html", context, status=400 if is_refused else 200)


@require_POST
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Let a key work no more."""
    key = get_object_or_404(services.keys_of(request.user), pk=key_id)
    services.revoke(key)
    messages.success(request, gettext("The key %(name)s works no more.") % {"name": key.name})
    return redirect("accounts:keys")
