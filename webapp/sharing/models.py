"""A link to one thing of one owner."""

from functools import reduce
from operator import or_
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from webapp.live.models import LiveSession
from webapp.moments.models import Moment, Reel, Video
from webapp.photos.models import Concert, Photo

TARGETS = ("moment", "reel", "concert", "session", "video")
TIMELINE = "timeline"


def _only(target: str) -> models.Q:
    """Return that a link is to this and to nothing else."""
    return models.Q(**{f"{name}__isnull": name != target for name in TARGETS})


class Share(models.Model):
    """What somebody without an account may see, by whom, and until when.

    Attributes:
        token_hash: SHA-256 of the secret in the address. The secret itself is shown once and kept
            nowhere, so that who reads the database opens nothing.
        password: Django's hash of it; empty for none.
        shows_names: Whether viewers see who is shown.
        blurs_others: Whether everybody who is not named is made unrecognisable in its pictures.
        is_timeline: Whether it is to how emotions went over its concert, session or video; of a
            video there is nothing else to be seen.
        views: How often its page was opened.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares"
    )
    moment = models.ForeignKey(
        Moment, on_delete=models.CASCADE, null=True, blank=True, related_name="shares"
    )
    reel = models.ForeignKey(
        Reel, on_delete=models.CASCADE, null=True, blank=True, related_name="shares"
    )
    concert = models.ForeignKey(
        Concert, on_delete=models.CASCADE, null=True, blank=True, related_name="shares"
    )
    session = models.ForeignKey(
        LiveSession, on_delete=models.CASCADE, null=True, blank=True, related_name="shares"
    )
    video = models.ForeignKey(
        Video, on_delete=models.CASCADE, null=True, blank=True, related_name="shares"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    password = models.CharField(max_length=128, blank=True)
    shows_names = models.BooleanField(default=False)
    blurs_others = models.BooleanField(default=False)
    is_timeline = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    views = models.PositiveIntegerField(default=0)
    last_viewed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, map(_only, TARGETS)), name="share_of_one_thing"
            ),
            models.CheckConstraint(
                condition=models.Q(is_timeline=True, moment=None, reel=None)
                | models.Q(is_timeline=False, video=None),
                name="share_of_a_timeline",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        """Whether the link works now."""
        is_over = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not is_over

    @property
    def kind(self) -> str:
        """What is shared: one of ``TARGETS``, or ``TIMELINE``."""
        if self.is_timeline:
            return TIMELINE
        return next(name for name in TARGETS if getattr(self, f"{name}_id") is not None)


class HiddenPhoto(models.Model):
    """Of which faces the files of a photo were made in which only the named are recognised.

    Attributes:
        state: What :func:`webapp.sharing.bystanders.state_of` said of its faces then.
    """

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    state = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.photo_id)
