"""Moments in the bin, and what becomes of moments whose photos go there.

The frames of a moment go to the bin and come back with it, but those that another moment shows as
well, and what the user uploaded to the library.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from webapp.moments import services
from webapp.moments.models import Moment, MomentFrame
from webapp.people.queries import locked_gallery_state
from webapp.photos import bin, counts
from webapp.photos.chosen import portions
from webapp.photos.models import Photo


@transaction.atomic
def throw(owner_id: int, moment_ids: Iterable[UUID]) -> list[UUID]:
    """Put moments into the bin, with their frames; returns those that were not in it."""
    locked_gallery_state(owner_id)
    thrown: list[UUID] = []
    for some in portions(moment_ids):
        own = Moment.objects.filter(owner_id=owner_id, binned_at=None, pk__in=some)
        ids = list(own.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        Moment.objects.filter(pk__in=ids).update(binned_at=timezone.now())
        frames = _frames_of(ids)
        services.shelve(frames)
        _restack(ids)
        bin.throw(owner_id, frames - _shown_elsewhere(frames))
        thrown += ids
    return thrown


@transaction.atomic
def restore(owner_id: int, moment_ids: Iterable[UUID]) -> list[UUID]:
    """Take moments out of the bin, with their frames; returns those that were in it."""
    locked_gallery_state(owner_id)
    back: list[UUID] = []
    for some in portions(moment_ids):
        binned = Moment.objects.filter(owner_id=owner_id, binned_at__isnull=False, pk__in=some)
        own = binned.exclude(binned_at=bin.GIVEN_UP_AT).order_by("pk")
        ids = list(own.select_for_update(of=("self",)).values_list("pk", flat=True))
        Moment.objects.filter(pk__in=ids).update(binned_at=None)
        frames = _frames_of(ids)
        bin.restore(owner_id, frames)
        services.shelve(frames)
        _restack(ids)
        back += ids
    return back


@transaction.atomic
def give_up(owner_id: int, moment_ids: Iterable[UUID]) -> int:
    """Have moments in the bin deleted for ever, by a job; returns how many."""
    count = 0
    for some in portions(moment_ids):
        own = Moment.objects.filter(owner_id=owner_id, binned_at__isnull=False, pk__in=some)
        count += own.update(binned_at=bin.GIVEN_UP_AT)
    bin.queue_emptying(owner_id)
    return count


def _frames_of(moment_ids: list[UUID]) -> set[UUID]:
    """Return the pictures that exist for these moments alone or others; none of the library."""
    of_moments = Q(moments__in=moment_ids) | Q(moment_frames__moment__in=moment_ids)
    photos = Photo.objects.filter(of_moments).exclude(shelf=Photo.Shelf.LIBRARY)
    return set(photos.order_by().values_list("pk", flat=True))


def _shown_elsewhere(photo_ids: set[UUID]) -> set[UUID]:
    moments = Moment.objects.filter(photo__in=photo_ids, binned_at=None)
    frames = MomentFrame.objects.filter(photo__in=photo_ids, moment__binned_at=None)
    held = (*moments.values_list("photo", flat=True), *frames.values_list("photo", flat=True))
    return {photo for photo in held if photo is not None}


def _restack(moment_ids: list[UUID]) -> None:
    for moment in Moment.objects.filter(pk__in=moment_ids, kind=Moment.Kind.BURST):
        services.stack(moment)


def follow_thrown(_owner_id: int, photo_ids: list[UUID]) -> None:
    """Let the next best photo stand for a burst whose best one was thrown away."""
    for some in portions(photo_ids):
        topped = Moment.objects.filter(kind=Moment.Kind.BURST, photo__in=some)
        for moment in topped.order_by("pk"):
            if not services.crown_best(moment):
                under = Photo.objects.filter(stack_top=moment.photo_id)
                with counts.changing(list(under.values_list("pk", flat=True))):
                    under.update(stack_top=None)


def follow_restored(_owner_id: int, photo_ids: list[UUID]) -> None:
    """Stack photos again that came back to their burst."""
    for some in portions(photo_ids):
        bursts = Moment.objects.filter(kind=Moment.Kind.BURST, frames__photo__in=some)
        for moment in bursts.distinct().order_by("pk"):
            services.stack(moment)
