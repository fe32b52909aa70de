"""Making a link, counting who opens it, and closing it."""

import secrets
from datetime import timedelta
from typing import TypeAlias

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.live.models import LiveSession
from webapp.moments.models import Moment, Reel
from webapp.photos.models import Concert
from webapp.sharing.models import Share
from webapp.sharing.queries import hash_of, says_names

Target: TypeAlias = Moment | Reel | Concert | LiveSession
_FIELDS: dict[type, str] = {
    Moment: "moment",
    Reel: "reel",
    Concert: "concert",
    LiveSession: "session",
}
TOKEN_BYTES = 32
MOST_OPEN = 500
"""Links of one user that work."""


class ShareRefusedError(Exception):
    """No link can be made of this; the text says why, for the user."""


def make_share(
    owner: User,
    target: Target,
    *,
    password: str = "",
    days: int | None = None,
    shows_names: bool = False,
) -> tuple[Share, str]:
    """Make a link to something of its owner.

    Returns:
        The link and its secret, which is stored nowhere.

    Raises:
        ShareRefusedError: Names are written into the film and shall not be seen, or there are too
            many links.
    """
    if isinstance(target, Reel) and says_names(target) and not shows_names:
        raise ShareRefusedError(
            gettext("Names are written into this film. Show names, or make a film without them.")
        )
    if Share.objects.filter(owner=owner, revoked_at=None).count() >= MOST_OPEN:
        raise ShareRefusedError(
            gettext("You have %(count)s links. Close some that nobody needs.")
            % {"count": MOST_OPEN}
        )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    field = _FIELDS[type(target)]
    share = Share.objects.create(
        owner=owner,
        token_hash=hash_of(token),
        password=make_password(password) if password else "",
        shows_names=shows_names,
        expires_at=timezone.now() + timedelta(days=days) if days else None,
        **{field: target},
    )
    return share, token


def note_view(share: Share) -> None:
    """Count that somebody opened the page of a link."""
    Share.objects.filter(pk=share.pk).update(views=F("views") + 1, last_viewed_at=timezone.now())


def revoke(share: Share) -> None:
    """Close a link for good; closing it twice changes nothing."""
    Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=timezone.now())
