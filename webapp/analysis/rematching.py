"""Matching faces again after the gallery changed, from stored embeddings alone.

One person's change concerns the faces near them, before and after it, and the photos those are in;
the others are only looked at. What was dealt with is noted together with what was written, so a
matching that is cut short goes on where it was: after a kill, and after a decision of the user,
which takes the claim away. Changes that come meanwhile are matched in the next round.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import transaction

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.analysis.galleries import galleries
from webapp.analysis.messages import names_changed
from webapp.analysis.models import DetectedFace
from webapp.analysis.naming import NAME_FIELDS, compare, name_faces, ruled_out, write_names
from webapp.core import events, jobs
from webapp.people.adapting import adapt
from webapp.people.changes import (
    REFERENCES_STAGE,
    Changes,
    changes_between,
    forget_old,
    gallery_of,
    mark_change,
    queue_matching,
)
from webapp.people.models import PeopleGallery, Reference
from webapp.people.queries import enrolled_of, locked_gallery_state
from webapp.people.storage import crop_path

BATCH_FACES = 500
"""So many changed faces are written at once; others can write to the database in between."""

TURN_SECONDS = 120.0
"""After this the job ends and queues itself, far below its time limit."""

_READ_FACES = 2000
_FIELDS = ("id", "photo_id", "embedding", "embedder", "quality", *NAME_FIELDS)


@dataclass(frozen=True, slots=True)
class _Round:
    """One way through the faces of a user.

    Attributes:
        known: Everybody, as they are now.
        changes: What the round is about.
        changed: Those of ``known`` who changed.
        after: Id of the last photo that was dealt with; ``None`` at the beginning.
        ends_at: Of the steady clock, when the job has to end.
    """

    known: vision.KnownPeople
    changes: Changes
    changed: vision.KnownPeople
    after: UUID | None
    ends_at: float


def rematch(claim: jobs.Claim) -> None:
    """Name the faces anew that changes of the owner's gallery concern.

    Whoever decides on a name meanwhile queues this again, and with that takes the claim away; so
    nothing written here is older than the user's last word.

    Raises:
        jobs.LostClaimError: There is something newer to match, or the turn is over.
    """
    ends_at = time.monotonic() + TURN_SECONDS
    _learn(claim)
    while (gallery := _begin(claim)) is not None:
        changes = changes_between(gallery, gallery.matched_revision, gallery.matching_revision)
        known = galleries.of(claim.owner_id).people
        changed = known.compared_alike(enrolled_of(claim.owner_id, changes.people))
        _match(claim, _Round(known, changes, changed, gallery.matched_until, ends_at))
        _end(claim)
    with jobs.finish(claim):
        pass


def _learn(claim: jobs.Claim) -> None:
    """Let the gallery learn from its people, if that is due, before faces are matched.

    While its references are being embedded anew they are few; what they teach then would be out of
    date in a minute.
    """
    gallery = gallery_of(claim.owner_id)
    if not jobs.is_open(REFERENCES_STAGE, gallery.pk):
        adapt(gallery)


def _begin(claim: jobs.Claim) -> PeopleGallery | None:
    """Return the gallery with the round that is to be done, or gone on with; ``None`` for none."""
    with transaction.atomic():
        gallery = _locked(claim)
        if gallery.matching_revision == gallery.matched_revision:
            if gallery.revision == gallery.matched_revision:
                return None
            gallery.matching_revision = gallery.revision
            gallery.matched_until = None
            gallery.save(update_fields=["matching_revision", "matched_until"])
    return gallery


def _end(claim: jobs.Claim) -> None:
    """Note that the round is done."""
    with transaction.atomic():
        gallery = _locked(claim)
        gallery.matched_revision = gallery.matching_revision
        gallery.matched_until = None
        gallery.save(update_fields=["matched_revision", "matched_until"])
        forget_old(gallery)


def _locked(claim: jobs.Claim) -> PeopleGallery:
    """Return the gallery of a claim that still holds, kept as it is until the transaction ends."""
    gallery = PeopleGallery.objects.select_for_update().filter(owner_id=claim.owner_id).first()
    if gallery is None or not jobs.holds(claim):
        raise jobs.LostClaimError(f"job {claim.job_id} has something newer to match")
    return gallery


def _match(claim: jobs.Claim, work: _Round) -> None:
    for photos in _portions(claim.owner_id, work):
        faces = [face for photo in photos for face in photo]
        concerned = _concerned(work, faces)
        near = iter(compare(work.known, [face for face in faces if face.photo_id in concerned]))
        not_these = ruled_out(concerned)
        changed: list[DetectedFace] = []
        renamed: set[UUID] = set()
        for photo in photos:
            photo_id = photo[0].photo_id
            if photo_id in concerned:
                before = [face.person_id for face in photo]
                changed += name_faces(work.known, photo, [next(near) for _ in photo], not_these)
                if before != [face.person_id for face in photo]:
                    renamed.add(photo_id)
            if len(changed) >= BATCH_FACES:
                _write(claim, changed, renamed, photo_id)
                changed, renamed = [], set()
        _write(claim, changed, renamed, photos[-1][0].photo_id)
        if time.monotonic() > work.ends_at:
            _take_another_turn(claim)


def _concerned(work: _Round, faces: Sequence[DetectedFace]) -> set[UUID]:
    """Return the photos with a face that was or is near somebody who changed."""
    if not work.changes.is_complete:
        return {face.photo_id for face in faces}
    people = work.changes.people
    names = {str(person) for person in people}
    return {
        face.photo_id
        for face, near in zip(faces, compare(work.changed, faces), strict=True)
        if (near is not None and near.people)
        or face.person_id in people
        or face.photo_id in work.changes.photos
        or any(candidate["person"] in names for candidate in face.candidates)
    }


def _portions(owner_id: int, work: _Round) -> Iterator[list[list[DetectedFace]]]:
    """Yield some photos after the other, each as its faces, reading a few thousand rows at a time.

    Each portion is a query of its own, from the last photo on: one long query would hold an old
    state of the database while others write.
    """
    faces = DetectedFace.objects.filter(photo__owner_id=owner_id)
    if work.changes.is_complete and not work.changes.people:
        faces = faces.filter(photo_id__in=work.changes.photos)
    after = work.after
    while True:
        rows = faces if after is None else faces.filter(photo_id__gt=after)
        portion = list(rows.order_by("photo_id", "id").only(*_FIELDS)[:_READ_FACES])
        photos = [list(group) for _, group in groupby(portion, key=attrgetter("photo_id"))]
        is_last = len(portion) < _READ_FACES
        if not is_last and len(photos) > 1:
            photos.pop()  # The last photo of a full portion may be cut; it comes first in the next.
        if photos:
            yield photos
            after = photos[-1][-1].photo_id
        if is_last:
            return


def _write(claim: jobs.Claim, changed: list[DetectedFace], renamed: set[UUID], until: UUID) -> None:
    """Save names, and how far the round has come."""
    with transaction.atomic():
        gallery = _locked(claim)
        write_names(changed)
        if renamed:
            events.publish(claim.owner_id, "names_changed", {**names_changed(renamed)})
        gallery.matched_until = until
        gallery.save(update_fields=["matched_until"])


def _take_another_turn(claim: jobs.Claim) -> None:
    with transaction.atomic():
        _locked(claim)
        queue_matching(claim.owner_id)
    raise jobs.LostClaimError(f"job {claim.job_id} goes on in another turn")


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
            mark_change(claim.owner_id, people=[reference.person_id])
    with jobs.finish(claim):
        queue_matching(claim.owner_id)
