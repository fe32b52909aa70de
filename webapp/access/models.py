"""Members of a concert, invitations to it, and what its members like.

Concerts and photos belong to an app above, which asks this one who may see them.
"""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy


class Role(models.TextChoices):
    """What somebody is at a concert of another; ``rights.RIGHTS`` says what each may do."""

    FAN = "fan", gettext_lazy("Fan")
    CURATOR = "curator", gettext_lazy("Curator")


class Member(models.Model):
    """Somebody with whom the owner of a concert shares it."""

    concert = models.ForeignKey("photos.Concert", on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=7, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["concert", "user"], name="one_role_per_member")
        ]
        indexes = [models.Index(fields=["user", "role", "concert"], name="member_concerts")]

    def __str__(self) -> str:
        return f"user {self.user_id}, {self.role} of concert {self.concert_id}"


class Invitation(models.Model):
    """A link by which people join a concert, with an account or by making one.

    Attributes:
        token_hash: SHA-256 of the secret in the address, which is shown once and kept nowhere.
        role: What they become.
        uses_left: How many more people may join by it.
        revoked_at: When its owner closed it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    concert = models.ForeignKey(
        "photos.Concert", on_delete=models.CASCADE, related_name="invitations"
    )
    role = models.CharField(max_length=7, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    uses_left = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "id")

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        """Whether somebody can join by it now."""
        is_over = self.uses_left == 0 or self.expires_at <= timezone.now()
        return self.revoked_at is None and not is_over


class Like(models.Model):
    """Somebody likes a photo; unlike a favourite, which is its owner's alone."""

    photo = models.ForeignKey("photos.Photo", on_delete=models.CASCADE, related_name="likes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "user"], name="one_like_per_user")]

    def __str__(self) -> str:
        return f"user {self.user_id} likes photo {self.photo_id}"
