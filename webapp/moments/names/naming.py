"""Names that reach moments later: whom their photos show by now, and who became somebody else."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, Q

from webapp.analysis.models import DetectedFace
from webapp.core import jobs
from webapp.moments.models import Moment, MomentFrame, NamedMoments
from webapp.people.gallery.changes import Changes, changes_between, gallery_of
from webapp.people.models import PeopleGallery, Person
from webapp.people.queries import locked_gallery_state
from webapp.photos.chosen import portions

PORTION = 500
"""So many moments are looked at together."""


class JudgedFace(NamedTuple):
    """The user's word on a face, and where that is, as shares of the photo's width and height.

    Attributes:
        person: Who it is by now; ``None`` for nobody.
        is_decided: Whether the user gave or took this name.
        rejected: Who it is not.
    """

    x: float
    y: float
    person: UUID | None
    is_decided: bool
    rejected: frozenset[UUID]


class NamedFace(NamedTuple):
    """Who a face shows, and its middle as shares of the photo's width and height."""

    person: UUID
    x: float
    y: float


def name_moments(claim: jobs.Claim) -> None:
    """Let moments in which nobody was named say who is on their part of the photo.

    Runs after photos of a user were matched again, and looks at those moments that the changes
    since its last run may concern. Who was named by a camera or a video stays, as they saw more
    than the one photo, until the user says on the photo that it is somebody else; bursts always
    follow their photo.

    A few moments after the other are looked at without holding up anybody; only where names differ,
    a short transaction looks again and writes. After a kill those that were written differ no more.

    Raises:
        jobs.LostClaimError: The photos were matched once more meanwhile.
    """
    gallery = gallery_of(claim.owner_id)
    for ids in portions(_concerned(gallery), PORTION):
        outdated = [moment.pk for moment, _ in _outdated(ids)]
        if outdated:
            _name_anew(claim, outdated)
    with jobs.finish(claim):
        NamedMoments.objects.update_or_create(
            owner_id=claim.owner_id, defaults={"revision": gallery.matched_revision}
        )


def _concerned(gallery: PeopleGallery) -> list[UUID]:
    """Return the moments that changes of a gallery may concern that were matched since last time.

    Those are the moments that show who changed, or whose photo does by now; those on whose photo
    the user has decided; and those of whom nobody knew the name, as a photo's faces may have been
    found after its moment was named.
    """
    moments = Moment.objects.filter(owner_id=gallery.owner_id, photo__face_count__gt=0)
    named = NamedMoments.objects.filter(owner_id=gallery.owner_id).first()
    changes = Changes(is_complete=False)
    if named is not None:
        changes = changes_between(gallery, named.revision, gallery.matched_revision)
    if not changes.is_complete:
        return list(moments.order_by("pk").values_list("pk", flat=True))
    wanted = [
        *(Q(people__in=some) for some in portions(changes.people)),
        *(Q(photo__faces__person__in=some) for some in portions(changes.people)),
        *(Q(photo__in=some) for some in portions(changes.photos)),
        *(Q(photo__concert__in=some) for some in portions(changes.concerts)),
        Q(people=None, photo__faces__person__isnull=False),
    ]
    found = {pk for one in wanted for pk in moments.filter(one).values_list("pk", flat=True)}
    return sorted(found)


def _name_anew(claim: jobs.Claim, ids: Sequence[UUID]) -> None:
    """Write whom a few moments show, as their photos say now."""
    with transaction.atomic():
        locked_gallery_state(claim.owner_id)
        if not jobs.holds(claim):
            raise jobs.LostClaimError(f"job {claim.job_id} has newer names to bring to moments")
        follow_photos(ids)


def _outdated(ids: Sequence[UUID]) -> list[tuple[Any, set[UUID]]]:
    """Return those of some moments that name others than their photo shows, with whom it shows."""
    moments = _following(ids)
    faces = named_faces(moment.photo_id for moment in moments)
    found = [
        (moment, people_within(faces[moment.photo_id], _box(moment)), _people_of(moment))
        for moment in moments
    ]
    return [(moment, shown) for moment, shown, named in found if shown != named]


def follow_photos(ids: Sequence[UUID]) -> None:
    """Let a few moments say now whom the user has named on their photos; in its transaction."""
    for moment, people in _outdated(ids):
        moment.people.set(Person.objects.filter(pk__in=people))
        Moment.objects.filter(pk=moment.pk).update(is_named_by_photo=True)


def _people_of(moment: Any) -> set[UUID]:
    return {person.pk for person in moment.people.all()}


def _following(ids: Sequence[UUID]) -> list[Any]:
    """Return those of some moments whose names follow their photo, with ``picked_frames``."""
    picked = Prefetch("frames", MomentFrame.objects.filter(is_picked=True), to_attr="picked_frames")
    people = Prefetch("people", Person.objects.only("id").order_by())
    rows = Moment.objects.filter(pk__in=ids).only("photo_id", "kind", "is_named_by_photo")
    moments: list[Any] = list(rows.order_by("pk").prefetch_related(people, picked))
    judged = _judged_faces([moment.photo_id for moment in moments])
    return [
        moment
        for moment in moments
        if moment.photo_id is not None  # It may have been deleted since the ids were read.
        and (
            moment.kind == Moment.Kind.BURST
            or moment.is_named_by_photo
            or not _people_of(moment)
            or _is_corrected(moment, judged[moment.photo_id])
        )
    ]


def _is_corrected(moment: Any, judged: Iterable[JudgedFace]) -> bool:
    """Whether the user says on the moment's part of its photo that it is somebody else.

    Who only confirms one of the moment's people corrects nothing: the others of a group may be seen
    too badly on the photo to be found there.
    """
    people = _people_of(moment)
    return any(
        face.is_decided or not people.isdisjoint(face.rejected)
        for face in judged
        if face.person not in people and is_within(face.x, face.y, _box(moment))
    )


def _judged_faces(photo_ids: Sequence[UUID]) -> defaultdict[UUID, list[JudgedFace]]:
    """Return the faces on some photos on which the user has said who it is, or is not."""
    is_judged = Q(named_by=DetectedFace.NamedBy.USER) | Q(rejections__isnull=False)
    rows = DetectedFace.objects.filter(is_judged, photo__in=photo_ids)
    rows = rows.order_by().distinct().defer("embedding", "landmarks", "candidates", "emotions")
    judged: defaultdict[UUID, list[JudgedFace]] = defaultdict(list)
    for face in rows.select_related("photo").prefetch_related("rejections"):
        x, y = _middle(*face.box, face.photo.width, face.photo.height)
        rejected = frozenset(one.person_id for one in face.rejections.all())
        is_decided = face.is_decided_by_user
        judged[face.photo_id].append(JudgedFace(x, y, face.person_id, is_decided, rejected))
    return judged


def _middle(
    x1: float, y1: float, x2: float, y2: float, width: int | None, height: int | None
) -> tuple[float, float]:
    """Return the middle of a face in pixels as shares of its photo."""
    return (x1 + x2) / 2 / (width or 1), (y1 + y2) / 2 / (height or 1)


def _box(moment: Any) -> Sequence[float]:
    return moment.picked_frames[0].box if moment.picked_frames else ()


def named_faces(photo_ids: Iterable[UUID]) -> defaultdict[UUID, list[NamedFace]]:
    """Return the named faces of photos."""
    faces: defaultdict[UUID, list[NamedFace]] = defaultdict(list)
    rows = DetectedFace.objects.filter(photo__in=list(photo_ids)).exclude(person=None)
    fields = ("photo_id", "person_id", "x1", "y1", "x2", "y2", "photo__width", "photo__height")
    for photo_id, person_id, *place in rows.order_by().values_list(*fields):
        faces[photo_id].append(NamedFace(person_id, *_middle(*place)))
    return faces


def people_within(faces: Iterable[NamedFace], box: Sequence[float]) -> set[UUID]:
    """Return who is on a part of a photo: ``x1, y1, x2, y2`` as shares; empty for all of it."""
    return {face.person for face in faces if is_within(face.x, face.y, box)}


def is_within(x: float, y: float, box: Sequence[float]) -> bool:
    """Whether a place is on a part of a photo; all as shares, an empty box for all of it."""
    x1, y1, x2, y2 = box or (0.0, 0.0, 1.0, 1.0)
    return x1 <= x <= x2 and y1 <= y <= y2
