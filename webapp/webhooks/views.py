"""The pages of webhooks, for whoever runs the installation: make, delete, look what was told."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts.asker import signed_in
from webapp.webhooks import queries, services, signing
from webapp.webhooks.forms import WebhookForm


@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the webhooks; a POST makes one, and only its answer ever shows the secret."""
    owner = signed_in(request)
    if not owner.is_staff:  # Requests leave from the server, so it is its owner's to say whereto.
        raise PermissionDenied
    form = WebhookForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.make_webhook(owner, data["address"], data["kinds"])
        except services.TooManyWebhooksError as error:
            form.add_error(None, str(error))
        else:
            form = WebhookForm()
    context = {
        "page_title": gettext("Webhooks"),
        "form": form,
        "made": made,
        "secret": signing.secret_of(made) if made else "",
        "webhooks": queries.webhooks_managed_by(owner),
        "are_private_allowed": settings.WEBHOOK_PRIVATE_TARGETS,
    }
    is_refused = form.is_bound and bool(form.errors)
    return render(request, "webhooks/webhooks.html", context, status=400 if is_refused else 200)


@require_safe
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Show what a webhook was told last, and how that went."""
    found = get_object_or_404(queries.webhooks_managed_by(request.user), pk=webhook_id)
    context = {
        "page_title": gettext("What was told"),
        "webhook": found,
        "deliveries": queries.last_deliveries(found),
    }
    return render(request, "webhooks/webhook.html", context)


@require_POST
def delete(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Tell an address nothing more."""
    found = get_object_or_404(queries.webhooks_managed_by(request.user), pk=webhook_id)
    services.delete_webhook(found)
    messages.success(request, gettext("The webhook is deleted. Nothing more is sent there."))
    return redirect("webhooks:list")


@require_POST
def send_again(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Have something told once more."""
    found = get_object_or_404(queries.webhooks_managed_by(request.user), pk=webhook_id)
    services.send_again(get_object_or_404(found.deliveries, pk=delivery_id))
    messages.success(request, gettext("It is sent again in a moment."))
    return redirect("webhooks:webhook", webhook_id=found.pk)
