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
from webapp.moments.models import Moment, Reel, Video
from webapp.photos.models import Concert
from webapp.sharing import bystanders
from webapp.sharing.models import Share
from webapp.sharing.queries import hash_of, says_names, shown_by

Target: TypeAlias = Moment | Reel | Concert | LiveSession | Video
_FIELDS: dict[type, str] = {
    Moment: "moment",
    Reel: "reel",
    Concert: "concert",
    LiveSession: "session",
    Video: "video",
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
    blurs_others: bool = False,
    is_timeline: bool = False,
) -> tuple[Share, str]:
    """Make a link to something of its owner.

    Args:
        owner: Whose it is.
        target: What is shown; of a video there is only the timeline.
        password: Empty for none.
        days: How long it works; as long as nobody closes it without.
        shows_names: Whether viewers see who is shown.
        blurs_others: Whether nobody who is not named is recognised in its pictures.
        is_timeline: Whether it shows how emotions went.

    Returns:
        The link and its secret, which is stored nowhere.

    Raises:
        ShareRefusedError: Names are written into the film and shall not be seen, nobody can be
            hidden in it, or there are too many links.
    """
    _check_film(target, shows_names=shows_names)
    if blurs_others and not is_timeline:
        _check_pictures(target)
    _check_room(owner)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    share = Share.objects.create(
        owner=owner,
        token_hash=hash_of(token),
        password=make_password(password) if password else "",
        shows_names=shows_names,
        blurs_others=blurs_others,
        is_timeline=is_timeline,
        expires_at=timezone.now() + timedelta(days=days) if days else None,
        **{_FIELDS[type(target)]: target},
    )
    _prepare_pictures(share)
    return share, token


def _prepare_pictures(share: Share) -> None:
    """Have the pictures of a new link made that are not sent as they are."""
    shown = shown_by(share) if share.blurs_others else None
    if shown is not None:
        bystanders.ask_for(shown.photo_ids, share.owner_id, also_failed=True)


def _check_room(owner: User) -> None:
    if Share.objects.filter(owner=owner, revoked_at=None).count() >= MOST_OPEN:
        raise ShareRefusedError(
            gettext("You have %(count)s links. Close some that nobody needs.")
            % {"count": MOST_OPEN}
        )


def _check_film(target: Target, *, shows_names: bool) -> None:
    if isinstance(target, Reel) and says_names(target) and not shows_names:
        raise ShareRefusedError(
            gettext("Names are written into this film. Show names, or make a film without them.")
        )


def _check_pictures(target: Target) -> None:
    """Refuse what moves: there somebody would be missed in one of its frames."""
    if isinstance(target, Reel):
        raise ShareRefusedError(
            gettext("In a film nobody can be blurred yet. Share its moments instead.")
        )
    if isinstance(target, LiveSession):
        raise ShareRefusedError(
            gettext(
                "In a live picture nobody can be blurred: looking for every face in every frame "
                "would take longer than the picture may. Share its timeline or moments instead."
            )
        )


def note_view(share: Share) -> None:
    """Count that somebody opened the page of a link."""
    Share.objects.filter(pk=share.pk).update(views=F("views") + 1, last_viewed_at=timezone.now())


def revoke(share: Share) -> None:
    """Close a link for good; closing it twice changes nothing."""
    Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=timezone.now())
