"""Taking a decision back: everything it was about is again as it was, as far as it is there."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from webapp.analysis.models import Decision, DetectedFace, Rejection
from webapp.analysis.services import (
    DECIDED_FIELDS,
    FaceGoneError,
    decided,
    locked,
    reference_crop,
    replace_reference,
)
from webapp.analysis.sorting.decisions import FaceBefore, taken_back
from webapp.analysis.sorting.dismissing import read_emotions
from webapp.analysis.sorting.forgetting import bring_back
from webapp.people import services as people
from webapp.people.models import Person

_People = dict[str, Person]


def undo(decision: Decision) -> None:
    """Take a decision back, and forget that it was made.

    A face that was decided about otherwise since then is put back as well: the user undoes the last
    first. Whoever is gone, or was forgotten, stays so.

    Raises:
        PeopleError: Somebody was renamed, and another one is called so by now.
    """
    if decision.kind == Decision.Kind.RENAMED:
        _name_as_before(decision)
        return
    before: dict[int, FaceBefore] = {face["id"]: face for face in decision.before["faces"]}
    rows = DetectedFace.objects.filter(pk__in=before, photo__owner_id=decision.owner_id)
    faces = list(rows.select_related("photo"))
    crops = {
        face.pk: reference_crop(face) for face in faces if before[face.pk]["is_reference"]
    }  # Read first, as nothing is locked yet.
    with transaction.atomic():
        if decision.kind == Decision.Kind.DELETED:
            bring_back(decision)
        known = _people_of(decision, before)
        present = _locked_if_any(decision.owner_id, faces)
        again = [face for face in present if _counts_again(face, before[face.pk])]
        for face in present:
            _put_back(face, before[face.pk], known, crops.get(face.pk, b""))
        read_emotions(decision.owner_id, again)
        if present:
            decided(decision.owner_id, present)
        taken_back.send(decision)
        person = decision.person
        decision.delete()
        if person is not None and decision.has_made_person:
            _remove_if_unused(person)


def _name_as_before(decision: Decision) -> None:
    if decision.person is not None:
        before = decision.before
        people.rename_person(decision.person, before["name"], before["group"], is_undo=True)
    decision.delete()


def _locked_if_any(owner_id: int, faces: list[DetectedFace]) -> list[DetectedFace]:
    try:
        return locked(owner_id, faces)
    except FaceGoneError:
        return []


def _people_of(decision: Decision, before: dict[int, FaceBefore]) -> _People:
    """Return by id those who are still there of all that the faces were, or were not."""
    ids = {face["person"] for face in before.values() if face["person"]}
    ids |= {person for face in before.values() for person in face["not_these"]}
    found = Person.objects.filter(owner_id=decision.owner_id).in_bulk([UUID(one) for one in ids])
    return {str(pk): person for pk, person in found.items()}


def _counts_again(face: DetectedFace, before: FaceBefore) -> bool:
    return face.dismissed_at is not None and not before["dismissed_as"]


def _put_back(face: DetectedFace, before: FaceBefore, known: _People, crop: bytes) -> None:
    """Make one locked face what it was; a name that the gallery gave is left to the gallery."""
    person = known.get(before["person"])
    is_users = before["named_by"] == DetectedFace.NamedBy.USER
    face.person = person if is_users else None
    face.similarity = None
    is_kept = is_users and (person is not None or not before["person"])
    face.named_by = DetectedFace.NamedBy.USER if is_kept else DetectedFace.NamedBy.NOBODY
    replace_reference(face, face.person, crop if before["is_reference"] else b"")
    face.dismissed_as = DetectedFace.Dismissal(before["dismissed_as"])
    face.dismissed_at = (face.dismissed_at or timezone.now()) if face.dismissed_as else None
    if face.dismissed_at is not None:
        face.set_emotion()
    face.save(update_fields=DECIDED_FIELDS)
    _rule_out(face, [known[one] for one in before["not_these"] if one in known])


def _rule_out(face: DetectedFace, people: list[Person]) -> None:
    """Let exactly these people be ruled out for a face."""
    Rejection.objects.filter(face=face).exclude(person__in=people).delete()
    Rejection.objects.bulk_create(
        [Rejection(face=face, person=person) for person in people], ignore_conflicts=True
    )


def _remove_if_unused(person: Person) -> None:
    """Remove somebody who was there only for what was taken back."""
    if not person.faces.exists() and not person.references.exists():
        people.remove_person(person)
