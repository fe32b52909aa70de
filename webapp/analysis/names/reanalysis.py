"""Running one stage over photos again: after a new model, or after consent was given."""

from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.analysis.models import DetectedFace, Portrait
from webapp.core import jobs
from webapp.people.gallery.adapting import is_due
from webapp.people.gallery.changes import REFERENCES_STAGE, gallery_of, queue_matching
from webapp.people.models import PeopleGallery, Reference
from webapp.photos.models import Photo
from webapp.photos.queries import photos_to_analyse

CATCH_UP_STAGE = "catch-up"
BATCH_PHOTOS = 200
"""So many photos are queued in one transaction; others can write to the database in between."""


def photos_made_otherwise(stage: str, model: str) -> QuerySet[Photo]:
    """Return the photos whose results of a stage come from another model than ``model``."""
    ready = photos_to_analyse()
    faces = DetectedFace.objects.shown().filter(photo=OuterRef("pk"))
    if stage == "recognise":
        return ready.filter(Q(face_count=None) | Exists(faces.exclude(embedder=model)))
    if stage == "emotions":
        return ready.filter(Exists(faces.exclude(emotion_model=model)))
    same = Portrait.objects.filter(photo=OuterRef("pk"), model=model)
    return ready.exclude(Exists(same))


def queue_again(stage: str, photos: QuerySet[Photo]) -> int:
    """Queue a stage for photos, as if it had never run; returns for how many."""
    count = 0
    for batch in _batches(photos):
        with transaction.atomic():
            if stage == "emotions":
                faces = DetectedFace.objects.filter(photo_id__in=[pk for pk, _ in batch])
                faces.update(emotion_model="")
            if stage == "portrait":
                Portrait.objects.filter(photo_id__in=[pk for pk, _ in batch]).update(model="")
            for photo_id, owner_id in batch:
                jobs.enqueue(stage, photo_id, owner_id)
        count += len(batch)
    return count


def _batches(photos: QuerySet[Photo]) -> Iterator[list[tuple[UUID, int]]]:
    found = list(photos.order_by("pk").values_list("pk", "owner_id"))
    for start in range(0, len(found), BATCH_PHOTOS):
        yield found[start : start + BATCH_PHOTOS]


@transaction.atomic
def recognise_everything(owner_id: int) -> None:
    """Have the faces embedded that were found while there was no consent or no model.

    Only one job is queued here, which queues the photos; a page need not wait for thousands.
    """
    jobs.enqueue(CATCH_UP_STAGE, gallery_of(owner_id).pk, owner_id)


def catch_up(claim: jobs.Claim) -> None:
    """Queue the recognition of every photo of a user with a face of no, or another, embedder."""
    photos = photos_made_otherwise("recognise", vision.present_embedder())
    queue_again("recognise", photos.filter(owner_id=claim.owner_id))
    with jobs.finish(claim):
        pass


def embed_anew() -> None:
    """Have every library embedded in the background by the embedder that is present now.

    Asked for once per library and embedder; names stay meanwhile. A duty of the upkeep.
    """
    present = vision.present_embedder()
    if not present:
        return
    for gallery in PeopleGallery.objects.exclude(embedder=present):
        with transaction.atomic():
            PeopleGallery.objects.filter(pk=gallery.pk).update(embedder=present)
            if not has_consent(gallery.owner_id):
                continue
            if Reference.objects.filter(owner=gallery.owner_id).exclude(embedder=present).exists():
                jobs.enqueue(REFERENCES_STAGE, gallery.pk, gallery.owner_id)
            faces = DetectedFace.objects.shown().filter(photo__owner=gallery.owner_id)
            if faces.exclude(embedder__in=["", present]).exists():
                jobs.enqueue(CATCH_UP_STAGE, gallery.pk, gallery.owner_id)


def adapt_anew() -> None:
    """Have every gallery learn that can and has not, above all after an update. A duty."""
    for gallery in PeopleGallery.objects.all():
        if is_due(gallery):
            queue_matching(gallery.owner_id)
