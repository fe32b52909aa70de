"""Matching faces again after the gallery changed, from stored embeddings alone.

One person's change concerns the faces near them, before and after it, and the photos those are in;
the others are only looked at. What was dealt with is noted together with what was written, so a
matching that is cut short goes on where it was: after a kill, and after a decision of the user,
which takes the claim away. Changes that come meanwhile are matched in the next round.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.analysis.models import DetectedFace
from webapp.analysis.names.galleries import galleries
from webapp.analysis.names.naming import NAME_FIELDS, compare, name_faces, ruled_out, write_names
from webapp.analysis.renamed import note_renamed
from webapp.analysis.sorting.worklist import queue_sorting
from webapp.core import jobs
from webapp.people.gallery.adapting import adapt
from webapp.people.gallery.changes import (
    REFERENCES_STAGE,
    Changes,
    changes_between,
    forget_old,
    gallery_of,
    mark_change,
    queue_matching,
)
from webapp.people.gallery.setting_aside import judge
from webapp.people.line_ups import members_at
from webapp.people.models import PeopleGallery, Reference
from webapp.people.queries import enrolled_of, locked_gallery_state
from webapp.people.storage import crop_path
from webapp.photos.models import Photo

BATCH_FACES = 500
"""So many changed faces are written at once; others can write to the database in between."""

TURN_SECONDS = 120.0
"""After this the job ends and queues itself, far below its time limit."""

_READ_PHOTOS = 500
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

    known: vision.LibraryGallery
    changes: Changes
    changed: vision.LibraryGallery
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
        queue_sorting(claim.owner_id)


def _learn(claim: jobs.Claim) -> None:
    """Set bad references aside and learn from the others, if that is due, before the matching.

    While the references are being embedded anew they are few; what they teach then would be out of
    date in a minute.
    """
    gallery = gallery_of(claim.owner_id)
    if not jobs.is_open(REFERENCES_STAGE, gallery.pk):
        if judge(gallery):
            gallery.refresh_from_db()
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
    for portion in _portions(claim.owner_id, work):
        concerned = _concerned(work, portion)
        not_these, line_ups = ruled_out(concerned), members_at(concerned)
        faces = _faces_of(concerned)
        # All faces of the portion at once: one product of matrices instead of one for each photo.
        near = iter(compare(work.known, faces))
        changed: list[DetectedFace] = []
        renamed: set[UUID] = set()
        for photo_id, group in groupby(faces, key=attrgetter("photo_id")):
            photo = list(group)
            before = [face.person_id for face in photo]
            nearness = list(islice(near, len(photo)))
            there = line_ups.get(photo_id, frozenset())
            changed += name_faces(work.known, photo, nearness, not_these, line_up=there)
            if before != [face.person_id for face in photo]:
                renamed.add(photo_id)
            # Only between photos, so that who goes on after a kill begins behind a whole one.
            if len(changed) >= BATCH_FACES:
                _write(claim, changed, renamed, photo_id)
                changed, renamed = [], set()
        _write(claim, changed, renamed, portion[-1])
        if time.monotonic() > work.ends_at:
            _take_another_turn(claim)


def _portions(owner_id: int, work: _Round) -> Iterator[list[UUID]]:
    """Yield some photos after the other, in the order of their ids.

    Each portion is read by queries of its own: one long query would hold an old state of the
    database while others write. Photos that come meanwhile are not missed: what recognises them
    matches against the gallery as it is by then.
    """
    photos = Photo.objects.filter(owner_id=owner_id)
    if work.changes.is_complete and not work.changes.people:
        of_concerts = Q(concert__in=work.changes.concerts)
        photos = photos.filter(Q(pk__in=work.changes.photos) | of_concerts)
    if work.after is not None:
        photos = photos.filter(pk__gt=work.after)
    ids = list(photos.order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(ids), _READ_PHOTOS):
        yield ids[begin : begin + _READ_PHOTOS]


def _concerned(work: _Round, photos: Sequence[UUID]) -> set[UUID]:
    """Return those of some photos with a face that was or is near somebody who changed."""
    if not work.changes.is_complete:
        return set(photos)
    people, concerts = work.changes.people, work.changes.concerts
    concerned = set(work.changes.photos.intersection(photos))
    if concerts:
        of_concerts = Photo.objects.filter(pk__in=photos, concert__in=concerts)
        concerned.update(of_concerts.values_list("pk", flat=True))
    if not people:
        return concerned
    names = {str(person) for person in people}
    # Plain values: most faces are only looked at, and making objects of them took the most time.
    fields = ("photo_id", "person_id", "candidates", "embedder", "embedding")
    faces = DetectedFace.objects.shown().filter(photo__in=photos)
    rows = list(faces.order_by().values_list(*fields))
    near = work.changed.compare([_probe(embedder, embedding) for *_, embedder, embedding in rows])
    return concerned.union(
        photo
        for (photo, person, candidates, *_), one in zip(rows, near, strict=True)
        if (one is not None and one.people)
        or person in people
        or any(candidate["person"] in names for candidate in candidates)
    )


def _probe(embedder: str, embedding: bytes | None) -> vision.Probe:
    return vision.Probe(None if embedding is None else bytes(embedding), embedder)


def _faces_of(photos: Iterable[UUID]) -> list[DetectedFace]:
    """Return the faces of some photos, photo by photo, with what naming them needs."""
    rows = DetectedFace.objects.shown().filter(photo__in=list(photos))
    return list(rows.order_by("photo_id", "id").only(*_FIELDS))


def _write(claim: jobs.Claim, changed: list[DetectedFace], renamed: set[UUID], until: UUID) -> None:
    """Save names, and how far the round has come."""
    with transaction.atomic():
        gallery = _locked(claim)
        write_names(changed)
        if renamed:
            note_renamed(claim.owner_id, renamed)
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
