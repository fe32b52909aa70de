"""Writes to photos that are no uploads: deleting, failing, and sweeping up what was left behind."""

import time
from contextlib import suppress
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from webapp.core import events, jobs
from webapp.core.models import Job
from webapp.photos import storage
from webapp.photos.models import Photo, Upload

ERASE, INGEST = "erase", "ingest"
YOUNG_SECONDS = 3600
"""For this long a folder without a row may be on its way, and half a picture be written."""


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

    A file at fault is removed. One that was set aside keeps its original, to be tried again.
    """
    Photo.objects.filter(pk=photo_id).exclude(state=Photo.State.READY).update(
        state=Photo.State.FAILED, failure=reason[:300]
    )
    ingests = Job.objects.filter(stage=INGEST, subject_id=photo_id)
    if ingests.filter(state=Job.State.FAILED).exists():
        transaction.on_commit(partial(storage.remove_photo, photo_id))


def sweep_uploads() -> int:
    """Remove uploads that expired, and parts of requests that died; returns how many."""
    expired = list(
        Upload.objects.filter(expires_at__lt=timezone.now()).values_list("pk", flat=True)
    )
    Upload.objects.filter(pk__in=expired).delete()
    for upload_id in expired:
        storage.part_of(upload_id).unlink(missing_ok=True)
    known = {str(upload_id) for upload_id in Upload.objects.values_list("pk", flat=True)}
    oldest = time.time() - settings.UPLOAD_EXPIRES_HOURS * 3600
    stale = 0
    for part in storage.part_of(UUID(int=0)).parent.glob("*.part"):
        with suppress(FileNotFoundError):
            if part.stem not in known and part.stat().st_mtime < oldest:
                part.unlink()
                stale += 1
    return len(expired) + stale


def sweep_pieces(*, older_than_seconds: float = YOUNG_SECONDS) -> int:
    """Remove what killed workers left half written; returns how many files."""
    return storage.remove_pieces(older_than=time.time() - older_than_seconds)


def sweep_folders(*, older_than_seconds: float = YOUNG_SECONDS) -> int:
    """Remove photo folders that have no row; returns how many."""
    before = time.time() - older_than_seconds
    rows = Photo.objects.values_list("pk", flat=True).union(
        Upload.objects.values_list("pk", flat=True)
    )
    lost = storage.orphans(rows, older_than=before)
    for photo_id in lost:
        storage.remove_photo(photo_id)
    return len(lost)
