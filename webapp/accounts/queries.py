"""What others may ask about an account."""

from webapp.accounts.models import Consent, User


class NoSuchUserError(Exception):
    """Nobody has this name; the text says so."""


def has_consent(user_id: int) -> bool:
    """Whether this user has agreed that face embeddings are computed for their photos."""
    return Consent.objects.filter(user_id=user_id).exists()


def called(name: str | None) -> User:
    """Return the user of this name, or without one the owner of the installation.

    Raises:
        NoSuchUserError: There is no such user.
    """
    users = User.objects.called(name) if name else User.objects.filter(is_staff=True)
    found = users.order_by("pk").first()
    if found is None:
        raise NoSuchUserError(f"there is no user {name!r}" if name else "there is no owner yet")
    return found
