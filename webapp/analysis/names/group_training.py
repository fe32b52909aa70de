"""Training for the people of one group: a second opinion on the gallery's names.

It is learnt by a job from the faces that the user has confirmed, compared with the gallery on faces
held out, and used only where that shows fewer errors by more than chance. As soon as a reference of
the group, its people or the way faces are compared changes, or anybody is forgotten, it is dropped
(``webapp.people.gallery.training``), as it is not true any more.
"""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.analysis.models import DetectedFace
from webapp.core import jobs
from webapp.core.models import Job
from webapp.people.gallery.changes import note_change
from webapp.people.models import Group, GroupTraining
from webapp.people.queries import (
    gallery_state,
    learnt_spaces_of,
    locked_gallery_state,
    references_in_use,
)

STAGE = "train-group"
LEAST_FACES = 5
"""Of everybody in the group who has any; with fewer nobody can be held out and learnt from."""
LEAST_STRANGERS = 20
ONE_OCCASION = gettext_noop("All confirmed faces are of one photo, so none can be held out.")
MOST_FACES = 5_000
"""Of each side; so many are learnt from in seconds."""

_Row: TypeAlias = tuple[UUID, bytes, Hashable, UUID | None, Hashable]
"""Person, embedding, photo, concert, and what stands for the picture where there is no photo."""


@dataclass(frozen=True, slots=True)
class Material:
    """The faces of one model from which a group's training learns."""

    model: str
    known: list[vision.ConfirmedFace]
    strangers: list[vision.ConfirmedFace]

    def lacking(self, group: Group) -> str:
        """Say in a sentence why there is too little to learn from; empty where there is enough."""
        counts = Counter(face.person for face in self.known)
        few = [pk for pk, count in counts.items() if count < LEAST_FACES]
        names = group.people.filter(pk__in=few).values_list("name", flat=True)
        if len(counts) < 2:
            return gettext("Too few faces: at least two people of the group need references.")
        if few:
            return gettext("Too few faces: %(names)s need at least %(least)d each.") % {
                "names": ", ".join(names),
                "least": LEAST_FACES,
            }
        if len(self.strangers) < LEAST_STRANGERS:
            return gettext(
                "Too few faces of others: strangers are learnt from people of other groups and "
                "from faces dismissed as nobody, and %(least)d are needed; there are %(count)d."
            ) % {"least": LEAST_STRANGERS, "count": len(self.strangers)}
        return ""


def material_of(group: Group) -> Material:
    """Gather confirmed faces of a group's people, and of others, as one model embedded them."""
    used = references_in_use().filter(owner_id=group.owner_id, is_set_aside=False).order_by("pk")
    ours = used.filter(person__group=group)
    models = Counter(ours.values_list("embedder", flat=True))
    if not models:
        return Material("", [], [])
    model = models.most_common(1)[0][0]
    fields = ("person_id", "embedding", "photo_id", "photo__concert_id", "pk")
    known: list[_Row] = list(ours.filter(embedder=model).values_list(*fields)[:MOST_FACES])
    faces = DetectedFace.objects.shown().filter(
        person__group=group, photo__binned_at=None, embedder=model, reference=None
    )
    named = faces.filter(named_by=DetectedFace.NamedBy.USER).exclude(embedding=None)
    known += named.order_by("pk").values_list(*fields)[: MOST_FACES - len(known)]
    others = used.filter(embedder=model).exclude(person__group=group)
    strangers = [
        vision.ConfirmedFace(person, bytes(embedding), person)
        for person, embedding in others.values_list("person_id", "embedding")[:MOST_FACES]
    ]
    return Material(model, _by_occasion(known), strangers + _dismissed(group, model))


def _by_occasion(rows: Iterable[_Row]) -> list[vision.ConfirmedFace]:
    """Hold concerts together where there are enough to hold some out, else photos."""
    rows = list(rows)
    concerts = {concert for *_, concert, _ in rows if concert}
    by_concert = len(concerts) >= LEAST_FACES
    return [
        vision.ConfirmedFace(
            person, bytes(embedding), (concert if by_concert else None) or photo or picture
        )
        for person, embedding, photo, concert, picture in rows
    ]


def _dismissed(group: Group, model: str) -> list[vision.ConfirmedFace]:
    """Return faces of nobody whom the user wants to know, held together by photo."""
    faces = DetectedFace.objects.filter(
        photo__owner=group.owner_id,
        photo__binned_at=None,
        dismissed_as=DetectedFace.Dismissal.NOBODY,
        embedder=model,
    ).exclude(embedding=None)
    rows = faces.order_by("pk").values_list("photo_id", "embedding")[:MOST_FACES]
    return [vision.ConfirmedFace(photo, bytes(found or b""), photo) for photo, found in rows]


def ask_for_training(group: Group) -> str:
    """Queue a group's training.

    Returns:
        Why not, as a sentence; empty where it is queued.
    """
    if not has_consent(group.owner_id):
        return gettext("Nobody is recognised, because you have not agreed to it.")
    lacking = material_of(group).lacking(group)
    if not lacking and not jobs.is_open(STAGE, group.pk):
        with transaction.atomic():
            _drop(group)
            GroupTraining.objects.create(group=group)
            jobs.enqueue(STAGE, group.pk, group.owner_id)
    return lacking


def undo_training(group: Group) -> None:
    """Let the gallery decide alone again; what was learnt is deleted."""
    with transaction.atomic():
        jobs.cancel(group.pk)
        _drop(group)


def _drop(group: Group) -> None:
    locked_gallery_state(group.owner_id)
    was_used = GroupTraining.objects.filter(group=group, is_used=True).exists()
    GroupTraining.objects.filter(group=group).delete()
    if was_used:
        _match_anew(group)


def _match_anew(group: Group) -> None:
    note_change(group.owner_id, people=list(group.people.values_list("pk", flat=True)))


def train(claim: jobs.Claim) -> None:
    """Learn and compare; what changes meanwhile makes it worthless, and nothing is written.

    Raises:
        jobs.BadInputError: There is too little to learn from.
    """
    group = Group.objects.filter(pk=claim.subject_id, owner_id=claim.owner_id).first()
    training = GroupTraining.objects.filter(group=group).first() if group else None
    if group is None or training is None or not has_consent(claim.owner_id):
        with jobs.finish(claim):
            return
    state = gallery_state(claim.owner_id)
    lesson = _lesson(group, training)
    with jobs.finish(claim):
        if locked_gallery_state(claim.owner_id) != state:
            GroupTraining.objects.filter(pk=training.pk).delete()
            return
        values: dict[str, Any] = {"figures": lesson.figures, "is_used": lesson.is_better}
        if lesson.is_better:
            _match_anew(group)  # First, as it drops what was learnt from other references.
            values |= {
                "embedder": lesson.opinion.model,
                "people": [str(person) for person in lesson.opinion.people],
                "numbers": lesson.opinion.numbers,
            }
        values["made_at"] = timezone.now()
        GroupTraining.objects.update_or_create(group=group, defaults=values)


def _lesson(group: Group, training: GroupTraining) -> vision.Lesson:
    material = material_of(group)
    lacking = material.lacking(group)

    def note(done: int) -> None:
        GroupTraining.objects.filter(pk=training.pk).update(folds_done=done)

    if lacking:
        raise jobs.BadInputError(lacking)
    try:
        return vision.teach_opinion(
            material.model,
            material.known,
            material.strangers,
            learnt_spaces_of(group.owner_id),
            note,
        )
    except ValueError as error:
        raise jobs.BadInputError(ONE_OCCASION) from error


@dataclass(frozen=True, slots=True)
class Progress:
    """How a group's training stands.

    Attributes:
        training: What there is of it; ``None`` for nothing.
        is_running: Whether a job will change that.
        trouble: Why the last one failed, as a sentence; empty where it did not.
    """

    training: GroupTraining | None
    is_running: bool
    trouble: str


def progress_of(group: Group) -> Progress:
    """Return how a group's training stands."""
    training = GroupTraining.objects.filter(group=group).first()
    is_running = jobs.is_open(STAGE, group.pk)
    if training is None or training.made_at or is_running:
        return Progress(training, is_running, "")
    last = Job.objects.filter(subject_id=group.pk, stage=STAGE).order_by("-pk").first()
    return Progress(training, is_running, last.error if last else "")
