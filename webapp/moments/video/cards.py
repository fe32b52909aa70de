"""How a video is told on a page: how far it is, in words and as a share."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext, gettext_noop

from webapp.moments.models import Moment, Video

WAITING = gettext_noop("Waiting to be analysed")


@dataclass(frozen=True, slots=True)
class VideoCard:
    """One video as a page shows it.

    Attributes:
        words: How far it is, or how long; the reason where it failed stands in ``video.failure``.
        seconds_done: Of ``seconds``; both are whole, for a progress bar.
        is_open: Whether there is more to come.
        moments: How many were found so far.
    """

    video: Video
    words: str
    seconds_done: int
    seconds: int
    is_open: bool
    moments: int


def cards_of(videos: Iterable[Video]) -> list[VideoCard]:
    """Return how videos are told, in two queries."""
    shown = list(videos)
    moments = Moment.objects.filter(video__in=shown, is_discarded=False, binned_at=None).order_by()
    counts = dict(moments.values_list("video").annotate(count=Count("pk")))
    return [_card(video, counts.get(video.pk, 0)) for video in shown]


def _card(video: Video, moments: int) -> VideoCard:
    seconds = round(video.duration_seconds or 0)
    return VideoCard(
        video=video,
        words=_words(video),
        seconds_done=min(seconds, round(video.analysed_seconds)),
        seconds=max(1, seconds),
        is_open=video.state in {Video.State.UPLOADED, Video.State.ANALYSING},
        moments=moments,
    )


def clock(seconds: float) -> str:
    """Return a length or a time as ``1:05`` or ``1:02:05``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _words(video: Video) -> str:
    length = clock(video.duration_seconds) if video.duration_seconds else ""
    if video.state == Video.State.FAILED:
        return gettext("Could not be analysed")
    if video.state == Video.State.READY:
        return length
    if not length:
        return gettext(WAITING)
    return gettext("%(done)s of %(length)s analysed") % {
        "done": clock(video.analysed_seconds),
        "length": length,
    }
