"""Names that reach moments later: whom their photos show by now, and who became somebody else."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from webapp.analysis.models import DetectedFace
from webapp.core import jobs
from webapp.moments.models import Moment, MomentFrame
from webapp.people.models import Person
from webapp.people.queries import locked_gallery_state


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

    Runs after all photos of a user were matched again. Who was named by a camera or a video stays,
    as they saw more than the one photo, until the user says on the photo that it is somebody else;
    bursts always follow their photo.
    """
    with jobs.finish(claim):
        locked_gallery_state(claim.owner_id)
        judged = _judged_faces(claim.owner_id)
        moments = _following(claim.owner_id, judged)
        faces = named_faces(moment.photo_id for moment in moments)
        for moment in moments:
            found = people_within(faces[moment.photo_id], _box(moment))
            if found != {person.pk for person in moment.people.all()}:
                moment.people.set(Person.objects.filter(pk__in=found))
                Moment.objects.filter(pk=moment.pk).update(is_named_by_photo=True)


def _following(owner_id: int, judged: Mapping[UUID, Sequence[JudgedFace]]) -> list[Any]:
    """Return the moments whose names follow their photo, with ``picked_frames`` (one or none)."""
    is_following = Q(kind=Moment.Kind.BURST) | Q(is_named_by_photo=True) | Q(people=None)
    moments = Moment.objects.filter(owner_id=owner_id, photo__face_count__gt=0)
    picked = Prefetch("frames", MomentFrame.objects.filter(is_picked=True), to_attr="picked_frames")
    with_names = moments.distinct().prefetch_related("people", picked)
    following: list[Any] = list(with_names.filter(is_following))
    known = {moment.pk for moment in following}
    others: list[Any] = list(with_names.filter(photo__in=list(judged)))
    return following + [
        one for one in others if one.pk not in known and _is_corrected(one, judged[one.photo_id])
    ]


def _is_corrected(moment: Any, judged: Iterable[JudgedFace]) -> bool:
    """Whether the user says on the moment's part of its photo that it is somebody else.

    Who only confirms one of the moment's people corrects nothing: the others of a group may be seen
    too badly on the photo to be found there.
    """
    people = {person.pk for person in moment.people.all()}
    return any(
        face.is_decided or not people.isdisjoint(face.rejected)
        for face in judged
        if face.person not in people and is_within(face.x, face.y, _box(moment))
    )


def _judged_faces(owner_id: int) -> defaultdict[UUID, list[JudgedFace]]:
    """Return the faces on photos of moments on which the user has said who it is, or is not."""
    is_judged = Q(named_by=DetectedFace.NamedBy.USER) | Q(rejections__isnull=False)
    rows = DetectedFace.objects.filter(is_judged, photo__in=_photos_of_moments(owner_id))
    rows = rows.order_by().distinct().defer("embedding", "landmarks", "candidates", "emotions")
    judged: defaultdict[UUID, list[JudgedFace]] = defaultdict(list)
    for face in rows.select_related("photo").prefetch_related("rejections"):
        x, y = _middle(*face.box, face.photo.width, face.photo.height)
        rejected = frozenset(one.person_id for one in face.rejections.all())
        is_decided = face.is_decided_by_user
        judged[face.photo_id].append(JudgedFace(x, y, face.person_id, is_decided, rejected))
    return judged


def _photos_of_moments(owner_id: int) -> QuerySet[Any]:
    return Moment.objects.filter(owner_id=owner_id).exclude(photo=None).values("photo")


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
