"""Which groups played at a concert. Whoever changes it has the concert's photos named anew.

Concerts know nothing of people, so it is kept here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import QuerySet

from webapp.people.gallery.changes import begin_anew, gallery_of, note_change, queue_matching
from webapp.people.models import Group, LineUpEntry, Person
from webapp.people.queries import groups_visible_to, locked_gallery_state
from webapp.photos.models import Concert, Photo


def line_up_of(concert: Concert) -> QuerySet[Group]:
    """Return the groups that played, by name."""
    return Group.objects.filter(line_ups__concert=concert)


def members_at(photos: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return who belongs to the line-up of each photo; photos without one are left out."""
    at_concerts = Photo.objects.filter(pk__in=photos, concert__line_up__isnull=False).distinct()
    concerts = dict(at_concerts.order_by().values_list("pk", "concert_id"))
    members = members_of(set(concerts.values()))
    return {photo: members[concert] for photo, concert in concerts.items() if concert in members}


def members_of(concerts: Collection[UUID | None]) -> dict[UUID, frozenset[UUID]]:
    """Return who belongs to the line-up of each concert; those without anybody are left out."""
    rows = Person.objects.filter(group__line_ups__concert__in=concerts).order_by()
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for concert, person in rows.values_list("group__line_ups__concert", "pk"):
        found[concert].add(person)
    return {concert: frozenset(people) for concert, people in found.items()}


@transaction.atomic
def set_line_up(
    concert: Concert, groups: Iterable[UUID], user: AbstractBaseUser | AnonymousUser
) -> list[Group]:
    """Say which of the user's groups played at a concert; others are passed over.

    Returns:
        The groups, by name.
    """
    locked_gallery_state(concert.owner_id)
    wanted = list(groups_visible_to(user).filter(pk__in=list(groups)))
    before = set(line_up_of(concert).values_list("pk", flat=True))
    if before != {group.pk for group in wanted}:
        LineUpEntry.objects.filter(concert=concert).exclude(group__in=wanted).delete()
        new = [group for group in wanted if group.pk not in before]
        LineUpEntry.objects.bulk_create(LineUpEntry(concert=concert, group=one) for one in new)
        note_change(concert.owner_id, concerts=[concert.pk])
    return wanted


def concerts_of(groups: Iterable[UUID | None]) -> list[UUID]:
    """Return the concerts in whose line-up any of some groups is."""
    wanted = [group for group in groups if group is not None]
    rows = LineUpEntry.objects.filter(group__in=wanted).order_by()
    return list(rows.values_list("concert_id", flat=True).distinct())


def note_photo_joined(photo_id: UUID) -> None:
    """Have a photo named anew that came to a concert whose line-up is known."""
    photo = Photo.objects.filter(pk=photo_id, concert__line_up__isnull=False).first()
    if photo is not None:
        note_change(photo.owner_id, photos=[photo_id])


def follow_moved(owner_id: int, photo_ids: list[UUID], _concert_id: UUID | None) -> None:
    """Have photos named anew that moved from or to a concert, where any line-up is known."""
    if photo_ids and LineUpEntry.objects.filter(concert__owner=owner_id).exists():
        note_change(owner_id, photos=photo_ids)


def note_concert_dissolved(concert_id: UUID) -> None:
    """Have everything matched anew where names may have come from the line-up of a concert."""
    entry = LineUpEntry.objects.select_related("concert").filter(concert=concert_id).first()
    if entry is not None:
        begin_anew(gallery_of(entry.concert.owner_id))
        queue_matching(entry.concert.owner_id)


def follow_days(concert: Concert, days: Mapping[date, Concert]) -> None:
    """Let the concerts that were split off another one have its line-up."""
    groups = list(line_up_of(concert).values_list("pk", flat=True))
    parts = list(days.values())
    LineUpEntry.objects.bulk_create(
        LineUpEntry(concert=part, group_id=group) for part in parts for group in groups
    )
    if groups:
        note_change(concert.owner_id, concerts=[part.pk for part in parts])
