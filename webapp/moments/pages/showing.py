"""Where the star is on the pictures of moments, so that cards, films and links cut round her."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery

from webapp.analysis.models import DetectedFace
from webapp.live.keeping import Kept
from webapp.live.models import LiveSession
from webapp.moments.models import Moment, MomentFrame, Video
from webapp.moments.ranking import BY_SCORE
from webapp.photos.models import Photo
from webapp.vision.framing import object_position

Box = Sequence[float]
CARD_FIELDS = (
    *("at", "kind", "score", "emotion", "emotions", "reason", "is_discarded", "liked_at"),
    *("photo__width", "photo__height", "concert__time_zone"),
)
"""What a card shows of its moment, besides whom; all else is left in the database."""


def for_cards(moments: QuerySet[Moment]) -> QuerySet[Moment]:
    """Read along what a card shows: photo, people, and ``picked_frames`` (one, or none)."""
    picked = MomentFrame.objects.filter(is_picked=True)
    return moments.select_related("photo", "concert").prefetch_related(
        "people", Prefetch("frames", queryset=picked, to_attr="picked_frames")
    )


def faces_of(moments: Sequence[Any]) -> dict[UUID, Box]:
    """Return where the stars of moments are on their pictures: shares, one box round all of them.

    What was measured when a moment was chosen comes first. A frame that was captured by hand, or
    between two that were seen, was never measured; there the faces that were found on its photo
    later are asked, those of the moment's people before others.

    Args:
        moments: With ``picked_frames`` and ``people`` read along (:func:`for_cards`).

    Returns:
        By moment; one of which nobody knows where its star is is missing.
    """
    boxes: dict[UUID, Box] = {
        one.pk: one.picked_frames[0].box
        for one in moments
        if one.picked_frames and len(one.picked_frames[0].box) == 4
    }
    rest = [one for one in moments if one.pk not in boxes and one.photo_id is not None]
    found = _found_on({one.photo_id for one in rest})
    for one in rest:
        people = {person.pk for person in one.people.all()}
        of_people = [box for person, box in found.get(one.photo_id, ()) if person in people]
        around = of_people or [box for _, box in found.get(one.photo_id, ())]
        if around:
            boxes[one.pk] = union(around)
    return boxes


def _found_on(photo_ids: Iterable[UUID]) -> dict[UUID, list[tuple[UUID | None, Box]]]:
    """Return the faces of photos, each with whom it shows, as shares."""
    wanted = list(photo_ids)
    faces: dict[UUID, list[tuple[UUID | None, Box]]] = {}
    if not wanted:
        return faces
    fields = ("photo_id", "person_id", "x1", "y1", "x2", "y2", "photo__width", "photo__height")
    rows = DetectedFace.objects.filter(photo__in=wanted).order_by().values_list(*fields)
    for photo_id, person_id, x1, y1, x2, y2, width, height in rows:
        if width and height:
            box = (x1 / width, y1 / height, x2 / width, y2 / height)
            faces.setdefault(photo_id, []).append((person_id, box))
    return faces


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box round some boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def focus_of(photo: Photo | None, box: Box, aspect: float = 1.0) -> str:
    """Return the ``object-position`` of a card, empty where its picture has no size yet."""
    if photo is None or not photo.width or not photo.height:
        return ""
    return object_position(box, photo.width / photo.height, aspect)


def add_focus(moments: Sequence[Any], aspect: float = 1.0) -> None:
    """Give each moment a ``focus`` for its card; read along as :func:`for_cards` does."""
    boxes = faces_of(moments)
    for moment in moments:
        moment.focus = focus_of(moment.photo, boxes.get(moment.pk, ()), aspect)


def kept_of(session_ids: Sequence[UUID]) -> Mapping[UUID, Kept]:
    """Return how many moments and recordings sessions gave, each with its best picture."""
    shown = Moment.objects.filter(
        session__in=session_ids,
        state=Moment.State.READY,
        is_discarded=False,
        binned_at=None,
        photo__binned_at=None,
    ).exclude(photo=None)
    rows = shown.order_by().values_list("session").annotate(count=Count("pk"))
    counts: dict[UUID, int] = {session: count for session, count in rows if session}
    of_session = shown.filter(session=OuterRef("pk")).order_by(BY_SCORE, "pk").values("pk")
    firsts = LiveSession.objects.filter(pk__in=counts).values(best=Subquery(of_session[:1]))
    best: list[Any] = list(for_cards(shown.filter(pk__in=firsts)))
    add_focus(best)
    bests = {one.session_id: one for one in best}
    recorded = _recordings_of(session_ids)
    return {
        session_id: Kept(
            moments=counts.get(session_id, 0),
            photo=bests[session_id].photo_id if session_id in bests else None,
            focus=bests[session_id].focus if session_id in bests else "",
            recordings=recorded.get(session_id, 0),
        )
        for session_id in bests.keys() | recorded.keys()
    }


def _recordings_of(session_ids: Sequence[UUID]) -> dict[UUID, int]:
    found = Video.objects.filter(session__in=session_ids).order_by().values_list("session")
    return {session: count for session, count in found.annotate(count=Count("pk")) if session}
