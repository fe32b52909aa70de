"""What the page of concerts shows of each."""

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from webapp.access.rights import Asker
from webapp.photos import counts
from webapp.photos.models import Concert, Photo, PhotoCount
from webapp.photos.queries import concerts_shared_with, concerts_visible_to, in_library

COVERS_PER_CONCERT = 4


def concerts_with_covers(user: Asker, *, shared: bool = False) -> list[Concert]:
    """Return the user's concerts, each with ``photo_count`` and ``covers``, in a few queries.

    Args:
        user: Who asks.
        shared: Whether those are wanted that others share with the user, with their owners.
    """
    wanted = concerts_shared_with(user) if shared else concerts_visible_to(user)
    concerts = list(_with_cover_ids(wanted.select_related("owner")))
    totals = counts.of(PhotoCount.Kind.CONCERT, [concert.pk for concert in concerts])
    ids = {concert.pk: _cover_ids(concert) for concert in concerts}
    photos = Photo.objects.in_bulk([photo for found in ids.values() for photo in found])
    for concert in concerts:
        concert.photo_count = totals.get(concert.pk, 0)
        concert.covers = [photos[photo] for photo in ids[concert.pk] if photo in photos]
    _put_chosen_first(concerts)
    return concerts


def _put_chosen_first(concerts: list[Concert]) -> None:
    """Let each concert show the cover that was chosen, as long as it is one of its photos."""
    chosen = Photo.objects.filter(in_library(), state=Photo.State.READY).in_bulk(
        [concert.cover_id for concert in concerts if concert.cover_id]
    )
    for concert in concerts:
        cover = chosen.get(concert.cover_id) if concert.cover_id else None
        if cover is not None and cover.concert_id == concert.pk:
            others = [photo for photo in concert.covers if photo != cover]
            concert.covers = [cover, *others][:COVERS_PER_CONCERT]


def _with_cover_ids(concerts: QuerySet[Concert]) -> QuerySet[Concert]:
    """Add the newest pictures one by one: each is a step in the index, however many there are."""
    ready = Photo.objects.filter(in_library(), concert=OuterRef("pk"), state=Photo.State.READY)
    newest = ready.order_by("-shown_at", "-id").values("pk")
    covers = {
        f"cover_{place}": Subquery(newest[place : place + 1]) for place in range(COVERS_PER_CONCERT)
    }
    return concerts.annotate(**covers)


def _cover_ids(concert: Concert) -> list[UUID]:
    ids = [getattr(concert, f"cover_{place}") for place in range(COVERS_PER_CONCERT)]
    return [found for found in ids if found is not None]
