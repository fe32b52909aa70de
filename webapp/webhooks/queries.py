"""What may be read of webhooks, and by whom."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from webapp.access.rights import Asker
from webapp.accounts.models import User
from webapp.webhooks.models import Delivery, Webhook

MOST_SHOWN = 50


def webhooks_managed_by(user: Asker) -> QuerySet[Webhook]:
    """Return the webhooks of whoever runs the installation; nobody else has any."""
    own = Webhook.objects.filter(owner_id=user.pk)
    return own if isinstance(user, User) and user.is_staff else own.none()


def active_webhooks() -> QuerySet[Webhook]:
    """Return those of owners who may sign in and still run the installation."""
    return Webhook.objects.filter(owner__is_active=True, owner__is_staff=True)


def last_deliveries(webhook: Webhook) -> list[Delivery]:
    """Return what was told last, newest first."""
    return list(webhook.deliveries.order_by("-created_at", "-id")[:MOST_SHOWN])


def due_deliveries(webhook: Webhook, now: datetime) -> QuerySet[Delivery]:
    """Return what is to be told now, oldest first."""
    waiting = webhook.deliveries.filter(state=Delivery.State.WAITING, due_at__lte=now)
    return waiting.order_by("due_at", "id")


def sent_within_a_minute(webhook: Webhook) -> int:
    """Return how many requests were sent to a webhook lately."""
    since = timezone.now() - timedelta(minutes=1)
    return webhook.deliveries.filter(sent_at__gt=since).count()
