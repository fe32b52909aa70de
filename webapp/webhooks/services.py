"""Making webhooks, and sending what is due."""

import logging
import secrets
import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.core import events, jobs
from webapp.webhooks import sending
from webapp.webhooks.models import Delivery, Webhook
from webapp.webhooks.queries import (
    active_webhooks,
    due_deliveries,
    sent_within_a_minute,
    webhooks_managed_by,
)

logger = logging.getLogger(__name__)

STAGE = "tell-webhook"
MOST_WEBHOOKS = 10
MOST_PER_MINUTE = 60
LONGEST_TURN_SECONDS = 15.0
"""Of one job, after which others have their turn."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 12 * 60))
"""After each try that did not work; then it is given up."""
REST = timedelta(seconds=30)
"""After such a try nothing at all is sent to that address for so long."""
MOST_KEPT = 500
KEPT_FOR = timedelta(days=30)


class TooManyWebhooksError(Exception):
    """There are as many as may be; the text is for the owner."""


def make_webhook(owner: User, address: str, kinds: Sequence[str]) -> Webhook:
    """Make a webhook that is told of what happens from now on.

    Raises:
        TooManyWebhooksError: One must be deleted first.
    """
    if webhooks_managed_by(owner).count() >= MOST_WEBHOOKS:
        raise TooManyWebhooksError(
            gettext("There are %(count)s webhooks. Delete one first.") % {"count": MOST_WEBHOOKS}
        )
    return Webhook.objects.create(
        owner=owner,
        address=address,
        salt=secrets.token_urlsafe(32),
        kinds=[kind for kind in Delivery.Kind.values if kind in kinds],
        event_id=events.last_id(),
    )


def delete_webhook(webhook: Webhook) -> None:
    """Tell an address nothing more, and forget what it was told."""
    with transaction.atomic():
        jobs.cancel(webhook.pk)
        webhook.delete()


@transaction.atomic
def send_again(delivery: Delivery) -> None:
    """Have something told once more, now, whatever became of it before."""
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.WAITING, attempts=0, due_at=timezone.now()
    )
    Webhook.objects.filter(pk=delivery.webhook_id).update(rests_until=timezone.now())
    queue(delivery.webhook)


def queue(webhook: Webhook) -> None:
    """Have what is due sent, once the transaction is over."""
    if not jobs.is_open(STAGE, webhook.pk):
        jobs.enqueue(STAGE, webhook.pk, webhook.owner_id)


def queue_due() -> None:
    """Have everything sent that is due, at each address that does not rest."""
    now = timezone.now()
    due = Q(deliveries__state=Delivery.State.WAITING, deliveries__due_at__lte=now)
    for webhook in active_webhooks().filter(due, rests_until__lte=now).distinct():
        if sent_within_a_minute(webhook) < MOST_PER_MINUTE:
            with transaction.atomic():
                queue(webhook)


def tell(claim: jobs.Claim) -> None:
    """Send what is due to one webhook, until one does not work; the upkeep asks for the rest."""
    webhook = active_webhooks().filter(pk=claim.subject_id).first()
    if webhook is None:  # It, or the right of its owner, is gone; there is nothing to do.
        return
    ends_at = time.monotonic() + LONGEST_TURN_SECONDS
    allowed = MOST_PER_MINUTE - sent_within_a_minute(webhook)
    for delivery in list(due_deliveries(webhook, timezone.now())[: max(allowed, 0)]):
        delivery.webhook = webhook
        if time.monotonic() > ends_at or not jobs.holds(claim) or not _try(delivery):
            break


def _try(delivery: Delivery) -> bool:
    """Send something once and note how it went; returns whether it arrived."""
    answer = sending.send(delivery)
    delivery.attempts += 1
    delivery.sent_at, delivery.status = timezone.now(), answer.status
    delivery.trouble = answer.trouble
    if not answer.trouble:
        delivery.state = Delivery.State.DELIVERED
    elif delivery.attempts > len(PAUSES):
        delivery.state = Delivery.State.FAILED
    else:
        delivery.due_at = delivery.sent_at + PAUSES[delivery.attempts - 1]
    # An update: what its owner has deleted meanwhile is not written back.
    fields = ("attempts", "sent_at", "status", "trouble", "state", "due_at")
    noted = {field: getattr(delivery, field) for field in fields}
    Delivery.objects.filter(pk=delivery.pk).update(**noted)
    if answer.trouble:
        logger.info("webhook %s: try %d did not work", delivery.webhook_id, delivery.attempts)
        rest = delivery.sent_at + REST
        Webhook.objects.filter(pk=delivery.webhook_id).update(rests_until=rest)
    return not answer.trouble


def prune() -> None:
    """Forget what was told long ago, and more than anybody looks through."""
    over = Delivery.objects.exclude(state=Delivery.State.WAITING)
    over.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    for webhook in Webhook.objects.all():
        newest = webhook.deliveries.order_by("-created_at", "-id")
        last = list(newest.values_list("created_at", flat=True)[MOST_KEPT : MOST_KEPT + 1])
        if last:
            over.filter(webhook=webhook, created_at__lte=last[0]).delete()
