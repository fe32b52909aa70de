"""Making one person of two, and two again of one within 30 days.

What the user said of a face stays true, read anew: of a face that is named as one of the two, "not
the other" meant the name and not the face, so it goes. "Not her" of anybody else's face, or of a
face without a name, now holds for the one person that there is.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import chain
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from webapp.analysis.models import DetectedFace, Merge, Rejection
from webapp.analysis.renamed import note_renamed
from webapp.core.extension.signals import Registry
from webapp.core.words.names import folded
from webapp.people import services as people
from webapp.people.aliases import free_name
from webapp.people.gallery.changes import note_change
from webapp.people.models import Person, Reference
from webapp.people.queries import locked_gallery_state
from webapp.photos import counts

KEEP_DAYS = 30
"""For so long a merge can be undone."""


class Merger(Protocol):
    """Moves what one app above knows of a person to another one, and back.

    Attributes:
        name: Under which what it moved is kept.
    """

    name: str

    def merge(self, source_id: UUID, target_id: UUID) -> object:
        """Move all of the source to the target; returns, as JSON, what it takes to go back."""
        ...

    def part(self, source_id: UUID, target_id: UUID, moved: Any) -> None:
        """Give back to the source what was moved and is still there."""
        ...


mergers: Registry[Merger] = Registry()
"""What is moved besides faces, references and aliases, within the same transaction."""


def overruled(source: Person, target: Person) -> QuerySet[Rejection]:
    """Return what was said against one of the two on faces that are named as either."""
    both = (source, target)
    return Rejection.objects.filter(person__in=both, face__person__in=both)


@transaction.atomic
def merge_people(source: Person, target: Person) -> Merge:
    """Make one person of two: faces, references and what was said against them go to ``target``."""
    locked_gallery_state(target.owner_id)
    faces = list(source.faces.values_list("pk", "photo_id"))
    merge = Merge(
        owner_id=target.owner_id,
        target=target,
        source=source.pk,
        name=source.name,
        group=source.group,
        faces=[pk for pk, _ in faces],
        rejections=_settle_rejections(source, target),
        references=[str(pk) for pk in source.references.values_list("pk", flat=True)],
        aliases=list(source.aliases.values_list("pk", flat=True)),
        doubles=[str(pk) for pk in people.merge_references(source, target)],
    )
    with counts.changing(photo_id for _, photo_id in faces):
        source.faces.update(person=target)
    source.aliases.update(person=target)
    merge.elsewhere = {one.name: one.merge(source.pk, target.pk) for one in mergers}
    merge.earlier = list(source.merges.values_list("pk", flat=True))
    source.merges.update(target=target)
    _note(merge.rejections, source.pk, target)
    source.delete()
    merge.save()
    _tell(target.owner_id, (photo_id for _, photo_id in faces))
    return merge


def _settle_rejections(source: Person, target: Person) -> dict[str, list[int]]:
    """Drop what is overruled, and let the rest of the source's be said of the target.

    Returns:
        Ids of faces: those of which something was ``dropped`` that was said of ``source`` or of
        ``target``, those whose word ``moved``, and those where it was said of ``both``.
    """
    gone = overruled(source, target)
    dropped = {
        "source": list(gone.filter(person=source).values_list("face_id", flat=True)),
        "target": list(gone.filter(person=target).values_list("face_id", flat=True)),
    }
    gone.delete()
    kept = Rejection.objects.filter(person=target).values("face_id")
    both = list(source.rejections.filter(face_id__in=kept).values_list("face_id", flat=True))
    moved = source.rejections.exclude(face_id__in=both)
    moved_ids = list(moved.values_list("face_id", flat=True))
    moved.update(person=target)
    return {**dropped, "moved": moved_ids, "both": both}


@transaction.atomic
def undo_merge(merge: Merge) -> Person:
    """Make two people again of one, as far as what they were made of is still there.

    A face that was named otherwise since then keeps that name, and nothing that was deleted since
    then comes back.
    """
    target = merge.target
    locked_gallery_state(merge.owner_id)
    target.aliases.filter(folded_name=folded(merge.name)).delete()
    source = Person.objects.create(
        id=merge.source,
        owner_id=merge.owner_id,
        name=free_name(merge.owner_id, merge.name, merge.group_id),
        group=merge.group,
    )
    Reference.objects.filter(pk__in=merge.references, person=target).update(person=source)
    people.copy_references(Reference.objects.filter(pk__in=merge.doubles, person=target), source)
    target.aliases.filter(pk__in=merge.aliases).update(person=source)
    faces = DetectedFace.objects.filter(pk__in=merge.faces, person=target)
    photos = list(faces.values_list("photo_id", flat=True))
    with counts.changing(photos):
        faces.update(person=source)
    _restore_rejections(merge.rejections, source, target)
    for one in mergers:
        if one.name in merge.elsewhere:
            one.part(source.pk, target.pk, merge.elsewhere[one.name])
    target.merges.filter(pk__in=merge.earlier).update(target=source)
    merge.delete()
    _note(merge.rejections, source.pk, target)
    _tell(source.owner_id, photos)
    return source


def _restore_rejections(said: dict[str, list[int]], source: Person, target: Person) -> None:
    rejections = Rejection.objects
    rejections.filter(face_id__in=said["moved"], person=target).delete()
    wanted = chain(
        ((face, source) for face in (*said["source"], *said["moved"], *said["both"])),
        ((face, target) for face in said["target"]),
    )
    there = set(
        DetectedFace.objects.filter(pk__in=list(chain(*said.values()))).values_list("pk", flat=True)
    )
    rejections.bulk_create(
        (Rejection(face_id=face, person=person) for face, person in wanted if face in there),
        ignore_conflicts=True,
    )


def _note(said: dict[str, list[int]], source_id: UUID, target: Person) -> None:
    """Have matched anew what is near the two, and the faces of which something was said."""
    faces = DetectedFace.objects.filter(pk__in=list(chain(*said.values())))
    photos = list(faces.values_list("photo_id", flat=True).distinct())
    note_change(target.owner_id, people=[source_id, target.pk], photos=photos)


def _tell(owner_id: int, photos: Iterable[UUID]) -> None:
    note_renamed(owner_id, list(photos))


def merges_into(person: Person) -> QuerySet[Merge]:
    """Return what can still be undone of a person, the last first."""
    since = timezone.now() - timedelta(days=KEEP_DAYS)
    return Merge.objects.filter(target=person, made_at__gte=since).order_by("-made_at", "-pk")


def merges_of(owner_id: int) -> QuerySet[Merge]:
    """Return what can still be undone of all people of a user, the last first."""
    since = timezone.now() - timedelta(days=KEEP_DAYS)
    merges = Merge.objects.filter(owner_id=owner_id, made_at__gte=since).select_related("target")
    return merges.order_by("-made_at", "-pk")


def sweep_merges() -> int:
    """Forget the merges that cannot be undone any more; returns how many."""
    before = timezone.now() - timedelta(days=KEEP_DAYS)
    return Merge.objects.filter(made_at__lt=before).delete()[0]
