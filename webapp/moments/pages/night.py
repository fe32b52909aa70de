"""The morning after: what was best of a concert's night, over all stars and for each of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from webapp.moments.models import EmotionSample, Moment
from webapp.moments.pages.grid import names_of
from webapp.moments.pages.showing import add_focus, for_cards
from webapp.moments.queries import moments_visible_to
from webapp.people.models import Person
from webapp.photos.models import Concert

BEST, PER_STAR, GROUPS, PEAKS, PER_PEAK = 10, 3, 6, 5, 3
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A moment among those of which some are chosen: what it takes to choose, and no more."""

    pk: UUID
    photo_id: UUID
    at: datetime
    people: frozenset[UUID]


def night_of(owner_id: int, concert: Concert) -> Night:
    """Return the night of a concert, from what is captured by now."""
    candidates = _candidates(owner_id, concert)
    best = diverse(candidates, BEST)
    groups = diverse([one for one in candidates if len(one.people) > 1], GROUPS)
    stars = _by_star(candidates)
    peaks = _peaks(owner_id, concert)
    near = {peak.at: diverse(_near(candidates, peak.at), PER_PEAK) for peak in peaks}
    shown = _read([*best, *groups, *chain(*stars.values()), *chain(*near.values())])

    def in_time(chosen: Iterable[Candidate]) -> list[Any]:
        found = [shown[one.pk] for one in chosen if one.pk in shown]
        return sorted(found, key=lambda moment: (moment.at, str(moment.pk)))

    people = {person.pk: person for moment in shown.values() for person in moment.people.all()}
    rows = [StarOfNight(people[key], in_time(stars[key])) for key in stars.keys() & people.keys()]
    return Night(
        best=in_time(best),
        stars=sorted(rows, key=lambda row: (row.person.name, str(row.person.pk))),
        groups=in_time(groups),
        peaks=[
            replace(peak, moments=[shown[one.pk] for one in near[peak.at] if one.pk in shown])
            for peak in peaks
        ],
    )


def _candidates(owner_id: int, concert: Concert) -> list[Candidate]:
    """Return the moments among which is chosen, the liked and the best first."""
    mine = moments_visible_to(concert.owner).filter(concert=concert, owner_id=owner_id)
    unliked = mine.filter(liked_at__isnull=True)
    # One after the other: no index has empty values last on both databases.
    ranks = (
        mine.filter(liked_at__isnull=False).order_by("liked_at", "-id"),
        unliked.filter(score__isnull=False).order_by("-score", "-id"),
        unliked.filter(score__isnull=True).order_by("-id"),
    )
    rows: list[tuple[UUID, UUID | None, datetime]] = []
    for rank in ranks:
        if len(rows) < LOOKED_AT:
            rows += rank.values_list("pk", "photo_id", "at")[: LOOKED_AT - len(rows)]
    pairs = Moment.people.through.objects.filter(moment__in=[key for key, *_ in rows])
    people: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for moment, person in pairs.values_list("moment_id", "person_id"):
        people[moment].add(person)
    return [Candidate(key, photo, at, frozenset(people[key])) for key, photo, at in rows if photo]


def _read(chosen: Iterable[Candidate]) -> dict[UUID, Any]:
    """Return the chosen moments as cards show them, by id."""
    keys = {one.pk for one in chosen}
    moments: list[Any] = list(for_cards(Moment.objects.filter(pk__in=keys)))
    for moment in moments:
        moment.names = names_of(moment)
    add_focus(moments)
    return {moment.pk: moment for moment in moments}


def diverse(moments: Sequence[Candidate], count: int) -> list[Candidate]:
    """Return the best of some moments that differ: other pictures, other stars, other times.

    Nobody gets more than her share as long as others have moments at all. What is left over when
    the strict rules have chosen too few is filled up with the next best other pictures.

    Args:
        moments: Best first.
        count: How many at most.
    """
    stars = frozenset[UUID]().union(*(moment.people for moment in moments))
    share = max(2, -(-count // max(1, len(stars))) + 1)
    chosen: list[Candidate] = []
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


def _differs(moment: Candidate, chosen: Sequence[Candidate], share: int) -> bool:
    counts = Counter(person for one in chosen for person in one.people)
    if any(counts[person] >= share for person in moment.people):
        return False
    near = [one for one in chosen if abs(one.at - moment.at) < APART]
    return not any(
        moment.people & one.people or not moment.people or not one.people for one in near
    )


def _by_star(moments: Sequence[Candidate]) -> dict[UUID, list[Candidate]]:
    """Return the best moments of each star."""
    theirs: defaultdict[UUID, list[Candidate]] = defaultdict(list)
    for moment in moments:
        for person in moment.people:
            theirs[person].append(moment)
    return {person: diverse(found, PER_STAR) for person, found in theirs.items()}


def _near(moments: Sequence[Candidate], at: datetime) -> list[Candidate]:
    """Return the moments about a peak that begins then."""
    end = at + timedelta(seconds=PEAK_BIN_SECONDS)
    return [one for one in moments if at - NEAR_PEAK <= one.at <= end + NEAR_PEAK]


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


def _peaks(owner_id: int, concert: Concert) -> list[Peak]:
    """Return when the stars expressed most, in the order of the evening, yet without moments."""
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
    return [_peak(at, bins[at]) for at in sorted(chosen)]


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


def _peak(at: datetime, bin_: _Bin) -> Peak:
    names = sorted(bin_.by_star, key=lambda name: (-bin_.by_star[name], name))
    emotion = max(bin_.by_emotion, key=lambda one: bin_.by_emotion[one], default="")
    return Peak(at, names[:4], emotion, moments=[])
