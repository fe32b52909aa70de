"""Naming who is followed through a film, as a face is named on a photo.

What is known of such a track is where it was. Its faces with embeddings are those on the kept
pictures of its video, so these are named, and become references; the moments follow them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from webapp.analysis import services
from webapp.analysis.models import Decision, DetectedFace
from webapp.moments.models import Moment, MomentFrame, VideoTrack
from webapp.moments.names.naming import follow_photos
from webapp.people.models import Person

SCALE = 10_000
"""Edges of a track's boxes are shares of the frame times this."""
LEAST_OVERLAP = 0.3
"""Of the box of a track and that of a face on a picture of the same instant, to be one face."""
NEAR_MS = 250
"""A track is looked at eight times a second; so near to a picture one of its boxes counts."""

_Shares = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class NamedTrack:
    """What became of naming a track.

    Attributes:
        person: Who it is now.
        moments: How many moments show that face.
        note: Why nobody else is recognised by it, as a sentence for the user; else empty.
        decision: By which it can be undone.
    """

    person: Person
    moments: int
    note: str
    decision: Decision


def name_track(track: VideoTrack, name: str, group_name: str = "") -> NamedTrack:
    """Give a track the user's name for it, and so its faces on the pictures of moments.

    Raises:
        webapp.people.names.BadNameError: The name is empty, too long, or means several people.
        FaceGoneError: All its pictures were deleted meanwhile.
    """
    owner_id = track.video.owner_id
    faces = faces_of(track)
    moments = _moments_of(faces)
    before = [_moment_before(moment) for moment in moments]
    named = services.name_faces_of(owner_id, faces, name, group_name)
    with transaction.atomic():
        decision = named.decision
        earlier = {"id": track.pk, "person": str(track.person_id or "")}
        decision.before |= {"tracks": [earlier], "moments": before}
        decision.save(update_fields=["before"])
        VideoTrack.objects.filter(pk=track.pk).update(person=named.person)
        follow_photos([moment.pk for moment in moments])
    return NamedTrack(named.person, len(moments), named.note, decision)


def take_back(decision: Decision) -> None:
    """Give tracks and moments the names that they had; listens to ``decisions.taken_back``."""
    tracks = decision.before.get("tracks", [])
    moments = decision.before.get("moments", [])
    known = _still_there(decision.owner_id, [*tracks, *moments])
    for track in tracks:
        own = VideoTrack.objects.filter(pk=track["id"], video__owner_id=decision.owner_id)
        own.update(person=known.get(track["person"]))
    for told in moments:
        own_moments = Moment.objects.filter(pk=told["id"], owner_id=decision.owner_id)
        for moment in own_moments:
            moment.people.set(known[one] for one in told["people"] if one in known)
        own_moments.update(is_named_by_photo=told["is_named_by_photo"])


def faces_of(track: VideoTrack) -> list[DetectedFace]:
    """Return the faces of a track on the kept pictures of its video, one for each picture."""
    frames = MomentFrame.objects.filter(
        moment__video=track.video_id,
        photo__isnull=False,
        captured_at__range=(track.start_ms - NEAR_MS, track.stop_ms + NEAR_MS),
    )
    times = dict(frames.values_list("photo_id", "captured_at"))
    found: dict[UUID, tuple[float, DetectedFace]] = {}
    rows = DetectedFace.objects.shown().filter(photo__in=times).select_related("photo")
    for face in rows.order_by("pk"):
        box = _box_at(track.boxes, times[face.photo_id])
        overlap = _overlap(box, _shares_of(face)) if box else 0.0
        if overlap >= max(LEAST_OVERLAP, found.get(face.photo_id, (0.0,))[0]):
            found[face.photo_id] = overlap, face
    return [face for _, face in found.values()]


def _moments_of(faces: Iterable[DetectedFace]) -> list[Moment]:
    """Return the moments whose picture shows one of these faces."""
    return list(Moment.objects.filter(photo__in=[face.photo_id for face in faces]))


def _moment_before(moment: Moment) -> dict[str, Any]:
    people = [str(pk) for pk in moment.people.order_by().values_list("pk", flat=True)]
    told = {"id": str(moment.pk), "people": people}
    return told | {"is_named_by_photo": moment.is_named_by_photo}


def _still_there(owner_id: int, told: Iterable[dict[str, Any]]) -> dict[str, Person]:
    """Return by id who is still there of all that tracks and moments were named."""
    ids = {one for row in told for one in (row.get("people") or [row.get("person")]) if one}
    found = Person.objects.filter(owner_id=owner_id).in_bulk([UUID(one) for one in ids])
    return {str(pk): person for pk, person in found.items()}


def _box_at(boxes: Sequence[Sequence[int]], time_ms: float) -> _Shares | None:
    """Return the box of a track nearest to a time, as shares; ``None`` when none is near."""
    nearest = min(boxes, key=lambda box: abs(box[0] - time_ms))
    if abs(nearest[0] - time_ms) > NEAR_MS:
        return None
    x1, y1, x2, y2 = (edge / SCALE for edge in nearest[1:])
    return x1, y1, x2, y2


def _shares_of(face: DetectedFace) -> _Shares:
    width, height = face.photo.width or 1, face.photo.height or 1
    return face.x1 / width, face.y1 / height, face.x2 / width, face.y2 / height


def _overlap(one: _Shares, other: _Shares) -> float:
    """Return intersection over union of two boxes, 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (areas - width * height)
