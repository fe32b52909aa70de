"""Names that reach moments later: whom their photos show by now, and who became somebody else."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Prefetch, Q

from webapp.analysis.models import DetectedFace
from webapp.core import jobs
from webapp.moments.models import EmotionSample, Moment, MomentFrame, Reel, Taste
from webapp.people.models import Person
from webapp.people.queries import locked_gallery_state


class NamedFace(NamedTuple):
    """Who a face shows, and its middle as shares of the photo's width and height."""

    person: UUID
    x: float
    y: float


def name_moments(claim: jobs.Claim) -> None:
    """Let moments in which nobody was named say who is on their part of the photo.

    Runs after all photos of a user were matched again. Who was named by a camera or a video stays,
    as they saw more than the one photo; bursts always follow their photo.
    """
    with jobs.finish(claim):
        locked_gallery_state(claim.owner_id)
        moments = _following(claim.owner_id)
        faces = named_faces(moment.photo_id for moment in moments)
        for moment in moments:
            found = people_within(faces[moment.photo_id], _box(moment))
            if found != {person.pk for person in moment.people.all()}:
                moment.people.set(Person.objects.filter(pk__in=found))
                Moment.objects.filter(pk=moment.pk).update(is_named_by_photo=True)


def _following(owner_id: int) -> list[Any]:
    """Return the moments whose names follow their photo, with ``picked_frames`` (one or none)."""
    is_following = Q(kind=Moment.Kind.BURST) | Q(is_named_by_photo=True) | Q(people=None)
    moments = Moment.objects.filter(is_following, owner_id=owner_id, photo__face_count__gt=0)
    picked = Prefetch("frames", MomentFrame.objects.filter(is_picked=True), to_attr="picked_frames")
    return list(moments.distinct().prefetch_related("people", picked))


def _box(moment: Any) -> Sequence[float]:
    return moment.picked_frames[0].box if moment.picked_frames else ()


def named_faces(photo_ids: Iterable[UUID]) -> defaultdict[UUID, list[NamedFace]]:
    """Return the named faces of photos."""
    faces: defaultdict[UUID, list[NamedFace]] = defaultdict(list)
    rows = DetectedFace.objects.filter(photo__in=list(photo_ids)).exclude(person=None)
    fields = ("photo_id", "person_id", "x1", "x2", "y1", "y2", "photo__width", "photo__height")
    for photo_id, person_id, x1, x2, y1, y2, width, height in rows.order_by().values_list(*fields):
        middle = (x1 + x2) / 2 / (width or 1), (y1 + y2) / 2 / (height or 1)
        faces[photo_id].append(NamedFace(person_id, *middle))
    return faces


def people_within(faces: Iterable[NamedFace], box: Sequence[float]) -> set[UUID]:
    """Return who is on a part of a photo: ``x1, y1, x2, y2`` as shares; empty for all of it."""
    x1, y1, x2, y2 = box or (0.0, 0.0, 1.0, 1.0)
    return {face.person for face in faces if x1 <= face.x <= x2 and y1 <= face.y <= y2}


def merge_people(source_id: UUID, target_id: UUID) -> None:
    """Give what one person has here to another; what both have, the target has already."""
    moments = Moment.people.through.objects
    shared = moments.filter(person_id=target_id).values("moment_id")
    source = moments.filter(person_id=source_id)
    source.exclude(moment_id__in=shared).update(person_id=target_id)
    _merge_in_reels(source_id, target_id)
    for taste in Taste.objects.filter(favourites=source_id):
        taste.favourites.add(target_id)  # type: ignore[arg-type]
    samples = EmotionSample.objects
    for origin in ("session_id", "video_id"):
        same = samples.filter(person_id=target_id).values_list(origin, "second")
        taken = {place for place in same if place[0] is not None}
        for sample in samples.filter(person_id=source_id).exclude(**{origin: None}):
            if (getattr(sample, origin), sample.second) not in taken:
                samples.filter(pk=sample.pk).update(person_id=target_id)


def _merge_in_reels(source_id: UUID, target_id: UUID) -> None:
    """Link films to the target; one that named both has one person less, and is not stale."""
    links = Reel.people.through.objects
    shared = list(
        links.filter(person_id=target_id)
        .filter(reel_id__in=links.filter(person_id=source_id).values("reel_id"))
        .values_list("reel_id", flat=True)
    )
    Reel.objects.filter(pk__in=shared).update(person_count=F("person_count") - 1)
    source = links.filter(person_id=source_id)
    source.filter(reel_id__in=shared).delete()
    source.update(person_id=target_id)
