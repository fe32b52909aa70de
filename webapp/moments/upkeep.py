"""What happens to moments by themselves: they expire, and what nothing points to any more goes."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from webapp.analysis.erasure import delete_photo
from webapp.moments.models import Moment
from webapp.moments.services import delete_moment, repair_bursts
from webapp.photos.models import Photo

DELETED_AT_ONCE = 50
YOUNG = timedelta(minutes=10)
"""For this long a frame may belong to a moment that is just being made."""


def expire() -> int:
    """Delete moments that have been kept as long as the settings say; returns how many.

    What is liked stays, whatever its age, and so do bursts, whose photos stay anyway. What was
    discarded stays as long as its page says, however old it is, and whether it was liked or not.
    """
    kept = Moment.objects.exclude(kind=Moment.Kind.BURST).filter(binned_at=None)
    return _delete(kept.filter(_is_expired()))


def days_to_restore(moment: Moment) -> int:
    """Return for how many days a moment can be brought back once discarded; 0 for ever."""
    return 0 if moment.kind == Moment.Kind.BURST else settings.MOMENTS_KEEP_DISCARDED_DAYS


def _is_expired() -> Q:
    now = timezone.now()
    expired = Q(pk=None)  # Matches nothing.
    if days := settings.MOMENTS_KEEP_DAYS:
        unjudged = Q(liked_at=None, is_discarded=False)
        expired |= unjudged & Q(created_at__lt=now - timedelta(days=days))
    if days := settings.MOMENTS_KEEP_DISCARDED_DAYS:
        expired |= Q(is_discarded=True, judged_at__lt=now - timedelta(days=days))
    return expired


def sweep() -> int:
    """Delete what was left behind; returns how many moments and photos.

    A moment whose picture the user has deleted goes with its alternates; of a burst the next best
    photo takes the place. Frames without a moment are left by a crash, or by a video that was
    deleted.
    """
    repair_bursts()
    count = _delete(Moment.objects.filter(state=Moment.State.READY, photo=None))
    before = timezone.now() - YOUNG
    frames = Photo.objects.exclude(shelf=Photo.Shelf.LIBRARY).filter(created_at__lt=before)
    stray = frames.filter(moment_frames=None, moments=None).order_by("pk")
    for photo in stray[:DELETED_AT_ONCE]:
        delete_photo(photo)
        count += 1
    return count


def _delete(moments: QuerySet[Moment]) -> int:
    found = list(moments.order_by("created_at")[:DELETED_AT_ONCE])
    for moment in found:
        delete_moment(moment)
    return len(found)
