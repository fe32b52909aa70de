"""The stages of work that belong to photos: making a file showable, and erasing a deleted one."""

import datetime as dt
import logging
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from webapp.core import jobs
from webapp.photos import (
    clocks,
    services,
    storage,
)
from webapp.photos.arrival import destinations
from webapp.photos.models import Photo
from webapp.vision.sandbox import photos as photo_files

logger = logging.getLogger(__name__)


def ingest(claim: jobs.Claim) -> None:
    """Decode a photo in a limited child process and store what it is.

    An alternate frame of a moment rests then; it is analysed once it is picked.
    """
    files = storage.files_of(claim.subject_id)
    if not files.original.exists():
        raise jobs.BadInputError(gettext("The file of this photo is missing. Upload it again."))
    try:
        facts = photo_files.decode_into(files.folder)
    except photo_files.UnreadablePhotoError as error:
        raise jobs.BadInputError(str(error)) from error
    except photo_files.TooLittleMemoryError as error:
        raise jobs.SetAsideError(str(error)) from error
    taken_at, camera_time = _taken(claim.subject_id, facts.taken_at)
    with jobs.finish(claim) as done:
        photos = Photo.objects.filter(pk=claim.subject_id)
        photos.update(
            state=Photo.State.READY,
            failure="",
            format=facts.format,
            width=facts.width,
            height=facts.height,
            camera=facts.camera,
            bytes=facts.original_bytes,
            stored_sha256=facts.original_sha256,
            picture_sha256=facts.picture_sha256 or Photo.UNREADABLE,
        )
        undated = photos.filter(is_dated_by_hand=False)
        undated.update(taken_at=taken_at, camera_time=camera_time)
        destinations.readable.send(claim.subject_id)
        done.is_followed = not photos.filter(shelf=Photo.Shelf.ALTERNATE).exists()
        done.event(
            "photo_ready",
            {
                "photo": str(claim.subject_id),
                "thumb": True,
                "width": facts.width,
                "height": facts.height,
            },
        )


def _taken(
    photo_id: UUID, camera_time: dt.datetime | None
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return when a photo was taken, and what the camera's clock showed if that has to be kept."""
    if camera_time is None:
        return None, None
    if camera_time.tzinfo is not None:
        return camera_time.astimezone(dt.UTC), None
    photo = Photo.objects.select_related("concert", "owner").filter(pk=photo_id).first()
    zone = clocks.zone_of(photo) if photo else dt.UTC
    return clocks.instant_of(camera_time, zone), camera_time.replace(tzinfo=dt.UTC)


def revise(claim: jobs.Claim) -> None:
    """Do to the original of an older photo what ingest does now: its time, its places, its hash.

    One whose original is not there now is left for another day (``services.queue_revisions``).
    """
    files = storage.files_of(claim.subject_id)
    if not files.original.exists():
        logger.warning("photo %s is not revised: its original is not there", claim.subject_id)
        return
    photos = Photo.objects.filter(pk=claim.subject_id)
    changes: dict[str, Any] = {"picture_sha256": Photo.UNREADABLE}
    try:
        facts = photo_files.revise_original(files.folder)
    except photo_files.UnreadablePhotoError as error:
        logger.warning("the original of photo %s was left as it is: %s", claim.subject_id, error)
    else:
        changes = {
            "bytes": facts.original_bytes,
            "stored_sha256": facts.original_sha256,
            "picture_sha256": facts.picture_sha256 or Photo.UNREADABLE,
        } | _revised_time(claim.subject_id, facts.taken_at)
    with jobs.finish(claim):
        photos.update(**changes)
        if not services.unrevised_photos().filter(owner_id=claim.owner_id).exists():
            clocks.queue_clocks(claim.owner_id)  # What was made of the times follows, once.


def _revised_time(photo_id: UUID, camera_time: dt.datetime | None) -> dict[str, Any]:
    """Return what the camera's time means for a photo; frames of moments were dated here."""
    of_camera = Photo.objects.filter(shelf=Photo.Shelf.LIBRARY, is_dated_by_hand=False)
    is_of_camera = of_camera.filter(pk=photo_id).exists()
    if camera_time is None or not is_of_camera:
        return {}
    taken_at, camera_time = _taken(photo_id, camera_time)
    return {"taken_at": taken_at, "camera_time": camera_time}


def erase(claim: jobs.Claim) -> None:
    """Remove what is left of a deleted photo, even if a worker was just writing it."""
    if not storage.remove_photo(claim.subject_id):
        raise RuntimeError("a worker is still writing into the folder; trying again")
