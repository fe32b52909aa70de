"""Which links there are, and what each of them shows."""

import hashlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from webapp.access.rights import Asker
from webapp.live.models import LiveSession
from webapp.moments.models import Reel
from webapp.moments.pages.grid import names_of
from webapp.moments.pages.night import Night, night_of
from webapp.moments.pages.showing import add_focus, for_cards
from webapp.moments.queries import moments_visible_to
from webapp.moments.reel.services import title_of
from webapp.sharing.models import TARGETS, Share

NOBODY_SAID = "Moment"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a link shows by now.

    Attributes:
        title: Without names where they are not to be seen.
        moments: Its pictures; those of a night in the order of its sections, each once.
        night: Of a concert.
        reel: A film or animation that is ready.
        session: Whose live picture is seen while its camera films.
    """

    title: str
    moments: list[Any] = field(default_factory=list)
    night: Night | None = None
    reel: Reel | None = None
    session: LiveSession | None = None

    @property
    def photo_ids(self) -> set[UUID]:
        """Which pictures may be asked for."""
        return {moment.photo_id for moment in self.moments}


def hash_of(token: str) -> str:
    """Return what of a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def shares_visible_to(user: Asker) -> QuerySet[Share]:
    """Return the links of this user, newest first."""
    return Share.objects.filter(owner_id=user.pk).select_related(*TARGETS)


def opened_by(token: str) -> Share | None:
    """Return the link that a token opens now; whoever asks, as that is what a link is for."""
    found = Share.objects.filter(token_hash=hash_of(token), owner__is_active=True)
    share = found.select_related("owner", "reel__moment", "reel__video", *TARGETS).first()
    return share if share is not None and share.is_open else None


def shown_by(share: Share) -> Shown | None:
    """Return what a link shows, ``None`` where that is discarded, lost, or not ready."""
    if share.moment is not None:
        return _moment(share, share.moment.pk)
    if share.concert is not None:
        night = night_of(share.owner_id, share.concert)
        moments = night.moments()
        _hide_names(moments, share)
        return Shown(share.concert.name, moments, night=night)
    if share.session is not None:
        return Shown(share.session.title, session=share.session)
    reel = share.reel
    if reel is None or reel.state != Reel.State.READY:
        return None
    if _shows_thrown(reel):
        return None  # What was thrown away is shown to nobody, also while it can come back.
    is_nameless = not share.shows_names
    return Shown(reel.get_kind_display().capitalize() if is_nameless else title_of(reel), reel=reel)


def _shows_thrown(reel: Reel) -> bool:
    """Whether something that a film shows is in the bin, or its moment was put aside."""
    if reel.moment is not None and (reel.moment.is_discarded or reel.moment.binned_at is not None):
        return True
    if reel.video is not None and reel.video.binned_at is not None:
        return True
    return reel.photos.exclude(binned_at=None).exists()


def _moment(share: Share, moment_id: UUID) -> Shown | None:
    mine = moments_visible_to(share.owner).filter(pk=moment_id)
    moments: list[Any] = list(for_cards(mine))
    add_focus(moments)
    for moment in moments:
        moment.names = names_of(moment)
    _hide_names(moments, share)
    return Shown(moments[0].names or NOBODY_SAID, moments) if moments else None


def _hide_names(moments: list[Any], share: Share) -> None:
    """Take the names away where the owner did not say that they may be seen."""
    for moment in moments:
        if not share.shows_names:
            moment.names = ""


def says_names(reel: Reel) -> bool:
    """Whether names are written into the picture of a film, where nobody can hide them."""
    return reel.has_names and reel.person_count > 0
