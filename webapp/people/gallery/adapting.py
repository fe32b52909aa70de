"""A gallery learns from its own people how they are told apart.

Learning is a step and not a flow: whatever is learnt anew concerns every face, so it waits until
the references have grown or shrunk by a fifth, or until somebody is gone from whom was learnt. In
between one post-processing holds, the same for photos, videos and live pictures, on all machines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.people.gallery.changes import begin_anew
from webapp.people.models import Adaptation, PeopleGallery
from webapp.people.queries import enrolled_of, locked_gallery_state, references_in_use

STEP = 5
"""A new step when the references, or the people, are another fifth more or fewer."""

LEAST_PEOPLE = 2
"""So many show how alike the library's people are, even by one reference each: that keeps strangers
out (``inference.evaluation.naming.references``). How one person varies is learnt from those with
more."""


@dataclass(frozen=True, slots=True)
class _Census:
    """How many references of one embedder there are, by person."""

    references: Mapping[UUID, int]

    @property
    def total(self) -> int:
        return sum(self.references.values())

    @property
    def can_teach(self) -> bool:
        return len(self.references) >= LEAST_PEOPLE

    def has_changed_since(self, learnt: Adaptation) -> bool:
        """Whether a step is due, or somebody from whom was learnt is gone."""
        people = {str(person) for person in self.references}
        return (
            not people.issuperset(learnt.people)
            or STEP * abs(self.total - learnt.references) >= learnt.references
            or STEP * abs(len(people) - len(learnt.people)) >= len(learnt.people)
        )


def is_due(gallery: PeopleGallery) -> bool:
    """Whether a gallery has something to learn, or to forget; a few short queries."""
    return bool(_due(gallery))


def adapt(gallery: PeopleGallery) -> bool:
    """Learn what is due; seconds for thousands of references, and no transaction meanwhile.

    Nothing is written if the gallery changed while it was learnt from; whoever changed it has it
    matched again, which begins here.

    Returns:
        Whether something was learnt or forgotten, so that all faces have to be matched anew.
    """
    due = _due(gallery)
    if not due:
        return False
    enrolled = enrolled_of(gallery.owner_id)
    learnt = [
        _learnt(gallery, tag, [one for one in enrolled if one.embedder == tag])
        for tag, teaches in due.items()
        if teaches
    ]
    with transaction.atomic():
        state = locked_gallery_state(gallery.owner_id)
        if state != (gallery.revision, gallery.generation):
            return False
        gallery.adaptations.filter(embedder__in=due).delete()
        Adaptation.objects.bulk_create(learnt)
        begin_anew(gallery)
    return True


def _due(gallery: PeopleGallery) -> dict[str, bool]:
    """Return for which embedders a step is due, and whether there is something to learn from."""
    held = {one.embedder: one for one in gallery.adaptations.defer("numbers")}
    may_learn = has_consent(gallery.owner_id)
    censuses = _censuses(gallery.owner_id)
    due = {}
    for tag in {*held, *censuses}:
        census, basis = censuses.get(tag, _Census({})), vision.learning_basis(tag)
        teaches = bool(basis) and may_learn and census.can_teach
        learnt = held.get(tag)
        if learnt is None:
            is_due = teaches
        else:
            is_due = learnt.basis != basis or census.has_changed_since(learnt)
        if is_due:
            due[tag] = teaches
    return due


def _censuses(owner_id: int) -> dict[str, _Census]:
    rows = references_in_use().filter(owner_id=owner_id, is_set_aside=False).order_by()
    counted = rows.values_list("embedder", "person_id").annotate(count=Count("pk"))
    by_tag: dict[str, dict[UUID, int]] = {}
    for tag, person, count in counted:
        by_tag.setdefault(tag, {})[person] = count
    return {tag: _Census(references) for tag, references in by_tag.items()}


def _learnt(gallery: PeopleGallery, tag: str, references: list[vision.Enrolled]) -> Adaptation:
    space = vision.learn_space(tag, references)
    return Adaptation(
        gallery=gallery,
        embedder=tag,
        basis=vision.learning_basis(tag),
        threshold=space.threshold,
        numbers=space.numbers,
        people=sorted({str(one.person) for one in references}),
        references=len(references),
    )
