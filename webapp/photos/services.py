"""Writes to photos that are no uploads: deleting, failing, revising."""

import logging
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from webapp.core import (
    events,
    jobs,
)
from webapp.core.files import orphans
from webapp.core.models import Job
from webapp.photos import counts, storage
from webapp.photos.models import Photo
from webapp.uploads.models import Upload

logger = logging.getLogger(__name__)

ERASE, INGEST, REVISE = "erase", "ingest", "revise"
REVISE_AGAIN_AFTER = timedelta(days=1)
REVISED_AT_ONCE = 100
"""Photos queued in one turn of the upkeep, so that other work gets in between."""
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
        events.forget(owner_id, [photo_id])
        Upload.objects.filter(became=photo_id).delete()
        counts.changed([photo_id])
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


def queue_revisions() -> int:
    """Queue some photos whose picture was never hashed; returns how many.

    They came before that was done, and before every kind of place was blanked. One that could not
    be revised for the moment, as its disk was away, is asked for again the next day.
    """
    waiting = Job.objects.filter(stage=REVISE, state__in=[Job.State.PENDING, Job.State.RUNNING])
    if waiting.exists():
        return 0
    lately = timezone.now() - REVISE_AGAIN_AFTER
    tried = Job.objects.filter(stage=REVISE, subject_id=OuterRef("pk"), updated_at__gt=lately)
    photos = unrevised_photos().exclude(Exists(tried))
    found = list(photos.values_list("pk", "owner_id")[:REVISED_AT_ONCE])
    with transaction.atomic():
        for photo_id, owner_id in found:
            jobs.enqueue(REVISE, photo_id, owner_id)
    return len(found)


def unrevised_photos() -> QuerySet[Photo]:
    """Return the photos whose picture was never hashed."""
    return Photo.objects.filter(picture_sha256="", state=Photo.State.READY)
