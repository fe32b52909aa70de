"""How many photos show somebody: a kept count (``webapp.photos.counts``)."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count

from webapp.people.models import Person
from webapp.photos import counts
from webapp.photos.models import PhotoCount
from webapp.photos.queries import in_library


def person_totals(ids: Collection[UUID] | None) -> dict[UUID, int]:
    """Return how many photos of the library each of these people, or each, was found in.

    Through the reverse relation of the faces, which belong to a later app.
    """
    shown = Count("faces__photo", distinct=True, filter=in_library("faces__photo__"))
    people = Person.objects.order_by()
    if ids is not None:
        people = people.filter(pk__in=ids)
    return dict(people.values_list("pk").annotate(total=shown))


def register() -> None:
    """Have the counts of people kept."""
    counts.keep(PhotoCount.Kind.PERSON, person_totals)
