"""Matching all photos of a user again after the gallery changed, from stored embeddings alone."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import transaction

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.analysis.messages import names_changed
from webapp.analysis.models import DetectedFace
from webapp.analysis.naming import NAME_FIELDS, known_people, name_faces, ruled_out
from webapp.core import events, jobs
from webapp.people import services as people
from webapp.people.models import Reference
from webapp.people.queries import locked_gallery_state
from webapp.people.storage import crop_path

BATCH_FACES = 500
"""So many changed faces are written at once; others can write to the database in between."""

_READ_FACES = 2000
_FIELDS = ("id", "photo_id", "embedding", "embedder", "quality", *NAME_FIELDS)


def rematch(claim: jobs.Claim) -> None:
    """Name the faces of all photos of the claim's owner anew.

    Whoever decides on a name meanwhile queues this again, and with that takes the claim away; so
    nothing written here is older than the user's last word.

    Raises:
        jobs.LostClaimError: There is something newer to match.
    """
    known = known_people(claim.owner_id)
    not_these = ruled_out(claim.owner_id)
    changed: list[DetectedFace] = []
    renamed: set[UUID] = set()
    for faces in _photos(claim.owner_id):
        before = [face.person_id for face in faces]
        changed += name_faces(known, faces, not_these)
        if before != [face.person_id for face in faces]:
            renamed.add(faces[0].photo_id)
        if len(changed) >= BATCH_FACES:
            _write(claim, changed, renamed)
            changed, renamed = [], set()
    _write(claim, changed, renamed)
    with jobs.finish(claim):
        pass


def _photos(owner_id: int) -> Iterator[list[DetectedFace]]:
    """Return the faces of each photo, reading a few thousand rows at a time.

    Each portion is a query of its own, from the last photo on: one long query would hold an old
    state of the database while others write.
    """
    after = None
    while True:
        rows = DetectedFace.objects.filter(photo__owner_id=owner_id)
        if after is not None:
            rows = rows.filter(photo_id__gt=after)
        portion = list(rows.order_by("photo_id", "id").only(*_FIELDS)[:_READ_FACES])
        groups = [list(faces) for _, faces in groupby(portion, key=attrgetter("photo_id"))]
        is_last = len(portion) < _READ_FACES
        if not is_last and len(groups) > 1:
            groups.pop()  # The last photo of a full portion may be cut; it comes first in the next.
        yield from groups
        if is_last:
            return
        after = groups[-1][-1].photo_id


def _write(claim: jobs.Claim, changed: list[DetectedFace], renamed: set[UUID]) -> None:
    if not changed:
        return
    with transaction.atomic():
        locked_gallery_state(claim.owner_id)
        if not jobs.holds(claim):
            raise jobs.LostClaimError(f"job {claim.job_id} has something newer to match")
        DetectedFace.objects.bulk_update(changed, NAME_FIELDS, batch_size=100)
        if renamed:
            events.publish(claim.owner_id, "names_changed", {**names_changed(renamed)})


def refresh_references(claim: jobs.Claim) -> None:
    """Embed references again, from their crops, that another model than the present one embedded.

    Raises:
        vision.UnavailableError: The embedder is missing.
    """
    if not has_consent(claim.owner_id):
        return
    present = vision.model_tags().embedder
    old = Reference.objects.filter(owner_id=claim.owner_id).exclude(embedder=present)
    for reference in old:
        try:
            picture = vision.read_reference(
                crop_path(claim.owner_id, reference.pk), least_quality=0.0
            )
        except (vision.RefusedReferenceError, vision.UnreadablePhotoError):
            continue  # It keeps its old embedding, which no longer counts.
        with transaction.atomic():
            locked_gallery_state(claim.owner_id)
            if not jobs.holds(claim) or not has_consent(claim.owner_id):
                raise jobs.LostClaimError(f"job {claim.job_id} was taken back")
            Reference.objects.filter(pk=reference.pk).update(
                embedding=picture.face.embedding, embedder=picture.embedder
            )
    with jobs.finish(claim):
        people.note_change(claim.owner_id)
