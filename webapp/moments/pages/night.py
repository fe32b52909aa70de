"""The morning after: what was best of a concert's night, over all stars and for each of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from webapp.moments.models import EmotionSample
from webapp.moments.pages.grid import names_of
from webapp.moments.pages.showing import add_focus, for_cards
from webapp.moments.queries import moments_visible_to
from webapp.moments.ranking import BY_SCORE
from webapp.people.models import Person
from webapp.photos.models import Concert

BEST, PER_STAR, GROUPS, PEAKS = 10, 3, 6, 5
LOOKED_AT = 400
"""Moments among which is chosen, the liked and the best; an evening has some hundred."""
APART = timedelta(seconds=20)
"""Between two chosen moments of one star, unless there are too few."""
PEAK_BIN_SECONDS = 15
PEAKS_APART = timedelta(minutes=2)
NEAR_PEAK = timedelta(seconds=20)
QUIET = "neutral"


@dataclass(frozen=True, slots=True)
class StarOfNight:
    """One star and her best moments."""

    person: Person
    moments: list[Any]


@dataclass(frozen=True, slots=True)
class Peak:
    """When the stars expressed most.

    Attributes:
        at: Its beginning.
        names: Who was seen then, the most moved first.
        emotion: What they expressed most.
        moments: Captured then.
    """

    at: datetime
    names: list[str]
    emotion: str
    moments: list[Any]


@dataclass(frozen=True, slots=True)
class Night:
    """What a night's page shows; each moment with ``names`` and ``focus`` for its card."""

    best: list[Any]
    stars: list[StarOfNight]
    groups: list[Any]
    peaks: list[Peak]

    def moments(self) -> list[Any]:
        """Return every moment that is shown, each once."""
        shown = [*self.best, *self.groups]
        shown += [one for star in self.stars for one in star.moments]
        shown += [one for peak in self.peaks for one in peak.moments]
        return list({moment.pk: moment for moment in shown}.values())


def night_of(owner_id: int, concert: Concert) -> Night:
    """Return the night of a concert, from what is captured by now."""
    mine = moments_visible_to(concert.owner).filter(concert=concert, owner_id=owner_id)
    ranked = mine.order_by(F("liked_at").asc(nulls_last=True), BY_SCORE, "-id")
    moments: list[Any] = list(for_cards(ranked)[:LOOKED_AT])
    for moment in moments:
        moment.names = names_of(moment)
    night = Night(
        best=in_time(diverse(moments, BEST)),
        stars=_stars(moments),
        groups=in_time(diverse([one for one in moments if _is_group(one)], GROUPS)),
        peaks=_peaks(owner_id, concert, moments),
    )
    add_focus(night.moments())
    return night


def in_time(moments: Iterable[Any]) -> list[Any]:
    """Return moments in the order of the evening."""
    return sorted(moments, key=lambda moment: (moment.at, str(moment.pk)))


def diverse(moments: Sequence[Any], count: int) -> list[Any]:
    """Return the best of some moments that differ: other pictures, other stars, other times.

    Nobody gets more than her share as long as others have moments at all. What is left over when
    the strict rules have chosen too few is filled up with the next best other pictures.

    Args:
        moments: Best first.
        count: How many at most.
    """
    stars = {person.pk for moment in moments for person in moment.people.all()}
    share = max(2, -(-count // max(1, len(stars))) + 1)
    chosen: list[Any] = []
    for is_strict in (True, False):
        for moment in moments:
            if len(chosen) >= count:
                break
            if moment.photo_id in {one.photo_id for one in chosen}:
                continue
            if is_strict and not _differs(moment, chosen, share):
                continue
            chosen.append(moment)
    return chosen


def _differs(moment: Any, chosen: Sequence[Any], share: int) -> bool:
    people = _people(moment)
    counts = Counter(person for one in chosen for person in _people(one))
    if any(counts[person] >= share for person in people):
        return False
    near = [one for one in chosen if abs(one.at - moment.at) < APART]
    return not any(people & _people(one) or not people or not _people(one) for one in near)


def _people(moment: Any) -> set[UUID]:
    return {person.pk for person in moment.people.all()}


def _is_group(moment: Any) -> bool:
    return len(moment.people.all()) > 1


def _stars(moments: Sequence[Any]) -> list[StarOfNight]:
    """Return each star with her three best, by name."""
    people: dict[UUID, Person] = {}
    theirs: defaultdict[UUID, list[Any]] = defaultdict(list)
    for moment in moments:
        for person in moment.people.all():
            people[person.pk] = person
            theirs[person.pk].append(moment)
    rows = [
        StarOfNight(person, in_time(diverse(theirs[key], PER_STAR)))
        for key, person in people.items()
    ]
    return sorted(rows, key=lambda row: (row.person.name, str(row.person.pk)))


@dataclass
class _Bin:
    """What all stars expressed during some seconds."""

    weight: float = 0.0
    strength: float = 0.0
    by_star: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    by_emotion: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def height(self) -> float:
        """How much was expressed; few readings say little."""
        return self.strength / (self.weight + 5.0)


def _peaks(owner_id: int, concert: Concert, moments: Sequence[Any]) -> list[Peak]:
    """Return when the stars expressed most, in the order of the evening."""
    samples = EmotionSample.objects.filter(owner_id=owner_id)
    samples = samples.filter(session__concert=concert) | samples.filter(video__concert=concert)
    bins: defaultdict[datetime, _Bin] = defaultdict(_Bin)
    for sample in samples.select_related("person", "session", "video"):
        start = _start(sample)
        if start is not None:
            second = sample.second // PEAK_BIN_SECONDS * PEAK_BIN_SECONDS
            _add(bins[start + timedelta(seconds=second)], sample)
    highest = sorted(bins, key=lambda at: (-bins[at].height, at))
    chosen: list[datetime] = []
    for at in highest:
        if len(chosen) < PEAKS and all(abs(at - one) >= PEAKS_APART for one in chosen):
            chosen.append(at)
    return [_peak(at, bins[at], moments) for at in sorted(chosen)]


def _start(sample: EmotionSample) -> datetime | None:
    if sample.session is not None:
        return sample.session.started_at
    if sample.video is not None:
        return sample.video.recorded_at or sample.video.created_at
    return None


def _add(bin_: _Bin, sample: EmotionSample) -> None:
    strength = sample.count * (1 - sample.emotions.get(QUIET, 0.0))
    bin_.weight += sample.count
    bin_.strength += strength
    bin_.by_star[sample.person.name] += strength
    for label, share in sample.emotions.items():
        if label != QUIET:
            bin_.by_emotion[label] += sample.count * share


def _peak(at: datetime, bin_: _Bin, moments: Sequence[Any]) -> Peak:
    names = sorted(bin_.by_star, key=lambda name: (-bin_.by_star[name], name))
    emotion = max(bin_.by_emotion, key=lambda one: bin_.by_emotion[one], default="")
    end = at + timedelta(seconds=PEAK_BIN_SECONDS)
    near = [one for one in moments if at - NEAR_PEAK <= one.at <= end + NEAR_PEAK]
    return Peak(at, names[:4], emotion, diverse(near, 3))
