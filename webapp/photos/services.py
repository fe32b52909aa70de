"""Writes to photos that are no uploads: deleting, failing, and forgetting expired uploads."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from webapp.core import events, jobs, orphans
from webapp.core.models import Job
from webapp.photos import storage
from webapp.photos.models import Photo, Upload

ERASE, INGEST = "erase", "ingest"
UNREADABLE = "it could not be read as a photo"


def delete_photo(photo: Photo) -> None:
    """Delete a photo with its jobs, events, uploads and files.

    The files go when the transaction commits, and once more by a job, which also finds what a
    worker was just writing or what a crash of this process left. The upkeep empties SQLite's
    write-ahead log within 20 seconds, so the deleted rows cannot be read there either.
    """
    photo_id, owner_id = photo.pk, photo.owner_id
    with transaction.atomic():
        jobs.cancel(photo_id)
        events.forget(owner_id, [str(photo_id)])
        Upload.objects.filter(became=photo_id).delete()
        Photo.objects.filter(pk=photo_id).delete()
        jobs.enqueue(ERASE, photo_id, owner_id)
        transaction.on_commit(partial(storage.remove_photo, photo_id))


def mark_failed(photo_id: UUID, reason: str) -> None:
    """Say on the photo why it cannot be shown; called when its ingest failed or was set aside.

    A file at fault goes to the trash. One that was set aside keeps its original, to be tried again.
    """
    Photo.objects.filter(pk=photo_id).exclude(state=Photo.State.READY).update(
        state=Photo.State.FAILED, failure=reason[:300]
    )
    ingests = Job.objects.filter(stage=INGEST, subject_id=photo_id)
    if ingests.filter(state=Job.State.FAILED).exists():
        folder = storage.files_of(photo_id).folder
        transaction.on_commit(partial(orphans.retire, folder, UNREADABLE))


def forget_expired_uploads() -> int:
    """Forget uploads that were not finished in time; their parts are orphans then."""
    return Upload.objects.filter(expires_at__lt=timezone.now()).delete()[0]
