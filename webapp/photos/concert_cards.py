"""What the page of concerts shows of each."""

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from webapp.photos import counts
from webapp.photos.models import Concert, Photo, PhotoCount
from webapp.photos.queries import Asker, concerts_visible_to, in_library

COVERS_PER_CONCERT = 4


def concerts_with_covers(user: Asker) -> list[Concert]:
    """Return the user's concerts, each with ``photo_count`` and ``covers``, in a few queries."""
    concerts = list(_with_cover_ids(concerts_visible_to(user)))
    totals = counts.of(PhotoCount.Kind.CONCERT, [concert.pk for concert in concerts])
    ids = {concert.pk: _cover_ids(concert) for concert in concerts}
    photos = Photo.objects.in_bulk([photo for found in ids.values() for photo in found])
    for concert in concerts:
        concert.photo_count = totals.get(concert.pk, 0)
        concert.covers = [photos[photo] for photo in ids[concert.pk] if photo in photos]
    return concerts


def _with_cover_ids(concerts: QuerySet[Concert]) -> QuerySet[Concert]:
    """Add the newest pictures one by one: each is a step in the index, however many there are."""
    ready = Photo.objects.filter(in_library(), concert=OuterRef("pk"), state=Photo.State.READY)
    newest = ready.order_by("-created_at", "-id").values("pk")
    covers = {
        f"cover_{place}": Subquery(newest[place : place + 1]) for place in range(COVERS_PER_CONCERT)
    }
    return concerts.annotate(**covers)


def _cover_ids(concert: Concert) -> list[UUID]:
    ids = [getattr(concert, f"cover_{place}") for place in range(COVERS_PER_CONCERT)]
    return [found for found in ids if found is not None]
