"""Photos by the faces on them: one condition, written for how its photos are asked for.

Databases do as they are told here. Gathered, all photos with such a face are found first: quick
where a grid must be read far to fill a page, and for counting. One by one, each photo of a grid is
asked whether it has such a face: quick where only the next one is wanted, or a page is soon full
because such faces are common.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from webapp.analysis.models import DetectedFace
from webapp.core.compared import Compared

FEW_PEOPLE = 8
"""A bigger group is on most photos: to gather them all takes longer than to ask them; but not
those that show one of them with a certain emotion."""
COMMON = 20_000
"""So many faces and more are on many photos: a page of them is full before they are gathered."""


@dataclass(frozen=True, slots=True)
class WantedFace:
    """Which faces are wanted; empty fields want all.

    Attributes:
        people: Any of these.
        above: Only where the probability of ``emotion`` is greater.
        is_unnamed: Whether only faces are wanted that count and have no name.
    """

    people: frozenset[UUID] = frozenset()
    emotion: str = ""
    above: float = 0.0
    is_unnamed: bool = False


Showing: TypeAlias = Callable[[WantedFace], Q]
"""Makes a condition for photos of what is wanted of one of their faces."""


def gathered(wanted: WantedFace) -> Q:
    """Return the condition for having such a face; all photos that have one are found first."""
    if len(wanted.people) > FEW_PEOPLE and not wanted.emotion:
        return one_by_one(wanted)
    return Q(pk__in=_chosen(DetectedFace.objects.all(), wanted, "").order_by().values("photo"))


def for_a_page(wanted: WantedFace) -> Q:
    """Return the condition for the next few photos with such a face, rare or common.

    One person's faces are soon gathered, however many they are.
    """
    if wanted.people:
        return gathered(wanted)
    is_common = _chosen(DetectedFace.objects.all(), wanted, "")[COMMON:].exists()
    return one_by_one(wanted) if is_common else gathered(wanted)


def one_by_one(wanted: WantedFace) -> Q:
    """Return the condition for having such a face, asked of one photo after the other."""
    compared = {f"compared_{name}": Compared(F(name)) for name in _COMPARED}
    faces = DetectedFace.objects.alias(**compared).filter(photo=OuterRef("pk"))
    return Q(Exists(_chosen(faces, wanted, "compared_").order_by()))


_COMPARED = ("person", "emotion", "probability")


def _chosen(
    faces: QuerySet[DetectedFace], wanted: WantedFace, prefix: str
) -> QuerySet[DetectedFace]:
    """Return those of some faces that are wanted, by the columns with this prefix."""
    if wanted.people:
        faces = faces.filter(**{f"{prefix}person__in": wanted.people})
    if wanted.emotion:
        faces = faces.filter(**{f"{prefix}emotion": wanted.emotion})
    if wanted.above:
        faces = faces.filter(**{f"{prefix}probability__gt": wanted.above})
    if wanted.is_unnamed:
        faces = faces.filter(person=None, dismissed_at=None)
    return faces
