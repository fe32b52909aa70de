"""The numbers themselves, out of photos and faces; no database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import NamedTuple, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from webapp.analysis.statistics.spans import Spans

MOST_PEOPLE = 12
MOST_BEST = 12
BEST_KEPT = 3 * MOST_BEST
"""More than are shown: some may lie in the bin by then."""
BEST_APART = timedelta(seconds=10)
QUALITY_STEPS = 10


class SeenFace(NamedTuple):
    """One face that counts."""

    photo: UUID
    person: UUID | None
    emotion: str
    quality: float


class Facts(TypedDict):
    """All that is counted of a star or a concert, as it is kept.

    ``times`` are beginnings of stretches of length ``step`` on the clock of ``zone``; ``photos``
    and each list of ``emotions`` have a number for each of them. ``qualities`` counts faces by
    tenths of their quality. ``best`` are ids of photos, best first. ``together`` has a row and a
    column for each of ``people``: how many photos show both, on the diagonal how many show that
    one.
    """

    zone: str
    step: str
    photo_count: int
    face_count: int
    times: list[str]
    photos: list[int]
    emotions: dict[str, list[int]]
    qualities: list[int]
    best: list[str]
    people: list[str]
    together: list[list[int]]


def facts_of(
    photos: Mapping[UUID, datetime],
    faces: Iterable[SeenFace],
    zone: str,
    star: UUID | None = None,
) -> Facts:
    """Return what is counted.

    Args:
        photos: Ids with the time at which each is shown.
        faces: Those in these photos that count.
        zone: IANA name of where the clock hangs.
        star: Whose emotions, quality and best photos are meant; ``None`` for everybody's.
    """
    spans = Spans(list(photos.values()), ZoneInfo(zone))
    emotions: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(spans.begins))
    people: defaultdict[UUID, set[UUID]] = defaultdict(set)
    best: dict[UUID, float] = {}
    qualities = [0] * QUALITY_STEPS
    for face in faces:
        if face.photo not in photos:  # It came between the two readings.
            continue
        if face.person is not None:
            people[face.photo].add(face.person)
        if star in (None, face.person):
            qualities[min(int(face.quality * QUALITY_STEPS), QUALITY_STEPS - 1)] += 1
            best[face.photo] = max(face.quality, best.get(face.photo, 0.0))
            if face.emotion:
                emotions[face.emotion][spans.place(photos[face.photo])] += 1
    per_span = Counter(spans.place(at) for at in photos.values())
    known = _most_seen(people.values(), star)
    return {
        "zone": zone,
        "step": spans.step.name,
        "photo_count": len(photos),
        "face_count": sum(qualities),
        "times": [begin.isoformat(timespec="minutes") for begin in spans.begins],
        "photos": [per_span[place] for place in range(len(spans.begins))],
        "emotions": dict(sorted(emotions.items())),
        "qualities": qualities,
        "best": [str(photo) for photo in _best(best, photos)],
        "people": [str(person) for person in known],
        "together": _together(people.values(), known),
    }


def _most_seen(shown: Iterable[set[UUID]], star: UUID | None) -> list[UUID]:
    """Return who is on most photos, most first, beginning with the star."""
    seen = Counter(person for people in shown for person in people)
    order = sorted(seen, key=lambda person: (person != star, -seen[person], person))
    return order[:MOST_PEOPLE]


def _together(shown: Iterable[set[UUID]], known: Sequence[UUID]) -> list[list[int]]:
    places = {person: place for place, person in enumerate(known)}
    counted = [[0] * len(known) for _ in known]
    for people in shown:
        present = sorted(places[person] for person in people if person in places)
        for place in present:
            counted[place][place] += 1
        for one, other in combinations(present, 2):
            counted[one][other] += 1
            counted[other][one] += 1
    return counted


def _best(quality: Mapping[UUID, float], photos: Mapping[UUID, datetime]) -> list[UUID]:
    """Return the photos with the best faces; of those within seconds only the first."""
    chosen: list[UUID] = []
    for photo in sorted(quality, key=lambda one: (-quality[one], photos[one], one)):
        if all(abs(photos[photo] - photos[other]) >= BEST_APART for other in chosen):
            chosen.append(photo)
        if len(chosen) == BEST_KEPT:
            break
    return chosen
