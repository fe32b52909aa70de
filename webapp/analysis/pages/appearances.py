"""When, where and with whom somebody was seen, out of the photos of the library."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Min
from django.utils import timezone

from webapp.access.rights import Asker
from webapp.analysis.models import DetectedFace
from webapp.people.models import Person
from webapp.photos.queries import in_library, library_of

MOST_CONCERTS = 12
MOST_COMPANIONS = 6


@dataclass(frozen=True, slots=True)
class AtConcert:
    """How many photos of a concert show somebody, and when.

    Attributes:
        concert_id: Empty for the photos that belong to none.
        first: A day in the concert's zone, like ``last``.
    """

    concert_id: UUID | None
    name: str
    photo_count: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody who is on photos together with the person."""

    person_id: UUID
    name: str
    photo_count: int


@dataclass(frozen=True, slots=True)
class Appearances:
    """Everything about where a person was seen.

    Attributes:
        concerts: Those with most photos, most first; at most ``MOST_CONCERTS``.
        concert_count: At how many there were.
        companions: With whom most often; at most ``MOST_COMPANIONS``.
    """

    first: date
    last: date
    concerts: list[AtConcert]
    concert_count: int
    companions: list[Companion]

    @property
    def more_concerts(self) -> int:
        """At how many more than are listed."""
        return self.concert_count - len(self.concerts)


def appearances_of(user: Asker, person: Person) -> Appearances | None:
    """Return where a person was seen, or ``None`` where no photo of the library shows them."""
    places = _places(user, person)
    if not places:
        return None
    concerts = [place for place in places if place.concert_id is not None]
    return Appearances(
        first=min(place.first for place in places),
        last=max(place.last for place in places),
        concerts=concerts[:MOST_CONCERTS],
        concert_count=len(concerts),
        companions=_companions(user, person),
    )


def _places(user: Asker, person: Person) -> list[AtConcert]:
    faces = DetectedFace.objects.filter(person=person).order_by()
    photos = library_of(user).filter(pk__in=faces.values("photo")).order_by()
    at = photos.values("concert_id", name=F("concert__name"), zone=F("concert__time_zone"))
    counted = at.annotate(total=Count("pk"), first=Min("shown_at"), last=Max("shown_at"))
    return [_place(row) for row in counted.order_by("-total", "-last", "concert_id")]


def _place(row: Mapping[str, Any]) -> AtConcert:
    zone = ZoneInfo(row["zone"]) if row["zone"] else timezone.get_current_timezone()
    return AtConcert(
        concert_id=row["concert_id"],
        name=row["name"] or "",
        photo_count=row["total"],
        first=row["first"].astimezone(zone).date(),
        last=row["last"].astimezone(zone).date(),
    )


def _companions(user: Asker, person: Person) -> list[Companion]:
    faces = DetectedFace.objects.filter(
        in_library("photo__"), photo__faces__person=person, person__owner_id=user.pk
    )
    others = faces.exclude(person=person).order_by().values_list("person_id", "person__name")
    counted = others.annotate(total=Count("photo_id", distinct=True))
    return [
        Companion(pk, name, total)
        for pk, name, total in counted.order_by("-total", "person_id")[:MOST_COMPANIONS]
    ]
