"""Putting photos in order, many at once: their concerts, dates and favourites.

Everything here says whose photos are meant, passes over what is not that user's or lies in the bin,
changes the rest in one transaction, and can be repeated.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext

from webapp.core.extension.signals import Signal
from webapp.photos import clocks, counts
from webapp.photos.arrival.destinations import concert_dissolved
from webapp.photos.chosen import portions
from webapp.photos.models import Concert, Photo, shown_zone

MOST_HOURS = 24 * 366 * 20

joined = Signal[int, list[UUID], UUID | None]()
"""Photos of the owner are moved to a concert, or out of theirs; sent inside the transaction."""
parted_by_day = Signal[Concert, Mapping[date, Concert]]()
"""A concert is split into one for each day; likewise."""


class ConcertRefusedError(Exception):
    """A concert cannot be changed so. The text is for the user."""


@transaction.atomic
def set_concert(owner_id: int, photo_ids: Iterable[UUID], concert: Concert | None) -> int:
    """Let photos belong to a concert, or to none; returns how many have moved."""
    moved = 0
    for photos, ids in _own(owner_id, photo_ids):
        leaving = photos.exclude(concert=concert) if concert else photos.exclude(concert=None)
        with counts.changing(ids):
            moved += leaving.update(concert=concert)
        target = concert.pk if concert else None
        joined.send(owner_id, ids, target)
    clocks.queue_clocks(owner_id)
    return moved


@transaction.atomic
def set_favourite(owner_id: int, photo_ids: Iterable[UUID], *, is_favourite: bool) -> int:
    """Mark photos as favourites, or take the mark away; returns how many were changed."""
    return sum(
        photos.exclude(is_favourite=is_favourite).update(is_favourite=is_favourite)
        for photos, _ in _own(owner_id, photo_ids)
    )


@transaction.atomic
def shift_times(owner_id: int, photo_ids: Iterable[UUID], by: timedelta) -> int:
    """Move the dates of photos, whose camera's clock was wrong; returns how many have one."""
    shifted = 0
    for photos, ids in _own(owner_id, photo_ids):
        counts.changed(ids)
        dated = photos.exclude(taken_at=None)
        shifted += dated.update(taken_at=F("taken_at") + by, **_by_hand())
    clocks.queue_clocks(owner_id)
    return shifted


@transaction.atomic
def set_time(owner_id: int, photo_ids: Iterable[UUID], local: datetime) -> int:
    """Say when photos were taken, on the clock of the place where each was; returns how many."""
    dated = 0
    for photos, own_ids in _own(owner_id, photo_ids):
        counts.changed(own_ids)
        by_zone: dict[datetime, list[UUID]] = defaultdict(list)
        for photo in photos.select_related("concert"):
            by_zone[clocks.instant_of(local, photo.zone)].append(photo.pk)
        for instant, ids in by_zone.items():
            dated += Photo.objects.filter(pk__in=ids).update(taken_at=instant, **_by_hand())
    clocks.queue_clocks(owner_id)
    return dated


def _by_hand() -> dict[str, object]:
    return {"camera_time": None, "is_dated_by_hand": True}


def _own(owner_id: int, photo_ids: Iterable[UUID]) -> Iterator[tuple[QuerySet[Photo], list[UUID]]]:
    """Yield the user's photos out of the bin, so many at a time and locked, with their ids."""
    own = Photo.objects.filter(owner_id=owner_id, binned_at=None)
    for some in portions(photo_ids):
        locked = own.filter(pk__in=some).order_by("pk").select_for_update(of=("self",))
        ids = list(locked.values_list("pk", flat=True))
        yield Photo.objects.filter(pk__in=ids), ids


@transaction.atomic
def merge_concerts(source: Concert, target: Concert) -> None:
    """Let everything of one concert belong to another one of the same owner, and remove the first.

    What the target leaves open (date, artists, venue, zone, cover) it takes from the source.
    """
    if source.pk == target.pk or source.owner_id != target.owner_id:
        raise ConcertRefusedError(gettext("Choose another concert to merge with."))
    for field in ("artists", "date", "venue", "time_zone", "cover_id"):
        setattr(target, field, getattr(target, field) or getattr(source, field))
    target.save()
    for concert in (source, target):
        counts.mark("concert", concert.pk)
    moved = list(source.photos.values_list("pk", flat=True))
    concert_dissolved.send(source.pk)
    for model, field in _what_belongs_to_concerts():
        _hand_over(model._base_manager.filter(**{field: source}), {field: target})
    joined.send(target.owner_id, moved, target.pk)
    source.delete()
    clocks.queue_clocks(target.owner_id)


def _hand_over(rows: QuerySet[models.Model], change: dict[str, Concert]) -> None:
    """Change rows; of two that would be the same then, the one of the source stays and goes."""
    try:
        with transaction.atomic():
            rows.update(**change)
    except IntegrityError:
        for pk in list(rows.values_list("pk", flat=True)):
            with suppress(IntegrityError), transaction.atomic():
                rows.filter(pk=pk).update(**change)


def _what_belongs_to_concerts() -> Iterator[tuple[type[models.Model], str]]:
    """Yield model and field of everything that points to a concert, whatever its app."""
    for relation in Concert._meta.get_fields(include_hidden=True):
        if relation.one_to_many and isinstance(relation.related_model, type):
            yield relation.related_model, relation.field.name  # type: ignore[union-attr]


def days_of(concert: Concert) -> dict[date, list[UUID]]:
    """Return the photos of a concert by the day on which they were taken there, in its zone.

    Undated ones are in none; photos after midnight belong to the evening before, until five.
    """
    zone = shown_zone(concert)
    days: dict[date, list[UUID]] = defaultdict(list)
    dated = Photo.objects.filter(concert=concert).exclude(taken_at=None).order_by("taken_at", "pk")
    for photo_id, taken_at in dated.values_list("pk", "shown_at"):
        days[evening_of(taken_at.astimezone(zone))].append(photo_id)
    return dict(days)


def evening_of(local: datetime) -> date:
    """Return the day that a time belongs to for those who were there: a night ends at five."""
    return (local - timedelta(hours=5)).date()


@transaction.atomic
def split_concert(concert: Concert) -> list[Concert]:
    """Make a concert of several days one for each; returns the new ones.

    The first day, or the one that the concert is dated to, and what has no date, stay in it.

    Raises:
        ConcertRefusedError: All photos are of one day.
    """
    days = days_of(concert)
    if len(days) < 2:
        raise ConcertRefusedError(gettext("All dated photos of this concert are of one day."))
    first = concert.date if concert.date in days else min(days)
    concert.date = first
    concert.save(update_fields=["date"])
    made = {day: _day_of(concert, day) for day in sorted(days) if day != first}
    for day, part in made.items():
        set_concert(concert.owner_id, days[day], part)
    parted_by_day.send(concert, made)
    return list(made.values())


def _day_of(concert: Concert, day: date) -> Concert:
    return Concert.objects.create(
        owner_id=concert.owner_id,
        name=concert.name,
        artists=concert.artists,
        date=day,
        venue=concert.venue,
        time_zone=concert.time_zone,
    )


@transaction.atomic
def set_cover(concert: Concert, photo: Photo | None) -> None:
    """Choose the picture of a concert; without one it is the newest."""
    Concert.objects.filter(pk=concert.pk).update(cover=photo)
