"""When the stars of a night expressed most, out of what was read of them all evening.

The database adds up the whole evening; read whole is only what was expressed at its peaks.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from webapp.live.models import LiveSession
from webapp.moments.expressed import QUIET
from webapp.moments.models import EmotionSample, Video
from webapp.photos.models import Concert

MOST_PEAKS = 5
BIN_SECONDS = 15
PEAKS_APART = timedelta(minutes=2)
MOST_NAMES = 4
FEW_READINGS = 5.0
"""Of so many half of what was expressed counts: few readings say little."""

_Sums: TypeAlias = defaultdict[tuple[UUID | None, int], defaultdict[str, float]]
"""By source and second at which a bin begins, and then by name or label."""


@dataclass(frozen=True, slots=True)
class High:
    """A stretch of ``BIN_SECONDS`` in which much was expressed.

    Attributes:
        at: Its beginning.
        names: Who was seen then, the most moved first.
        emotion: What they expressed most; empty where they only were quiet.
    """

    at: datetime
    names: list[str]
    emotion: str


@dataclass(frozen=True, slots=True)
class _Bin:
    """Some seconds of one session or video.

    Attributes:
        at: Their beginning, on the clock.
        source: The session or the video.
        second: Their beginning, in seconds since the source began.
        height: How much all stars expressed.
    """

    at: datetime
    source: UUID
    second: int
    height: float


def highs_of(owner_id: int, concert: Concert) -> list[High]:
    """Return when the stars expressed most, in the order of the evening."""
    starts = _starts(owner_id, concert)
    if not starts:
        return []
    # Neither by owner nor through the sources: a database would look at all that was ever read.
    samples = EmotionSample.objects.filter(Q(session__in=starts) | Q(video__in=starts)).order_by()
    chosen: list[_Bin] = []
    for one in sorted(_bins(samples, starts), key=lambda bin_: (-bin_.height, bin_.at)):
        if len(chosen) == MOST_PEAKS:
            break
        if all(abs(one.at - other.at) >= PEAKS_APART for other in chosen):
            chosen.append(one)
    return _highs(samples, sorted(chosen, key=lambda bin_: bin_.at)) if chosen else []


def _starts(owner_id: int, concert: Concert) -> dict[UUID, datetime]:
    """Return when the second 0 of each session and video of a concert was; none of the bin."""
    sessions = LiveSession.objects.filter(owner_id=owner_id, concert=concert).order_by()
    videos = Video.objects.filter(owner_id=owner_id, concert=concert, binned_at=None).order_by()
    recorded = videos.values_list("pk", Coalesce("recorded_at", "created_at"))
    return dict(sessions.values_list("pk", "started_at").union(recorded))


def _bins(samples: QuerySet[EmotionSample], starts: Mapping[UUID, datetime]) -> list[_Bin]:
    """Return how much was expressed during each ``BIN_SECONDS`` of each source."""
    parts = samples.values_list("session_id", "video_id", F("second") / BIN_SECONDS)
    added = parts.annotate(readings=Sum("count"), strength=Sum("expressed"))
    bins = []
    for session, video, part, readings, strength in added:
        source, second = session or video, part * BIN_SECONDS
        height = strength / (readings + FEW_READINGS)
        bins.append(_Bin(starts[source] + timedelta(seconds=second), source, second, height))
    return bins


def _highs(samples: QuerySet[EmotionSample], bins: list[_Bin]) -> list[High]:
    """Return who expressed what during some bins."""
    within = Q()
    for one in bins:
        span = Q(second__gte=one.second, second__lt=one.second + BIN_SECONDS)
        within |= span & (Q(session=one.source) | Q(video=one.source))
    by_star: _Sums = defaultdict(lambda: defaultdict(float))
    by_emotion: _Sums = defaultdict(lambda: defaultdict(float))
    for sample in samples.filter(within).select_related("person"):
        key = (sample.session_id or sample.video_id, sample.second // BIN_SECONDS * BIN_SECONDS)
        by_star[key][sample.person.name] += sample.expressed
        for label, share in sample.emotions.items():
            if label != QUIET:
                by_emotion[key][label] += sample.count * share
    highs = []
    for one in bins:
        moved, felt = by_star[one.source, one.second], by_emotion[one.source, one.second]
        names = sorted(moved, key=lambda name: (-moved[name], name))
        highs.append(High(one.at, names[:MOST_NAMES], max(felt, key=felt.__getitem__, default="")))
    return highs
