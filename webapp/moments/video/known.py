"""Which of the moments that a slice of a video gave are new."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

from webapp.moments.models import Moment, MomentFrame, Video
from webapp.moments.video.services import kept_moments
from webapp.vision import box_iou
from webapp.vision.chosen import ChosenMoment

APART_SECONDS = 3.0
"""Between two moments of one star (``inference.moments.kept``)."""

_SAME_FACE_IOU = 0.3


class _Known(NamedTuple):
    """A stored moment: when it is in milliseconds of the video, where its face is, and whose."""

    at: float
    box: tuple[float, float, float, float] | None
    people: set[UUID]


def key_of(video: Video, chosen: ChosenMoment) -> str:
    """Name a moment by what it is, so that the same one found again is the same one."""
    who = ",".join(sorted(map(str, chosen.people))) or str(chosen.best.box)
    return uuid5(video.pk, f"{chosen.best.number}:{who}").hex


def unseen(video: Video, moments: Sequence[ChosenMoment], until: float) -> list[ChosenMoment]:
    """Return the moments without those that are kept already.

    Those are moments of an unknown face in the slice before; when a video is looked through
    again, whatever the user has liked, discarded, or picked another frame of; and what the
    camera's page captured while the video was recorded.

    Args:
        video: Whose they are.
        moments: What a slice gave.
        until: Where the slice ends, in seconds.
    """
    keys = set(kept_moments(video).values_list("key", flat=True))
    known = _known_of_video(video) + _known_of_session(video, until)
    return [
        one
        for one in moments
        if key_of(video, one) not in keys and not any(_is_same(one, there) for there in known)
    ]


def _known_of_video(video: Video) -> list[_Known]:
    near = 1000 * (video.analysed_seconds - APART_SECONDS)
    picked = MomentFrame.objects.filter(
        moment__in=kept_moments(video), is_picked=True, captured_at__gt=near
    )
    return [
        _Known(frame.captured_at, _box_of(frame), {one.pk for one in frame.moment.people.all()})
        for frame in picked.prefetch_related("moment__people")
    ]


def _known_of_session(video: Video, until: float) -> list[_Known]:
    """Return the moments of the session whose feed the video is, by the video's own time.

    Those whose picture was lost are not there: the recording may have it.
    """
    if video.session_id is None or video.recorded_at is None:
        return []
    first = video.recorded_at + dt.timedelta(seconds=video.analysed_seconds - APART_SECONDS)
    last = video.recorded_at + dt.timedelta(seconds=until + APART_SECONDS)
    live = Moment.objects.filter(session_id=video.session_id, at__range=(first, last))
    live = live.exclude(state=Moment.State.LOST).prefetch_related("people", "frames")
    return [_live(moment, video.recorded_at) for moment in live]


def _live(moment: Moment, began: dt.datetime) -> _Known:
    frames = list(moment.frames.all())
    shown = next((frame for frame in frames if frame.is_picked), frames[0] if frames else None)
    at = 1000 * (moment.at - began).total_seconds()
    return _Known(at, _box_of(shown), {one.pk for one in moment.people.all()})


def _box_of(frame: MomentFrame | None) -> tuple[float, float, float, float] | None:
    if frame is None or not frame.box:
        return None
    left, top, right, bottom = frame.box
    return left, top, right, bottom


def _is_same(chosen: ChosenMoment, known: _Known) -> bool:
    """Whether a stored moment shows the same star at nearly the same time.

    Who is nameless on one side may have got the name since; then the place decides.
    """
    if abs(chosen.best.captured_at - known.at) >= 1000 * APART_SECONDS:
        return False
    if chosen.people and known.people:
        return not known.people.isdisjoint(chosen.people)
    box = chosen.best.box
    if box is None or known.box is None:
        return False
    return box_iou(box, known.box) > _SAME_FACE_IOU
