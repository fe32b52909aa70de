"""The user's decisions about faces and portraits.

Each is one short transaction that also queues the matching of the user's photos; a job that was
matching meanwhile loses its claim and begins anew, so it cannot overwrite a decision.
"""

from dataclasses import dataclass

from django.db import transaction

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.analysis.messages import names_changed
from webapp.analysis.models import DetectedFace, Portrait, Rejection
from webapp.core import events, jobs
from webapp.people import services as people
from webapp.people.changes import note_change
from webapp.people.models import Person, Reference
from webapp.people.queries import locked_gallery_state
from webapp.photos import counts
from webapp.photos.models import Photo
from webapp.photos.services import INGEST
from webapp.photos.storage import files_of

LEAST_REFERENCE_QUALITY = 0.15
"""Below this others are poorly recognised by a face (docs/model-cards/recognition-quality.md)."""

CROP_MARGIN = 0.5
CROP_SIDE = 480

NO_CONSENT = (
    "The name is kept. Other photos are not matched, because you have not agreed to face "
    "recognition; you can do so on your account page."
)
NO_EMBEDDING = (
    "The name is kept. Other photos cannot be matched by this face, because it has not been "
    "prepared for recognition yet."
)
POOR_FACE = (
    "The name is kept. This face is too small, blurred or turned away to recognise {name} by; "
    "name a clearer one as well."
)
NO_CROP = "The name is kept. The photo's file could not be read to make a reference of it."


class FaceGoneError(Exception):
    """The face was deleted since it was read, with its photo or by another analysis."""


@dataclass(frozen=True, slots=True)
class NamedFace:
    """What became of naming a face.

    Attributes:
        person: Who it is now.
        is_reference: Whether other photos are matched by this face from now on.
        note: Why it is no reference, as a sentence for the user; else empty.
    """

    person: Person
    is_reference: bool
    note: str


def name_face(face: DetectedFace, name: str, group_name: str = "") -> NamedFace:
    """Give a face the user's name for it and, if it is good enough, make it a reference.

    Raises:
        webapp.people.names.BadNameError: The name is empty, too long, or means several people.
        FaceGoneError: The face was deleted meanwhile; so do the other two decisions.
    """
    photo = face.photo
    crop = _reference_crop(face) if _reason_against(face) == "" else b""
    with transaction.atomic():
        face = _locked(face)
        person = people.ensure_person(photo.owner_id, name, group_name)
        note = _reason_against(face).format(name=person.name) or ("" if crop else NO_CROP)
        _replace_reference(face, person, b"" if note else crop)
        face.person, face.similarity = person, None
        face.named_by = DetectedFace.NamedBy.USER
        face.save(update_fields=["person", "similarity", "named_by", "reference"])
        Rejection.objects.filter(face=face, person=person).delete()
        _decided(photo)
    return NamedFace(person, is_reference=not note, note=note)


def _locked(face: DetectedFace) -> DetectedFace:
    """Return the face as it is now, and keep it and the gallery so until the transaction ends."""
    locked_gallery_state(face.photo.owner_id)
    counts.changed([face.photo_id])  # Who had the name until now; ``_decided`` adds who has it.
    try:
        return DetectedFace.objects.select_for_update().get(pk=face.pk)
    except DetectedFace.DoesNotExist:
        raise FaceGoneError(f"face {face.pk} was deleted meanwhile") from None


def _reason_against(face: DetectedFace) -> str:
    """Return why a face cannot be a reference, empty when it can."""
    if not has_consent(face.photo.owner_id):
        return NO_CONSENT
    if face.embedding is None:
        return NO_EMBEDDING
    return POOR_FACE if face.quality < LEAST_REFERENCE_QUALITY else ""


def _reference_crop(face: DetectedFace) -> bytes:
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


def _replace_reference(face: DetectedFace, person: Person, crop: bytes) -> None:
    """Make the face a reference of this person alone; without a crop, of nobody."""
    if face.reference_id is not None:
        people.remove_references(Reference.objects.filter(pk=face.reference_id))
        face.reference = None
    if crop and face.embedding is not None:
        face.reference = people.enrol(
            person,
            embedding=bytes(face.embedding),
            embedder=face.embedder,
            quality=face.quality,
            crop=crop,
            photo_id=face.photo_id,
        )


@transaction.atomic
def unname_face(face: DetectedFace) -> None:
    """Let a face have no name, for good: no match will give it one."""
    face = _locked(face)
    _take_name(face)
    face.named_by = DetectedFace.NamedBy.USER
    face.save(update_fields=["person", "similarity", "named_by", "reference"])
    _decided(face.photo)


@transaction.atomic
def reject_person(face: DetectedFace, person: Person) -> None:
    """Remember that a face is *not* this person; somebody else may still be matched."""
    face = _locked(face)
    Rejection.objects.get_or_create(face=face, person=person)
    if face.person_id == person.pk:
        _take_name(face)
        face.named_by = DetectedFace.NamedBy.NOBODY
        face.save(update_fields=["person", "similarity", "named_by", "reference"])
    _decided(face.photo)


def _take_name(face: DetectedFace) -> None:
    """Remove a face's name, and the reference that was made from it."""
    if face.person_id is not None:
        Rejection.objects.get_or_create(face=face, person_id=face.person_id)
    if face.reference_id is not None:
        people.remove_references(Reference.objects.filter(pk=face.reference_id))
        face.reference = None
    face.person, face.similarity = None, None


def _decided(photo: Photo) -> None:
    """Have everything matched again and tell open pages."""
    note_change(photo.owner_id, photos=[photo.pk])
    counts.changed([photo.pk])
    events.publish(photo.owner_id, "names_changed", {**names_changed([photo.pk])})


@transaction.atomic
def set_portrait_strength(photo: Photo, strength: float) -> Portrait:
    """Remember how much blur the user wants and have the portrait drawn again.

    A drawing that is under way loses its claim, so the last wish wins.
    """
    jobs.enqueue("portrait", photo.pk, photo.owner_id)  # First, as a finishing job locks it first.
    portrait, _ = Portrait.objects.update_or_create(photo=photo, defaults={"strength": strength})
    return portrait


@transaction.atomic
def retry_stage(photo: Photo, stage: str) -> None:
    """Queue one stage of a photo again; a photo that could not be read is new once more."""
    if stage == INGEST:
        Photo.objects.filter(pk=photo.pk, state=Photo.State.FAILED).update(
            state=Photo.State.UPLOADED, failure=""
        )
    jobs.enqueue(stage, photo.pk, photo.owner_id)
