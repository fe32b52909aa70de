"""Faces that do not count: a hand or a caption taken for one, staff, the audience."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from webapp.access.rights import Asker
from webapp.analysis.models import Decision, DetectedFace
from webapp.analysis.queries import faces_visible_to
from webapp.analysis.services import DECIDED_FIELDS, decided, locked, take_name
from webapp.analysis.sorting.decisions import faces_before, note
from webapp.core import jobs

EMOTIONS_STAGE = "emotions"


def dismissed_visible_to(user: Asker) -> QuerySet[DetectedFace]:
    """Return the faces that this user has put away, the last first."""
    dismissed = faces_visible_to(user).exclude(dismissed_at=None)
    return dismissed.defer("embedding").order_by("-dismissed_at", "-pk")


@transaction.atomic
def dismiss(faces: Sequence[DetectedFace], reason: DetectedFace.Dismissal) -> Decision:
    """Put faces of one owner away: they have no name and no emotion any more, and do not count.

    Raises:
        webapp.analysis.services.FaceGoneError: All of them were deleted meanwhile.
    """
    owner_id = faces[0].photo.owner_id
    present = locked(owner_id, faces)
    before = faces_before(present)
    for face in present:
        take_name(face)
        face.dismissed_at, face.dismissed_as = timezone.now(), reason
        face.set_emotion()
        face.save(update_fields=DECIDED_FIELDS)
    decided(owner_id, present)
    return note(owner_id, Decision.Kind.DISMISSED, before)


@transaction.atomic
def bring_back(face: DetectedFace) -> None:
    """Let a face count again; its emotion is read anew, and it is looked for among your people.

    Raises:
        webapp.analysis.services.FaceGoneError: It was deleted meanwhile.
    """
    owner_id = face.photo.owner_id
    present = locked(owner_id, [face])
    for one in present:
        one.dismissed_at, one.dismissed_as = None, DetectedFace.Dismissal.NO
        one.save(update_fields=DECIDED_FIELDS)
    read_emotions(owner_id, present)
    decided(owner_id, present)


def read_emotions(owner_id: int, faces: Sequence[DetectedFace]) -> None:
    """Have the emotions read of faces that count again."""
    for photo_id in {face.photo_id for face in faces}:
        jobs.enqueue(EMOTIONS_STAGE, photo_id, owner_id)
