"""Users, their consent to face recognition, and the keys of their programs."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from webapp.core.words.names import FoldedField, folded
from webapp.core.zones import LONGEST_NAME


class Users(UserManager["User"]):
    """Finds users by any spelling of their name, on the sign-in page and in commands."""

    use_in_migrations = False

    def called(self, name: str) -> QuerySet["User"]:
        """Return the user of this name: as it is written, or else however it is spelt.

        Of users from before spellings were one, who differ in theirs only, none is guessed.
        """
        exact = self.filter(username=name)
        if exact.exists():
            return exact
        alike = self.filter(folded_username=folded(name))
        return alike if alike.count() == 1 else self.none()

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return who signs in by this name."""
        return self.called(username or "").get()


class User(AbstractUser):
    """Somebody who may sign in. The owner of the installation has ``is_staff``.

    Attributes:
        time_zone: IANA name of where they live; empty until a browser has told it.
    """

    time_zone = models.CharField(max_length=LONGEST_NAME, blank=True, default="")
    folded_username = FoldedField(of="username", max_length=450, db_index=True)

    objects: ClassVar[Users] = Users()


class Consent(models.Model):
    """The recorded agreement to compute face embeddings: who, when, and to which text.

    No row means no consent; taking it back deletes the row.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consent"
    )
    text_version = models.CharField(max_length=20)
    given_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"user {self.user_id}, text {self.text_version}"


class SetupToken(models.Model):
    """The digest of the one-time link that makes the owner account.

    At most one row; it goes with the first use. The link itself is printed once and kept nowhere.
    """

    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"made {self.created_at:%Y-%m-%d}"


class WrongPassword(models.Model):
    """One wrong try to sign in, kept for an hour by ``webapp.accounts.lockout``."""

    name = models.CharField(max_length=32)
    source = models.CharField(max_length=60)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["source", "name", "at"], name="wrong_by_source")]

    def __str__(self) -> str:
        return f"at {self.at:%Y-%m-%d %H:%M:%S}"


class ApiKey(models.Model):
    """What lets a program act for a user, within ``scopes``; the key itself is kept nowhere.

    Attributes:
        name: What its owner calls it, to know it again.
        digest: SHA-256 of the key. A password needs a slow hash because people choose it; a key is
            256 random bits, which nobody can try through.
        prefix: Its first letters, to tell it from others.
        scopes: What it may do; names of ``webapp.accounts.keys.SCOPES``.
        expires_at: When it stops working; empty for never.
        last_used_at: To the minute.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=20)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"key {self.pk} of user {self.owner_id}"

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


class ProviderIdentity(models.Model):
    """Somebody of an OpenID Connect provider, and the account that is theirs here.

    Attributes:
        issuer: The provider, as it calls itself.
        subject: The person, as the provider numbers them; never given to anybody else.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities"
    )
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_per_identity")
        ]

    def __str__(self) -> str:
        return f"identity {self.pk} of user {self.user_id}"
