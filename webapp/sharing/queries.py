"""Which links there are, and what each of them shows."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from webapp.access.rights import Asker
from webapp.live.models import LiveSession
from webapp.live.queries import sessions_visible_to
from webapp.moments.models import Moment, Reel, Video
from webapp.moments.pages.grid import names_of
from webapp.moments.pages.night import Night, night_of, pictures_of_night
from webapp.moments.pages.showing import add_focus, for_cards
from webapp.moments.pages.timeline import MOST_MOMENTS, Chart, Curve, Marker, chart_for
from webapp.moments.queries import moments_visible_to, videos_visible_to
from webapp.moments.reel.services import title_of
from webapp.photos.models import shown_zone
from webapp.sharing.models import TARGETS, Share

NOBODY_SAID = "Moment"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a link shows by now.

    Attributes:
        title: Without names where they are not to be seen.
        moments: Its pictures; those of a night in the order of its sections, each once.
        chart: Of a timeline, once anything is read; with nobody's name where those are hidden.
        night: Of a concert.
        reel: A film or animation that is ready.
        session: Whose live picture is seen while its camera films.
    """

    title: str
    chart: Chart | None = None
    moments: list[Any] = field(default_factory=list)
    night: Night | None = None
    reel: Reel | None = None
    session: LiveSession | None = None

    @property
    def photo_ids(self) -> set[UUID]:
        """Which pictures may be asked for."""
        return {moment.photo_id for moment in self.moments}


@dataclass(frozen=True, slots=True)
class _Sources:
    """What a timeline is of, and where its clock hangs."""

    title: str
    sessions: list[LiveSession]
    videos: list[Video]
    zone: tzinfo | None


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
    if share.is_timeline:
        return _timeline(share)
    if share.moment is not None:
        return _moment(share, share.moment.pk)
    if share.concert is not None:
        night = night_of(share.owner_id, share.concert)
        moments = night.moments()
        _hide_names(moments, share)
        return Shown(share.concert.name, moments=moments, night=night)
    if share.session is not None:
        return Shown(share.session.title, session=share.session)
    reel = share.reel
    if reel is None or reel.state != Reel.State.READY:
        return None
    if _shows_thrown(reel):
        return None  # What was thrown away is shown to nobody, also while it can come back.
    is_nameless = not share.shows_names
    return Shown(reel.get_kind_display().capitalize() if is_nameless else title_of(reel), reel=reel)


def shows_picture(share: Share, photo_id: UUID) -> bool:
    """Whether a link shows a photo by now."""
    if not share.is_timeline:
        if share.concert is not None:  # Without its cards, which each picture would read anew.
            return photo_id in pictures_of_night(share.owner_id, share.concert)
        shown = shown_by(share)
        return shown is not None and photo_id in shown.photo_ids
    sources = _sources(share)
    return sources is not None and _moments_on(share, sources).filter(photo=photo_id).exists()


def _timeline(share: Share) -> Shown | None:
    sources = _sources(share)
    if sources is None:
        return None
    chart = chart_for(
        share.owner,
        sources.sessions,
        sources.videos,
        sources.zone,
        _picture_of,
    )
    if chart is not None and not share.shows_names:
        chart = nameless(chart)
    has_curves = chart is not None and bool(chart["curves"])
    moments = list(_moments_on(share, sources).only("photo_id")[:MOST_MOMENTS])
    return Shown(sources.title, chart if has_curves else None, moments)


def _sources(share: Share) -> _Sources | None:
    """Return what a timeline is of; ``None`` where that lies in the bin."""
    if share.session is not None:
        return _Sources(share.session.title, [share.session], [], share.session.zone)
    if share.video is not None:
        is_there = videos_visible_to(share.owner).filter(pk=share.video.pk).exists()
        title = share.video.display_name if share.shows_names else gettext("Video")
        return _Sources(title, [], [share.video], None) if is_there else None
    if share.concert is None:
        return None
    sessions = list(sessions_visible_to(share.owner).filter(concert=share.concert))
    videos = list(videos_visible_to(share.owner).filter(concert=share.concert))
    return _Sources(share.concert.name, sessions, videos, shown_zone(share.concert))


def _moments_on(share: Share, sources: _Sources) -> QuerySet[Moment]:
    within = Q(session__in=sources.sessions) | Q(video__in=sources.videos)
    return moments_visible_to(share.owner).filter(within).order_by("at")


def nameless(chart: Chart) -> Chart:
    """Return a chart whose curves are numbered, and which says of no moment whose it is."""
    numbered = enumerate(chart["curves"], 1)
    curves: list[Curve] = [
        {**curve, "person": str(number), "name": gettext("Star %(number)d") % {"number": number}}
        for number, curve in numbered
    ]
    markers: list[Marker] = [{**marker, "people": []} for marker in chart["markers"]]
    return {**chart, "curves": curves, "markers": markers}


def without_links(chart: Chart, photo_ids: Collection[UUID]) -> Chart:
    """Return a chart on which moments lead nowhere whose picture is one of these."""
    nowhere = {f"{photo_id}/display/" for photo_id in photo_ids}
    markers: list[Marker] = [
        {**marker, "url": "" if marker["url"] in nowhere else marker["url"]}
        for marker in chart["markers"]
    ]
    return {**chart, "markers": markers}


def _picture_of(moment: Moment) -> str:
    """Return the address of a moment's picture, from the page of the link."""
    return f"{moment.photo_id}/display/"


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
    return Shown(moments[0].names or NOBODY_SAID, moments=moments) if moments else None


def _hide_names(moments: list[Any], share: Share) -> None:
    """Take the names away where the owner did not say that they may be seen."""
    for moment in moments:
        if not share.shows_names:
            moment.names = ""


def says_names(reel: Reel) -> bool:
    """Whether names are written into the picture of a film, where nobody can hide them."""
    return reel.has_names and reel.person_count > 0
