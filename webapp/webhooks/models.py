"""Webhooks, what is to be told to each, and concerts that somebody waits for."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from webapp.photos.models import Concert

LONGEST_ADDRESS = 500


class Webhook(models.Model):
    """An address that is told of what happens in its owner's library.

    Attributes:
        salt: Random; the secret is made of it and of the key of the installation, and kept nowhere.
        kinds: What it is told of; names of ``Delivery.Kind``.
        event_id: The last event that was looked at for it.
        rests_until: Before then nothing is sent, as the last try did not work.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    address = models.CharField(max_length=LONGEST_ADDRESS)
    salt = models.CharField(max_length=43)
    kinds = models.JSONField(default=list)
    event_id = models.PositiveBigIntegerField(default=0)
    rests_until = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return f"webhook {self.pk} of user {self.owner_id}"


class Delivery(models.Model):
    """One thing to be told to one webhook, and how that went.

    Attributes:
        content: What is told, as JSON.
        due_at: When it is tried next, while it waits.
        sent_at: When it was tried last; empty before.
        status: What the other side answered; empty where nothing came.
        trouble: Why the last try did not work, as a sentence for its owner; empty where it did.
    """

    class Kind(models.TextChoices):
        """What may be told."""

        MOMENT_READY = "moment_ready", gettext_lazy("A moment has its picture")
        VIDEO_READY = "video_ready", gettext_lazy("A video is looked through")
        CONCERT_DONE = "concert_done", gettext_lazy("All of a concert is looked through")

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", gettext_lazy("Waits")
        DELIVERED = "delivered", gettext_lazy("Delivered")
        FAILED = "failed", gettext_lazy("Given up")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    content = models.JSONField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    trouble = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (
            models.Index(fields=("webhook", "-created_at", "-id"), name="delivery_log"),
            models.Index(fields=("webhook", "sent_at"), name="delivery_sent"),
            models.Index(
                fields=("due_at",),
                condition=models.Q(state="waiting"),
                name="delivery_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"


class BusyConcert(models.Model):
    """A concert to which something has come, for a webhook that waits until all is done.

    Attributes:
        last_at: When something of it was last ready.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="busy_concerts")
    concert = models.ForeignKey(Concert, on_delete=models.CASCADE, related_name="+")
    last_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("webhook", "concert"), name="webhooks_busy_concert_once"
            ),
        )

    def __str__(self) -> str:
        return f"concert {self.concert_id} for webhook {self.webhook_id}"
