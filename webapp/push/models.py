"""Devices that were switched on, and what each is still to be told."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

LONGEST_ENDPOINT = 800
LONGEST_LABEL = 80


class Device(models.Model):
    """A browser that its user wants to be told, until one of them takes that back.

    Attributes:
        endpoint: Where its push service takes messages; whoever knows it is let in there.
        public_key: Of the browser, a point of P-256 in base64url; messages are encrypted for it.
        auth: A secret of the browser, in base64url.
        contact: The address of this site as the browser called it, told to the push service so
            that it knows whom to ask about misuse.
        label: Which browser on which system, for the list of devices.
        language: In which it is told.
        has_names: Whether names of stars, films and concerts are written into messages.
        told_at: When something last arrived at its push service.
        trouble: Why the last message did not, as a sentence; empty where it did.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices"
    )
    endpoint = models.CharField(max_length=LONGEST_ENDPOINT, unique=True)
    public_key = models.CharField(max_length=90)
    auth = models.CharField(max_length=30)
    contact = models.CharField(max_length=300)
    label = models.CharField(max_length=LONGEST_LABEL)
    language = models.CharField(max_length=10)
    has_names = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return f"{self.label} of user {self.user_id}"


class Notice(models.Model):
    """Something that a device is to be told. What arrived or was given up has no row.

    It holds no words: they are made when it is sent, from what is there and may be seen then.

    Attributes:
        subject_id: The video or session that is over; of a greeting the device itself.
        due_at: When it is tried next.
    """

    class Kind(models.TextChoices):
        """What it tells."""

        GREETING = "greeting", gettext_lazy("This device is told from now on")
        VIDEO = "video", gettext_lazy("A video is looked through")
        SESSION = "session", gettext_lazy("A live session is over")

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject_id = models.UUIDField()
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("device", "kind", "subject_id"), name="push_notice_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} for device {self.device_id}"
