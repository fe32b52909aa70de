"""How emotions went over a concert, a live session or a video."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from webapp.access.rights import Right
from webapp.api.access import may
from webapp.api.asker import one_of
from webapp.live.queries import sessions_visible_to
from webapp.moments.pages.timeline import Chart, chart_for
from webapp.moments.queries import videos_visible_to
from webapp.photos.models import shown_zone
from webapp.photos.queries import concerts_visible_to

router = Router()


class Curve(Schema):
    """One star: ``seconds`` and, for each emotion, as many probabilities, 0 to 1."""

    person: UUID
    name: str
    seconds: list[int]
    emotions: dict[str, list[float]]


class Marker(Schema):
    """One moment on the timeline; ``url`` is the address of its page."""

    url: str
    second: float
    people: list[str]
    emotion: str
    score: float | None
    reason: str


class Timeline(Schema):
    """Emotions over time.

    Attributes:
        start: What a clock on the spot showed at second 0; empty where there was none.
        labels: The emotions that are told apart.
    """

    start: str
    curves: list[Curve]
    markers: list[Marker]
    labels: list[str]


def _shown(chart: Chart | None) -> Timeline:
    if chart is None:
        return Timeline(start="", curves=[], markers=[], labels=[])
    return Timeline.model_validate(dict(chart))


@router.get(
    "/concerts/{uuid:concert_id}/timeline",
    auth=may("read"),
    response=Timeline,
    operation_id="get_concert_timeline",
)
def concert_timeline(request: HttpRequest, concert_id: UUID) -> Timeline:
    """Tell how a concert went: all its live sessions and videos on one clock."""
    visible = concerts_visible_to(request.user, Right.SEE).select_related("owner")
    concert = one_of(visible, concert_id)
    sessions = list(sessions_visible_to(concert.owner).filter(concert=concert))
    videos = list(videos_visible_to(concert.owner).filter(concert=concert))
    return _shown(chart_for(concert.owner, sessions, videos, shown_zone(concert)))


@router.get(
    "/sessions/{uuid:session_id}/timeline",
    auth=may("read"),
    response=Timeline,
    operation_id="get_session_timeline",
)
def session_timeline(request: HttpRequest, session_id: UUID) -> Timeline:
    """Tell how a live session went."""
    session = one_of(sessions_visible_to(request.user), session_id)
    return _shown(chart_for(request.user, [session], [], session.zone))


@router.get(
    "/videos/{uuid:video_id}/timeline",
    auth=may("read"),
    response=Timeline,
    operation_id="get_video_timeline",
)
def video_timeline(request: HttpRequest, video_id: UUID) -> Timeline:
    """Tell how a video went, in seconds since it began."""
    video = one_of(videos_visible_to(request.user), video_id)
    return _shown(chart_for(request.user, [], [video], None))
