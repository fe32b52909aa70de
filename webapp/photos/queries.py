"""What may be read of photos, and by whom; every name includes who asks."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from webapp.access.models import Member
from webapp.access.rights import Asker, Right, granted
from webapp.photos.chosen import portions
from webapp.photos.models import Concert, Photo


def all_photos_of(user: Asker) -> QuerySet[Photo]:
    """Return every photo of this user, also those in the bin; for what must know of them all."""
    return Photo.objects.filter(owner_id=user.pk).order_by("-created_at", "-id")


def photos_visible_to(user: Asker, right: Right = Right.OWN) -> QuerySet[Photo]:
    """Return the photos on which this user has a right, newest first.

    Pages that list show ``library_of``. Alternates of moments are their owner's alone.
    """
    return photos_with_files_for(user, right).filter(binned_at=None)


def photos_with_files_for(user: Asker, right: Right) -> QuerySet[Photo]:
    """Return the same with the photos in this user's own bin, whose pictures are shown there."""
    found = Photo.objects.filter(granted(user, right, shared=open_to_members()))
    return found.order_by("-created_at", "-id")


def open_to_members(relation: str = "") -> Q:
    """Return which photos of a shared concert its members may see; ``relation`` as below."""
    is_alternate = Q(**{f"{relation}shelf": Photo.Shelf.ALTERNATE})
    return ~is_alternate & Q(**{f"{relation}binned_at": None})


def bin_of(user: Asker) -> QuerySet[Photo]:
    """Return what lies in this user's bin, thrown away last first; what is on its way out is not.

    Alternates of a moment that was thrown away are not in it: they come back with their moment.
    """
    kept = all_photos_of(user).filter(binned_at__gte=kept_since())
    return kept.order_by("-binned_at", "-id")


def kept_since() -> datetime:
    """Return since when what was thrown away is still kept."""
    return timezone.now() - timedelta(days=settings.BIN_DAYS)


def library_of(user: Asker) -> QuerySet[Photo]:
    """Return the photos of this user's library, newest first, as ``in_library`` has it."""
    return photos_visible_to(user).filter(in_library())


def in_library(relation: str = "") -> Q:
    """Return the condition for standing in a library.

    Alternates of moments do not, nor do photos that lie under a better one of the same burst, nor
    those in the bin.

    Args:
        relation: How the photo is reached, as ``photos__``; empty for photos themselves.
    """
    is_alternate = Q(**{f"{relation}shelf": Photo.Shelf.ALTERNATE})
    return ~is_alternate & Q(**{f"{relation}stack_top": None, f"{relation}binned_at": None})


def stack_sizes(photos: Iterable[Photo]) -> dict[UUID, int]:
    """Return how many photos belong to each burst, its best one included; others are left out."""
    tops = [photo.pk for photo in photos]
    under = Photo.objects.filter(stack_top__in=tops, binned_at=None)
    counted = under.order_by().values_list("stack_top").annotate(total=Count("pk"))
    return {top: total + 1 for top, total in counted}


def photos_to_analyse() -> QuerySet[Photo]:
    """Return everybody's readable photos, without alternates of moments that were never picked."""
    ready = Photo.objects.filter(state=Photo.State.READY)
    return ready.exclude(shelf=Photo.Shelf.ALTERNATE, face_count=None)


def concerts_visible_to(user: Asker, right: Right = Right.OWN) -> QuerySet[Concert]:
    """Return the concerts on which this user has a right, newest first."""
    found = Concert.objects.filter(granted(user, right, concert="pk"))
    return found.order_by("-created_at", "id")


def concerts_shared_with(user: Asker) -> QuerySet[Concert]:
    """Return the concerts of others that this user may see, newest first."""
    return concerts_visible_to(user, Right.SEE).exclude(owner_id=user.pk)


def members_seeing(photos: QuerySet[Any, Any]) -> QuerySet[Member]:
    """Return the members of the concerts of these photos, given by their ids."""
    return Member.objects.filter(concert__photos__in=photos)


def shared_among(photo_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Return which of these photos members see, by their concert."""
    found: dict[UUID, list[UUID]] = {}
    for some in portions(photo_ids):
        shared = Photo.objects.filter(
            open_to_members(), pk__in=some, concert__members__isnull=False
        )
        for concert_id, photo_id in shared.values_list("concert", "pk").distinct():
            found.setdefault(concert_id, []).append(photo_id)
    return found
