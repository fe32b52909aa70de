"""Writes to videos that are no uploads: deleting, failing, trying again."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from webapp.core import events, jobs
from webapp.moments.models import Moment, Video
from webapp.moments.reel.services import delete_reel
from webapp.moments.services import delete_moment
from webapp.moments.video import storage as video_storage
from webapp.uploads.models import Upload

ANALYSE, ERASE_VIDEO = "analyse-video", "erase-video"
BATCH = 10
"""Moments deleted in one transaction; with their photos half a second."""


def delete_video(video: Video) -> None:
    """Delete a video with its file, moments, their photos, samples, jobs and events.

    The file goes when the transaction commits, and once more by a job, which also finds what a
    crash of this process left. Moments go first, some at a time, so that others can write in
    between; killed there, the video stays with the rest and can be deleted again.
    """
    video_id, owner_id = video.pk, video.owner_id
    _delete_in_batches(video.moments.all())
    with transaction.atomic():
        for fancam in video.fancams.all():
            delete_reel(fancam)
        jobs.cancel(video_id)
        _delete_moments(video.moments.all())
        events.forget(owner_id, [video_id])
        Upload.objects.filter(became=video_id).delete()
        Video.objects.filter(pk=video_id).delete()
        jobs.enqueue(ERASE_VIDEO, video_id, owner_id)
        transaction.on_commit(partial(video_storage.remove, video_id))


@transaction.atomic
def analyse_again(video: Video) -> None:
    """Queue a video once more; one that is being analysed goes on.

    A failed one goes on from where it stopped. A finished one begins anew, as more stars may be
    known by now; of its moments only those that were liked or discarded stay, once the first part
    of it could be analysed.
    """
    locked = Video.objects.select_for_update().get(pk=video.pk)
    if locked.state == Video.State.READY:
        locked.analysed_seconds = 0.0
        locked.round += 1
    elif locked.state != Video.State.FAILED:
        return
    locked.state, locked.failure = Video.State.UPLOADED, ""
    locked.save(update_fields=["state", "failure", "analysed_seconds", "round"])
    jobs.enqueue(ANALYSE, locked.pk, locked.owner_id)


def kept_moments(video: Video) -> QuerySet[Moment]:
    """Return the moments that stay; when a video begins anew, those that the user has judged."""
    moments = video.moments.all()
    return moments.exclude(judged_at=None) if is_begun_anew(video) else moments


def is_begun_anew(video: Video) -> bool:
    """Whether what an earlier round has found is still there, to be replaced."""
    return video.round > 0 and video.analysed_seconds == 0


def begin_clearing(video: Video) -> None:
    """Delete the moments of an earlier round, some at a time, so that others can write in between.

    Call it when the first slice can be stored; killed here, it is done again with that slice.
    """
    _delete_in_batches(video.moments.filter(judged_at=None))


def clear_earlier_round(video: Video) -> None:
    """Delete what an earlier round has found; call it inside the transaction of the first slice."""
    _delete_moments(video.moments.filter(judged_at=None))
    video.emotion_samples.all().delete()
    video.tracks.all().delete()


def _delete_in_batches(moments: QuerySet[Moment]) -> None:
    """Delete moments that are there now, each batch in a transaction of its own."""
    ids = list(moments.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            _delete_moments(moments.filter(pk__in=ids[start : start + BATCH]))


def _delete_moments(moments: QuerySet[Moment]) -> None:
    for moment in moments:
        delete_moment(moment)


def mark_failed(video_id: UUID, reason: str) -> None:
    """Say on the video why it is not analysed; called when its job failed or was set aside."""
    video = Video.objects.filter(pk=video_id).first()
    if video is None:
        return
    video.state, video.failure = Video.State.FAILED, reason[:300]
    video.save(update_fields=["state", "failure"])
    about = events.Subject("video", video_id)
    events.publish(video.owner_id, "video_failed", {"reason": reason[:300]}, about=about)
