"""Noting how faces were before the user decided about them, so that it can be undone."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TypedDict

from django.db.models import QuerySet
from django.utils import timezone

from webapp.analysis.models import Decision, DetectedFace, Rejection
from webapp.core.extension.signals import Signal
from webapp.people.models import Person

taken_back = Signal[Decision]()
"""A decision is being taken back; its faces are as they were, and it is about to be forgotten."""
KEEP_DAYS = 30
"""For so long a decision can be undone."""


class FaceBefore(TypedDict):
    """One face as it was: ids only.

    ``is_reference`` says whether ``person`` was recognised by it; ``not_these`` are the people who
    were ruled out for it.
    """

    id: int
    person: str
    named_by: str
    is_reference: bool
    dismissed_as: str
    not_these: list[str]


def faces_before(faces: Collection[DetectedFace]) -> list[FaceBefore]:
    """Return how some faces are now; call it before they are changed."""
    not_these: dict[int, list[str]] = {face.pk: [] for face in faces}
    rows = Rejection.objects.filter(face__in=not_these).values_list("face_id", "person_id")
    for face_id, person_id in rows:
        not_these[face_id].append(str(person_id))
    return [
        {
            "id": face.pk,
            "person": str(face.person_id or ""),
            "named_by": face.named_by,
            "is_reference": face.reference_id is not None,
            "dismissed_as": face.dismissed_as,
            "not_these": not_these[face.pk],
        }
        for face in faces
    ]


def note(
    owner_id: int,
    kind: Decision.Kind,
    before: Sequence[FaceBefore],
    person: Person | None = None,
    *,
    has_made_person: bool = False,
) -> Decision:
    """Remember a decision about faces; in its transaction."""
    return Decision.objects.create(
        owner_id=owner_id,
        kind=kind,
        person=person,
        before={"faces": list(before)},
        face_count=len(before),
        has_made_person=has_made_person,
    )


def note_renamed(person: Person, before: dict[str, str]) -> None:
    """Remember what somebody was called before; listens to ``people.services.renamed``."""
    Decision.objects.create(
        owner_id=person.owner_id,
        kind=Decision.Kind.RENAMED,
        person=person,
        before={"faces": [], **before},
    )


def undoable(owner_id: int) -> QuerySet[Decision]:
    """Return what a user can still undo, the last first."""
    since = timezone.now() - timedelta(days=KEEP_DAYS)
    return Decision.objects.filter(owner_id=owner_id, made_at__gte=since)


def sweep_decisions() -> int:
    """Forget the decisions that cannot be undone any more; returns how many."""
    before = timezone.now() - timedelta(days=KEEP_DAYS)
    return Decision.objects.filter(made_at__lt=before).delete()[0]
