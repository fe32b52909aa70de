"""What a page of statistics shows: numbers with names and times in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext

from webapp import vision
from webapp.analysis.queries import add_previews
from webapp.analysis.statistics.facts import MOST_BEST, QUALITY_STEPS, Facts
from webapp.people.models import Person
from webapp.photos.models import Concert, Photo
from webapp.photos.queries import in_library


class Charts(TypedDict):
    """What the charts draw, and the tables behind them say.

    ``labels`` name the stretches of time; ``emotions`` has as many numbers for each emotion that
    was read. ``together`` has a row and a column for each of ``names``.
    """

    labels: list[str]
    photos: list[int]
    emotions: dict[str, list[int]]
    qualities: list[int]
    names: list[str]
    together: list[list[int]]


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One stretch of time in a table."""

    label: str
    photos: int
    emotions: list[int]


@dataclass(frozen=True, slots=True)
class Companions:
    """One star in the table of who is seen with whom; ``counts`` in the order of all stars."""

    person: Person
    counts: list[int]


def charts_of(facts: Facts, people: Sequence[Person]) -> Charts:
    """Return what the charts draw; ``people`` are those of ``people_in``."""
    return {
        "labels": labels_of(facts),
        "photos": facts["photos"],
        "emotions": {
            label: facts["emotions"][label]
            for label in vision.emotion_labels()
            if label in facts["emotions"]
        },
        "qualities": facts["qualities"],
        "names": [person.name for person in people],
        "together": together_of(facts, people),
    }


def time_rows(charts: Charts) -> list[TimeRow]:
    """Return the stretches in which there is anything."""
    columns = list(charts["emotions"].values())
    return [
        TimeRow(label, charts["photos"][place], [column[place] for column in columns])
        for place, label in enumerate(charts["labels"])
        if charts["photos"][place]
    ]


def quality_rows(facts: Facts) -> list[tuple[int, int, int]]:
    """Return from how many percent, to how many, and how many faces."""
    width = 100 // QUALITY_STEPS
    return [
        (place * width, (place + 1) * width, number)
        for place, number in enumerate(facts["qualities"])
    ]


def people_in(facts: Facts, owner_id: int) -> list[Person]:
    """Return the stars of the facts who are still there, in their order."""
    found = Person.objects.filter(owner_id=owner_id).in_bulk([UUID(one) for one in facts["people"]])
    return [found[key] for key in map(UUID, facts["people"]) if key in found]


def together_of(facts: Facts, people: Sequence[Person]) -> list[list[int]]:
    """Return the rows and columns of those who are still there."""
    places = [facts["people"].index(str(person.pk)) for person in people]
    return [[facts["together"][row][column] for column in places] for row in places]


def best_photos(facts: Facts, subject: Person | Concert) -> list[Photo]:
    """Return the best photos that are still of the subject, best first, as cards show them."""
    photos = Photo.objects.filter(in_library(), owner_id=subject.owner_id)
    if isinstance(subject, Concert):
        photos = photos.filter(concert=subject)
    else:
        # Looked up for each of these few; the other way round all photos of the star were listed.
        photos = photos.filter(Exists(subject.faces.filter(photo=OuterRef("pk"))))
    found = photos.in_bulk([UUID(one) for one in facts["best"]])
    best = [found[key] for key in map(UUID, facts["best"]) if key in found][:MOST_BEST]
    return add_previews(best, subject.pk if isinstance(subject, Person) else None)


def labels_of(facts: Facts) -> list[str]:
    """Return the stretches of time in words."""
    times = [datetime.fromisoformat(time) for time in facts["times"]]
    is_one_day = len({time.date() for time in times}) == 1
    return [date_format(time, _format(facts["step"], is_one_day=is_one_day)) for time in times]


def _format(step: str, *, is_one_day: bool) -> str:
    if step == "year":
        return "Y"
    if step == "month":
        return gettext("M Y")
    if step == "day":
        return gettext("j M Y")
    return "H:i" if is_one_day else gettext("j M, H:i")
