"""Deleting for ever what was given up in the bin, or has been in it as long as the settings say."""

import time

from webapp.analysis.erasure import delete_photo
from webapp.core import jobs
from webapp.moments.models import Moment, Video
from webapp.moments.services import delete_moment
from webapp.moments.video.services import delete_video
from webapp.photos import bin
from webapp.photos.models import Photo
from webapp.photos.queries import kept_since

BUSY_SECONDS = 45.0
"""Of one turn of the job; then it queues itself, so that other work gets in between."""
AT_ONCE = 100


def empty(claim: jobs.Claim) -> None:
    """Delete what the claim's owner has in the bin for too long, with every trace of it."""
    until = time.monotonic() + BUSY_SECONDS
    is_left = True
    while is_left and time.monotonic() < until and jobs.holds(claim):
        is_left = _delete_some(claim.owner_id)
    with jobs.finish(claim):
        pass
    if is_left:
        bin.queue_emptying(claim.owner_id)


def _delete_some(owner_id: int) -> bool:
    """Delete a few; whether there may be more. What holds others goes first, with all of it."""
    due = {"owner_id": owner_id, "binned_at__lt": kept_since()}
    if (video := Video.objects.filter(**due).order_by("binned_at", "pk").first()) is not None:
        delete_video(video)
        return True
    for moment in Moment.objects.filter(**due).order_by("binned_at", "pk")[:AT_ONCE]:
        delete_moment(moment)
    photos = list(Photo.objects.filter(**due).order_by("binned_at", "pk")[:AT_ONCE])
    for photo in photos:
        delete_photo(photo)
    return Moment.objects.filter(**due).exists() or Photo.objects.filter(**due).exists()


def expire() -> int:
    """Have deleted what has been in a bin for too long; returns for how many owners. A duty."""
    now_due = {"binned_at__isnull": False, "binned_at__lt": kept_since()}
    photos = Photo.objects.filter(**now_due).order_by().values_list("owner", flat=True)
    moments = Moment.objects.filter(**now_due).order_by().values_list("owner", flat=True)
    videos = Video.objects.filter(**now_due).order_by().values_list("owner", flat=True)
    owners = {*photos.distinct(), *moments.distinct(), *videos.distinct()}
    for owner_id in owners:
        bin.queue_emptying(owner_id)
    return len(owners)
