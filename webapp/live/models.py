"""A live session: one camera filming, and who it belongs to; and cameras that the server reads."""

from datetime import tzinfo
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from webapp.photos.models import shown_zone

TITLE_LENGTH = 120
LONGEST_ADDRESS = 500


class LiveSession(models.Model):
    """One camera's time at a concert. Pictures pass through memory only, but for chosen moments.

    Attributes:
        concert: Where it films, if that is known.
        ended_at: Set together with the state; an ended session takes no camera and no viewer.
        followed: The star whom the camera is there for; nobody where it is for all of them.
        on_air_until: While a camera films, a little ahead of now and moved on by its frames; after
            that, when the last frame came. Empty where nobody has filmed yet.
    """

    class State(models.TextChoices):
        """Whether a camera may film."""

        OPEN = "open"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="live_sessions"
    )
    concert = models.ForeignKey(
        "photos.Concert",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="live_sessions",
    )
    title = models.CharField(max_length=TITLE_LENGTH)
    followed = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    on_air_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-started_at", "id")
        indexes = [models.Index(fields=["owner", "-started_at"], name="live_session_list")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at__isnull=True)
                | models.Q(state="ended", ended_at__isnull=False),
                name="live_session_has_an_end_when_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> tzinfo:
        """In which its times are shown."""
        return shown_zone(self.concert)

    @property
    def is_open(self) -> bool:
        """Whether a camera may film."""
        return self.state == self.State.OPEN


class Source(models.Model):
    """A camera that the server itself reads: in its network, or plugged into it.

    Attributes:
        concert: Where it films, if that is known.
        address: Of a camera in the network, without name and password; else the path of a device.
        secret: Name and password of the camera, encrypted with the key of the installation.
        session: In which it films, or did last.
        is_on: Whether its owner wants it to film; it does so again after every restart.
        state: How far it is, while it is on.
        trouble: Why it does not film, as a sentence for its owner; empty where it does.
        since: When state or trouble came to be.
        place: The installation (data folder and machine) that reads it.
    """

    class Kind(models.TextChoices):
        """How it is reached."""

        NETWORK = "network", gettext_lazy("Network camera")
        DEVICE = "device", gettext_lazy("Camera of the server")

    class State(models.TextChoices):
        """How far it is."""

        CONNECTING = "connecting", gettext_lazy("Connecting")
        ON_AIR = "on_air", gettext_lazy("On air")
        RECONNECTING = "reconnecting", gettext_lazy("Reconnecting")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="live_sources"
    )
    name = models.CharField(max_length=TITLE_LENGTH)
    concert = models.ForeignKey(
        "photos.Concert", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    address = models.CharField(max_length=LONGEST_ADDRESS)
    secret = models.TextField(blank=True, default="")
    session = models.ForeignKey(
        LiveSession, on_delete=models.SET_NULL, null=True, blank=True, related_name="sources"
    )
    is_on = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CONNECTING)
    trouble = models.CharField(max_length=300, blank=True, default="")
    since = models.DateTimeField(default=timezone.now)
    place = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return f"source {self.pk} of user {self.owner_id}"
