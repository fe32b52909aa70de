"""The user's decisions about faces and portraits.

Each is one short transaction that also queues the matching of the user's photos; a job that was
matching meanwhile loses its claim and begins anew, so it cannot overwrite a decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.analysis.models import EMOTION_FIELDS, Decision, DetectedFace, Portrait, Rejection
from webapp.analysis.renamed import note_renamed
from webapp.analysis.sorting.decisions import faces_before, note
from webapp.core import jobs
from webapp.people import services as people
from webapp.people.gallery.changes import note_change
from webapp.people.models import Person, Reference
from webapp.people.queries import locked_gallery_state
from webapp.photos import counts
from webapp.photos.models import Photo
from webapp.photos.services import INGEST
from webapp.photos.storage import files_of

LEAST_REFERENCE_QUALITY = 0.15
"""Below this others are poorly recognised by a face (docs/model-cards/recognition-quality.md)."""

MOST_REFERENCES = 10
"""So many of the faces that are named together become references: more teach little and cost
time."""

DECIDED_FIELDS = (
    *("person", "similarity", "named_by", "reference"),
    *("dismissed_at", "dismissed_as", *EMOTION_FIELDS),
)
"""What a decision may change of a face."""

CROP_MARGIN = 0.5
CROP_SIDE = 480

NO_CONSENT = gettext_noop(
    "The name is kept. Other photos are not matched, because you have not agreed to face "
    "recognition; you can do so on your account page."
)
NO_EMBEDDING = gettext_noop(
    "The name is kept. Other photos cannot be matched by this face, because it has not been "
    "prepared for recognition yet."
)
POOR_FACE = gettext_noop(
    "The name is kept. This face is too small, blurred or turned away to recognise %(name)s by; "
    "name a clearer one as well."
)
NO_CROP = gettext_noop(
    "The name is kept. The photo's file could not be read to make a reference of it."
)


class FaceGoneError(Exception):
    """The face was deleted since it was read, with its photo or by another analysis."""


@dataclass(frozen=True, slots=True)
class NamedFace:
    """What became of naming a face, or several as one person.

    Attributes:
        person: Who it is now.
        is_reference: Whether other photos are matched by this face, or one of them, from now on.
        note: Why it is no reference, as a sentence for the user; else empty.
        decision: By which it can be undone.
    """

    person: Person
    is_reference: bool
    note: str
    decision: Decision


def name_face(face: DetectedFace, name: str, group_name: str = "") -> NamedFace:
    """Give a face the user's name for it and, if it is good enough, make it a reference.

    Raises:
        webapp.people.names.BadNameError: The name is empty, too long, or means several people.
        FaceGoneError: The face was deleted meanwhile; so do the other decisions.
    """
    return name_faces([face], name, group_name)


def name_faces(faces: Sequence[DetectedFace], name: str, group_name: str = "") -> NamedFace:
    """Name faces as one person, in one step; the best of them become references.

    A dismissed face counts again with its name.

    Args:
        faces: At least one, all of one owner.
        name: Whose they are.
        group_name: Of which group; may be empty.

    Raises:
        webapp.people.names.BadNameError: As for one face.
        FaceGoneError: All of them were deleted meanwhile.
    """
    return name_faces_of(faces[0].photo.owner_id, faces, name, group_name)


def name_faces_of(
    owner_id: int, faces: Sequence[DetectedFace], name: str, group_name: str = ""
) -> NamedFace:
    """Name faces of a user as ``name_faces``; where there are none, only whom is meant is known."""
    crops = _reference_crops(faces)
    with transaction.atomic():
        present = locked(owner_id, faces) if faces else []
        before = faces_before(present)
        people_before = Person.objects.filter(owner_id=owner_id).count()
        person = people.ensure_person(owner_id, name, group_name)
        is_new = Person.objects.filter(owner_id=owner_id).count() > people_before
        for face in present:
            _give_name(face, person, crops.get(face.pk, b""))
        decision = note(owner_id, Decision.Kind.NAMED, before, person, has_made_person=is_new)
        if present:
            decided(owner_id, present)
    is_reference = any(face.reference_id is not None for face in present)
    said = _refused(present[0], person) if present and not is_reference else ""
    return NamedFace(person, is_reference, said, decision)


def _give_name(face: DetectedFace, person: Person, crop: bytes) -> None:
    """Name one locked face; it becomes a reference where there is a crop and it is fit for one."""
    replace_reference(face, person, b"" if _reason_against(face) else crop)
    face.person, face.similarity = person, None
    face.named_by = DetectedFace.NamedBy.USER
    face.dismissed_at, face.dismissed_as = None, DetectedFace.Dismissal.NO
    face.save(update_fields=DECIDED_FIELDS)
    Rejection.objects.filter(face=face, person=person).delete()


def locked(owner_id: int, faces: Sequence[DetectedFace]) -> list[DetectedFace]:
    """Return faces as they are now, and keep them and the gallery so until the transaction ends.

    Raises:
        FaceGoneError: None of them is left.
    """
    locked_gallery_state(owner_id)
    # Who had the names until now; ``decided`` adds who has them.
    counts.changed({face.photo_id for face in faces})
    ids = [face.pk for face in faces]
    rows = DetectedFace.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    present = {face.pk: face for face in rows.select_related("photo")}
    if not present:
        raise FaceGoneError(f"faces {ids} were deleted meanwhile")
    return [present[pk] for pk in ids if pk in present]


def _refused(face: DetectedFace, person: Person) -> str:
    """Say to its user why a named face is no reference."""
    return gettext(_reason_against(face) or NO_CROP) % {"name": person.name}


def _reason_against(face: DetectedFace) -> str:
    """Return why a face cannot be a reference, empty when it can."""
    if not has_consent(face.photo.owner_id):
        return NO_CONSENT
    if face.embedding is None:
        return NO_EMBEDDING
    return POOR_FACE if face.quality < LEAST_REFERENCE_QUALITY else ""


def _reference_crops(faces: Sequence[DetectedFace]) -> dict[int, bytes]:
    """Return the pictures of those faces that may become references, the best few."""
    fit = [face for face in faces if not _reason_against(face)]
    best = sorted(fit, key=lambda face: -face.quality)[:MOST_REFERENCES]
    return {face.pk: reference_crop(face) for face in best}


def reference_crop(face: DetectedFace) -> bytes:
    """Return the picture of a reference, empty when the photo's file cannot be read."""
    try:
        return vision.crop_jpeg(
            files_of(face.photo_id).full,
            face.box,
            width=face.photo.width or 1,
            margin=CROP_MARGIN,
            side=CROP_SIDE,
        )
    except (OSError, ValueError):
        return b""


def replace_reference(face: DetectedFace, person: Person | None, crop: bytes) -> None:
    """Make the face a reference of this person alone; without a crop, of nobody."""
    if face.reference_id is not None:
        people.remove_references(Reference.objects.filter(pk=face.reference_id))
        face.reference = None
    if person and crop and face.embedding is not None:
        face.reference = people.enrol(
            person,
            embedding=bytes(face.embedding),
            embedder=face.embedder,
            quality=face.quality,
            crop=crop,
            photo_id=face.photo_id,
        )


@transaction.atomic
def unname_face(face: DetectedFace) -> Decision:
    """Let a face have no name, for good: no match will give it one."""
    owner_id = face.photo.owner_id
    (face,) = locked(owner_id, [face])
    before = faces_before([face])
    take_name(face)
    face.named_by = DetectedFace.NamedBy.USER
    face.save(update_fields=DECIDED_FIELDS)
    decided(owner_id, [face])
    return note(owner_id, Decision.Kind.UNNAMED, before)


@transaction.atomic
def reject_person(face: DetectedFace, person: Person) -> Decision:
    """Remember that a face is *not* this person; somebody else may still be matched."""
    owner_id = face.photo.owner_id
    (face,) = locked(owner_id, [face])
    before = faces_before([face])
    Rejection.objects.get_or_create(face=face, person=person)
    if face.person_id == person.pk:
        take_name(face)
        face.save(update_fields=DECIDED_FIELDS)
    decided(owner_id, [face])
    return note(owner_id, Decision.Kind.NOT_THIS, before, person)


def take_name(face: DetectedFace) -> None:
    """Remove a locked face's name, and the reference that was made from it; not saved."""
    if face.person_id is not None:
        Rejection.objects.get_or_create(face=face, person_id=face.person_id)
    replace_reference(face, None, b"")
    face.person, face.similarity = None, None
    face.named_by = DetectedFace.NamedBy.NOBODY


def decided(owner_id: int, faces: Sequence[DetectedFace]) -> None:
    """Have everything matched again, count the faces of their photos, and tell open pages."""
    photos = {face.photo_id for face in faces}
    note_change(owner_id, photos=photos)
    counts.changed(photos)
    for photo_id in photos:  # What is dismissed, or counts again, changes how many there are.
        shown = DetectedFace.objects.shown().filter(photo=photo_id).count()
        Photo.objects.filter(pk=photo_id).exclude(face_count=shown).update(face_count=shown)
    note_renamed(owner_id, photos)


@transaction.atomic
def set_portrait_strength(photo: Photo, strength: float, *, lights: bool | None = None) -> Portrait:
    """Remember how much blur the user wants and have the portrait drawn again.

    A drawing that is under way loses its claim, so the last wish wins.

    Args:
        photo: Whose portrait.
        strength: 0 to 1.
        lights: Whether lamps become discs; ``None`` leaves that as it is.
    """
    jobs.enqueue("portrait", photo.pk, photo.owner_id)  # First, as a finishing job locks it first.
    wish = {"strength": strength} | ({} if lights is None else {"lights": lights})
    portrait, _ = Portrait.objects.update_or_create(photo=photo, defaults=wish)
    return portrait


@transaction.atomic
def want_masks(photo: Photo) -> None:
    """Have the masks made by which the user chooses who stays sharp."""
    jobs.enqueue("person-masks", photo.pk, photo.owner_id)


@transaction.atomic
def set_subject(photo: Photo, subject: str, chosen: Sequence[list[float]] = ()) -> Portrait:
    """Remember who shall stay sharp and have the portrait drawn again.

    Args:
        photo: Whose portrait.
        subject: One of ``Portrait.Subject``.
        chosen: Face boxes of those who were chosen by hand.
    """
    jobs.enqueue("portrait", photo.pk, photo.owner_id)
    wish = {"subject": subject, "chosen": list(chosen)}
    portrait, _ = Portrait.objects.update_or_create(photo=photo, defaults=wish)
    return portrait


@transaction.atomic
def retry_stage(photo: Photo, stage: str) -> None:
    """Queue one stage of a photo again; a photo that could not be read is new once more."""
    if stage == INGEST:
        Photo.objects.filter(pk=photo.pk, state=Photo.State.FAILED).update(
            state=Photo.State.UPLOADED, failure=""
        )
    jobs.enqueue(stage, photo.pk, photo.owner_id)
