"""What may be read of photos, and by whom; every name includes who asks."""

from collections import defaultdict
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from webapp.photos.models import Concert, Photo, Upload

COVERS_PER_CONCERT = 4

Asker = AbstractBaseUser | AnonymousUser


def photos_visible_to(user: Asker) -> QuerySet[Photo]:
    """Return the photos this user may see, newest first; pages that list show ``library_of``."""
    return Photo.objects.filter(owner_id=user.pk).order_by("-created_at", "-id")


def library_of(user: Asker) -> QuerySet[Photo]:
    """Return the photos of this user's library, newest first: not the alternates of moments."""
    return photos_visible_to(user).exclude(shelf=Photo.Shelf.ALTERNATE)


def photos_to_analyse() -> QuerySet[Photo]:
    """Return everybody's readable photos, without alternates of moments that were never picked."""
    ready = Photo.objects.filter(state=Photo.State.READY)
    return ready.exclude(shelf=Photo.Shelf.ALTERNATE, face_count=None)


def concerts_visible_to(user: Asker) -> QuerySet[Concert]:
    """Return the concerts this user may see, newest first."""
    return Concert.objects.filter(owner_id=user.pk).order_by("-created_at", "id")


def uploads_of(user: Asker, kind: str = Upload.Kind.PHOTO) -> QuerySet[Upload]:
    """Return the user's uploads of one kind that have not expired."""
    return Upload.objects.filter(owner_id=user.pk, kind=kind, expires_at__gt=timezone.now())


def unfinished_uploads_of(user: Asker, kind: str = Upload.Kind.PHOTO) -> QuerySet[Upload]:
    """Return the user's uploads of one kind that have not become anything yet."""
    return uploads_of(user, kind).filter(became=None)


def concerts_with_covers(user: Asker) -> list[Concert]:
    """Return the user's concerts, each with ``photo_count`` and ``covers``, in two queries."""
    concerts: list[Concert] = list(
        concerts_visible_to(user).annotate(photo_count=_in_library("photos"))
    )
    covers = _covers([concert.pk for concert in concerts])
    for concert in concerts:
        concert.covers = covers[concert.pk]
    return concerts


def _in_library(relation: str) -> Count:
    """Count related photos without the alternates of moments."""
    is_alternate = Q(**{f"{relation}__shelf": Photo.Shelf.ALTERNATE})
    return Count(relation, filter=~is_alternate)


def _covers(concert_ids: list[UUID]) -> defaultdict[UUID | None, list[Photo]]:
    """Return the newest pictures of each concert."""
    rank = Window(RowNumber(), partition_by="concert_id", order_by=["-created_at", "-id"])
    ready = Photo.objects.filter(concert_id__in=concert_ids, state=Photo.State.READY).exclude(
        shelf=Photo.Shelf.ALTERNATE
    )
    covers: defaultdict[UUID | None, list[Photo]] = defaultdict(list)
    for photo in ready.annotate(rank=rank).filter(rank__lte=COVERS_PER_CONCERT).order_by("rank"):
        covers[photo.concert_id].append(photo)
    return covers
