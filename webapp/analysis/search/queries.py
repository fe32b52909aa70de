"""What a search means for the database."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import singledispatch
from uuid import UUID

from django.db.models import F, Q, QuerySet

from webapp.access.rights import Asker
from webapp.analysis.search.terms import (
    Days,
    FaceCount,
    Feeling,
    Flag,
    Meaning,
    Megapixels,
    OfCameras,
    OfConcerts,
    OfPerson,
    Search,
    Vocabulary,
)
from webapp.analysis.showing import Showing, WantedFace, gathered
from webapp.people.queries import aliases_visible_to, people_visible_to
from webapp.photos.models import Photo, SavedSearch
from webapp.photos.queries import all_photos_of, concerts_visible_to
from webapp.vision import emotion_labels


def vocabulary_of(user: Asker) -> Vocabulary:
    """Return the names that a user's library knows, in a few short queries.

    Its cameras are read where they are asked for, which takes longer.
    """
    people: defaultdict[str, set[UUID]] = defaultdict(set)
    for pk, name, group in people_visible_to(user).values_list("pk", "name", "group__name"):
        people[name].add(pk)
        if group:
            people[group].add(pk)
    for pk, alias in aliases_visible_to(user).values_list("person_id", "name"):
        people[alias].add(pk)
    concerts: defaultdict[str, set[UUID]] = defaultdict(set)
    for pk, name, venue in concerts_visible_to(user).values_list("pk", "name", "venue"):
        concerts[f"{name} {venue}".strip()].add(pk)
    cameras = all_photos_of(user).exclude(camera="").order_by("camera")
    return Vocabulary(
        people={name: frozenset(ids) for name, ids in people.items()},
        concerts={name: frozenset(ids) for name, ids in concerts.items()},
        cameras=cameras.values_list("camera", flat=True).distinct(),
        emotions=emotion_labels(),
    )


def matching(
    photos: QuerySet[Photo], search: Search, zone: tzinfo, showing: Showing = gathered
) -> QuerySet[Photo]:
    """Return those of the photos for which every term holds.

    Args:
        photos: Those to look among.
        search: What is looked for.
        zone: Where days begin.
        showing: How faces are looked for.
    """
    if any(isinstance(term.meaning, Megapixels) for term in search.terms):
        photos = photos.annotate(pixels=F("width") * F("height"))
    for term in search.terms:
        condition = _condition(term.meaning, zone, showing)
        photos = photos.exclude(condition) if term.is_not else photos.filter(condition)
    return photos


@singledispatch
def _condition(meaning: Meaning, zone: tzinfo, showing: Showing) -> Q:
    raise TypeError(f"{meaning!r} is no meaning of a term")


@_condition.register
def _(meaning: OfPerson, zone: tzinfo, showing: Showing) -> Q:
    feeling = meaning.feeling or Feeling("")
    return showing(WantedFace(meaning.people, feeling.label, feeling.above))


@_condition.register
def _(meaning: Feeling, zone: tzinfo, showing: Showing) -> Q:
    return showing(WantedFace(emotion=meaning.label, above=meaning.above))


@_condition.register
def _(meaning: FaceCount, zone: tzinfo, showing: Showing) -> Q:
    if meaning.most == meaning.least:
        return Q(face_count=meaning.least)
    least = Q(face_count__gte=meaning.least)
    return least if meaning.most is None else least & Q(face_count__lte=meaning.most)


@_condition.register
def _(meaning: OfConcerts, zone: tzinfo, showing: Showing) -> Q:
    return Q(concert__in=meaning.concerts) if meaning.concerts else Q(concert=None)


@_condition.register
def _(meaning: Days, zone: tzinfo, showing: Showing) -> Q:
    condition = Q()
    if meaning.first is not None:
        condition &= Q(shown_at__gte=_midnight(meaning.first, zone))
    if meaning.last is not None:
        condition &= Q(shown_at__lt=_midnight(meaning.last + timedelta(days=1), zone))
    return condition


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


@_condition.register
def _(meaning: OfCameras, zone: tzinfo, showing: Showing) -> Q:
    return Q(camera__in=meaning.cameras)


@_condition.register
def _(meaning: Megapixels, zone: tzinfo, showing: Showing) -> Q:
    return Q(pixels__gte=meaning.least * 1_000_000)


@_condition.register
def _(meaning: Flag, zone: tzinfo, showing: Showing) -> Q:
    conditions = {
        "favourite": Q(is_favourite=True),
        "unnamed": showing(WantedFace(is_unnamed=True)),
        "portrait": Q(portrait__has_person=True, portrait__rendered_strength__isnull=False),
        "moment": Q(shelf=Photo.Shelf.MOMENT),
    }
    return conditions[meaning.name]


def saved_searches_of(user: Asker) -> QuerySet[SavedSearch]:
    """Return the albums that a user has made of searches, by name."""
    return SavedSearch.objects.filter(owner_id=user.pk)
