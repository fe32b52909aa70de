"""Writes to accounts: the one-time set-up, members and consent."""

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import Consent, SetupToken, User
from webapp.accounts.signals import faces_forgotten, locked_out

CONSENT_VERSION = "2026-11.2"
"""Version of the text in ``templates/accounts/_consent_text.html``; a new text needs a new one."""


class SetupClosedError(Exception):
    """The set-up link was used, replaced or never made."""


def new_setup_token() -> str | None:
    """Make a one-time set-up token, replacing an unused one; ``None`` once there is an owner.

    Only its digest is stored: reading the database does not make anybody the owner.
    """
    with transaction.atomic():
        if User.objects.filter(is_staff=True).exists():
            return None
        SetupToken.objects.all().delete()
        token = secrets.token_urlsafe(24)
        SetupToken.objects.create(digest=_digest(token))
    return token


def is_setup_token(token: str) -> bool:
    """Whether this token may still make the owner."""
    return SetupToken.objects.filter(digest=_digest(token)).exists()


def create_owner(token: str, username: str, password: str) -> User:
    """Make the owner account and use up the token.

    Raises:
        SetupClosedError: The token is wrong, used, or there is an owner already.
    """
    with transaction.atomic():
        used, _ = SetupToken.objects.filter(digest=_digest(token)).delete()
        if not used or User.objects.filter(is_staff=True).exists():
            raise SetupClosedError
        return User.objects.create_user(username=username, password=password, is_staff=True)


def add_member(username: str, password: str) -> User:
    """Make an account that sees only its own photos."""
    return User.objects.create_user(username=username, password=password)


@transaction.atomic
def set_active(user: User, *, active: bool) -> None:
    """Let a member in or keep them out; open sockets end within seconds."""
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        locked_out.send(user.pk)


def give_consent(user: User) -> Consent:
    """Record that the user agrees, now, to the present text."""
    consent, _ = Consent.objects.update_or_create(
        user=user, defaults={"text_version": CONSENT_VERSION, "given_at": timezone.now()}
    )
    return consent


def withdraw_consent(user: User) -> None:
    """Record that the user no longer agrees: no further embedding is computed."""
    Consent.objects.filter(user=user).delete()


def withdraw_consent_and_erase(user: User) -> None:
    """Take consent back for the past as well: every embedding, person and reference goes."""
    with transaction.atomic():
        withdraw_consent(user)
        faces_forgotten.send(user.pk)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
