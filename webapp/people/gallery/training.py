"""What was trained for groups: read with the gallery, and dropped as soon as it is not true.

The one rule: a change of anybody's references drops what was trained for their group, and whatever
changes how faces are compared, or forgets anybody, drops what was trained for every group of the
owner, as each has learnt from people of other groups who its strangers are.
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from webapp.people.models import GroupTraining, Person
from webapp.vision.values import TaughtOpinion


def taught_opinions_of(owner_id: int) -> list[TaughtOpinion]:
    """Return what is in use of one user's groups."""
    rows = GroupTraining.objects.filter(group__owner_id=owner_id, is_used=True).order_by("pk")
    return [
        TaughtOpinion(row.embedder, tuple(UUID(one) for one in row.people), bytes(row.numbers))
        for row in rows
    ]


def drop_of_people(people: Collection[UUID]) -> set[UUID]:
    """Drop what was trained for the groups of people whose references change.

    Returns:
        Everybody whose names may be others without it.
    """
    return _drop(GroupTraining.objects.filter(group__people__in=people))


def drop_of_groups(groups: Collection[UUID | None]) -> set[UUID]:
    """Drop what was trained for groups whose people change; returns as ``drop_of_people`` does."""
    return _drop(GroupTraining.objects.filter(group__in=[one for one in groups if one]))


def drop_all(owner_id: int) -> set[UUID]:
    """Drop what was trained for all groups of one user; returns as ``drop_of_people`` does."""
    return _drop(GroupTraining.objects.filter(group__owner_id=owner_id))


def _drop(trainings: QuerySet[GroupTraining]) -> set[UUID]:
    found = list(trainings.order_by().values_list("group_id", "is_used").distinct())
    if not found:
        return set()
    GroupTraining.objects.filter(group__in=[group for group, _ in found]).delete()
    used = [group for group, is_used in found if is_used]
    return set(Person.objects.filter(group__in=used).values_list("pk", flat=True))
