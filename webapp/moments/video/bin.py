"""Videos in the bin, with their moments; as photos and moments are (``webapp.photos.bin``)."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from webapp.access.rights import Asker
from webapp.core import jobs
from webapp.moments import bin as moment_bin
from webapp.moments.models import Video
from webapp.moments.queries import all_videos_of
from webapp.moments.video.services import ANALYSE
from webapp.photos.bin import GIVEN_UP_AT, queue_emptying
from webapp.photos.queries import kept_since

_UNFINISHED = (Video.State.UPLOADED, Video.State.ANALYSING)


def videos_in_bin_of(user: Asker) -> QuerySet[Video]:
    """Return the videos in this user's bin that were not given up, thrown away last first."""
    return all_videos_of(user).filter(binned_at__gte=kept_since()).order_by("-binned_at", "-id")


@transaction.atomic
def throw(video: Video) -> None:
    """Put a video into the bin, with its moments; its analysis rests meanwhile."""
    locked = Video.objects.select_for_update().get(pk=video.pk)
    if locked.binned_at is not None:
        return
    # First, so that what was thrown away before the video can be told from what goes with it.
    locked.binned_at = timezone.now()
    locked.save(update_fields=["binned_at"])
    jobs.cancel(video.pk)
    moments = locked.moments.filter(binned_at=None).values_list("pk", flat=True)
    moment_bin.throw(locked.owner_id, list(moments))


@transaction.atomic
def restore(video: Video) -> bool:
    """Take a video out of the bin with the moments that went with it; whether it was in it."""
    locked = Video.objects.select_for_update().get(pk=video.pk)
    thrown_at = locked.binned_at
    if thrown_at is None or thrown_at == GIVEN_UP_AT:
        return False
    locked.binned_at = None
    locked.save(update_fields=["binned_at"])
    moments = locked.moments.filter(binned_at__gte=thrown_at).values_list("pk", flat=True)
    moment_bin.restore(locked.owner_id, list(moments))
    if locked.state in _UNFINISHED:
        jobs.enqueue(ANALYSE, locked.pk, locked.owner_id)
    return True


@transaction.atomic
def give_up_all(user: Asker) -> int:
    """Have all videos in a user's bin deleted for ever, by a job; returns how many."""
    count = videos_in_bin_of(user).update(binned_at=GIVEN_UP_AT)
    if count:
        queue_emptying(user.pk or 0)
    return count
