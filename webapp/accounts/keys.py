"""Keys by which programs act for a user: made, found by what a program shows, and revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from webapp.accounts.models import ApiKey, User

SCOPES = {
    "read": gettext_lazy("Look at photos, people, concerts, moments and videos"),
    "upload": gettext_lazy("Add photos and concerts"),
    "name": gettext_lazy("Say who a face shows, rename people and groups"),
    "predict": gettext_lazy("Send pictures to be read and forgotten"),
    "admin": gettext_lazy("Delete photos, people, groups, concerts and moments"),
}
"""What a key may do, and how that is said to people. No scope includes another."""

MOST_KEYS = 50
NOTED_EVERY = timedelta(minutes=1)
_MARK = "encore_"
"""Keys begin with it, so that people and scanners know one that lies around."""
_RANDOM_BYTES = 32
_SHOWN_LETTERS = len(_MARK) + 6


class TooManyKeysError(Exception):
    """The user has as many keys as anybody may; the text is for them."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that has just been made, and what a program shows; the only time that it is known."""

    key: ApiKey
    token: str


def keys_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[ApiKey]:
    """Return the keys of this user, newest first."""
    return ApiKey.objects.filter(owner_id=user.pk).order_by("-created_at", "-id")


def make_key(user: User, name: str, scopes: Sequence[str], days: int | None) -> MadeKey:
    """Make a key that works for so many days, or until it is revoked.

    Raises:
        TooManyKeysError: One must be revoked first.
    """
    if keys_of(user).count() >= MOST_KEYS:
        raise TooManyKeysError(
            gettext("You have %(count)s keys. Revoke one first.") % {"count": MOST_KEYS}
        )
    token = _MARK + secrets.token_urlsafe(_RANDOM_BYTES)
    key = ApiKey.objects.create(
        owner=user,
        name=name,
        digest=_digest(token),
        prefix=token[:_SHOWN_LETTERS],
        scopes=[scope for scope in SCOPES if scope in scopes],
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
    return MadeKey(key, token)


def find_key(token: str) -> ApiKey | None:
    """Return the key that a program shows, with its owner, and note that it was used.

    Returns:
        ``None`` for one that never was, was revoked or has expired, and while its owner may not
        sign in.
    """
    found = ApiKey.objects.select_related("owner").filter(digest=_digest(token))
    key = found.filter(owner__is_active=True).first()
    if key is None or key.is_expired:
        return None
    _note_use(key)
    return key


def revoke(key: ApiKey) -> None:
    """Let a key work no more."""
    key.delete()


def _note_use(key: ApiKey) -> None:
    """Write when a key was used, once a minute: a busy program is no reason to write each time."""
    now = timezone.now()
    if key.last_used_at is not None and now - key.last_used_at < NOTED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
