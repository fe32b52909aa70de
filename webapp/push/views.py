"""The page of a user's devices: switch this one on, see which are, remove them."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.asker import signed_in
from webapp.accounts.models import User
from webapp.core.server.rates import RecentCounts
from webapp.core.words.said import said
from webapp.push import keys, queries, services
from webapp.push.browsers import name_of
from webapp.push.forms import DeviceForm, NamesForm
from webapp.push.reaching import reached
from webapp.webhooks.addresses import AddressRefusedError

SESSION_KEY = "push_device"
PER_MINUTE = 6
"""Devices that one user may switch on; each is greeted at an address that came from outside."""
_recent = RecentCounts()


@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """List the devices that are told, and offer to switch this one on."""
    context = {
        "page_title": gettext("Messages to your devices"),
        "devices": queries.devices_of(request.user),
        "this_device": request.session.get(SESSION_KEY, ""),
        "public_key": keys.public_key(),
    }
    return render(request, "push/devices.html", context)


@require_POST
def turn_on(request: HttpRequest) -> HttpResponse:
    """Tell the browser that asks from now on."""
    user = signed_in(request)
    form = DeviceForm(request.POST)
    if not form.is_valid():
        return _refused(next(str(errors[0]) for errors in form.errors.values()))
    if not _recent.allows(str(user.pk), PER_MINUTE):
        return _refused(gettext("Too many requests. Wait a moment and try again."), status=429)
    try:
        reached(form.cleaned_data["endpoint"], user)
        device = services.turn_on(user, _subscription(form), _wishes(request, form))
    except AddressRefusedError as error:
        return _refused(said(str(error)))
    except services.TooManyDevicesError as error:
        return _refused(str(error))
    request.session[SESSION_KEY] = str(device.pk)
    messages.success(request, gettext("This device is told from now on. A first message comes."))
    return JsonResponse({"device": str(device.pk)}, status=201)


@require_POST
def set_names(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Write names into messages to a device, or leave them out."""
    device = get_object_or_404(queries.devices_of(request.user), pk=device_id)
    form = NamesForm(request.POST)
    device.has_names = form.is_valid() and form.cleaned_data["names"]
    device.save(update_fields=["has_names"])
    with_names, without = (
        gettext("Messages have names now."),
        gettext("Names are left out now."),
    )
    messages.success(request, with_names if device.has_names else without)
    return redirect("push:devices")


@require_POST
def turn_off(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Tell a device nothing more."""
    device = get_object_or_404(queries.devices_of(request.user), pk=device_id)
    services.turn_off(device)
    messages.success(
        request, gettext("Nothing more is sent to %(device)s.") % {"device": device.label}
    )
    return redirect("push:devices")


def forget_at_sign_out(request: HttpRequest | None, user: User | None, **_: object) -> None:
    """Tell a browser nothing more once its user has signed out there."""
    device_id = request.session.get(SESSION_KEY) if request is not None else None
    if user is not None and device_id is not None:
        for device in queries.devices_of(user).filter(pk=device_id):
            services.turn_off(device)


def _subscription(form: DeviceForm) -> services.Subscription:
    data = form.cleaned_data
    return services.Subscription(data["endpoint"], data["public_key"], data["auth"])


def _wishes(request: HttpRequest, form: DeviceForm) -> services.Wishes:
    return services.Wishes(
        contact=f"https://{request.get_host()}",
        label=name_of(request.headers.get("User-Agent", "")),
        language=get_language() or settings.LANGUAGE_CODE,
        has_names=form.cleaned_data["names"],
    )


def _refused(words: str, status: int = 400) -> HttpResponse:
    return JsonResponse({"error": words}, status=status)
