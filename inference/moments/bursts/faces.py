"""The faces of a burst of photos, followed from one photo to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.geometry import box_iou
from inference.moments.measures import FaceMeasures
from inference.moments.scoring import FaceState
from inference.types import Face

_SAME_FACE_IOU = 0.3
"""Nobody goes far in half a second, but the camera may."""
_SAME_NAME = 2.0
"""More than any overlap."""
_MAIN_FACE_SHARE = 0.5
"""Of the largest face's height; smaller faces are bystanders."""


@dataclass(frozen=True, slots=True)
class KnownFace:
    """A face of a photo with what was found out about it before.

    Attributes:
        face: In pixels of the photo.
        emotions: Label to probability; empty where nothing was read.
        emotion: The label that is shown, or ``None`` where the network abstained.
        quality: How much the face tells who it is, 0 to 1.
        person: Who it is; empty while nobody is named.
    """

    face: Face
    emotions: Mapping[str, float]
    emotion: str | None = None
    quality: float = 1.0
    person: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredFace:
    """The same in numbers, without the picture."""

    known: KnownFace
    measures: FaceMeasures

    @property
    def state(self) -> FaceState:
        """What is known besides the pixels; how fast a face moves, a photo does not tell."""
        return FaceState(self.known.emotions, self.known.quality)


@dataclass(slots=True, eq=False)
class FollowedFace:
    """One face over a burst.

    Attributes:
        faces: Index of a photo to the face on it, in the order of time.
        person: Who it is; empty while it is named on no photo.
    """

    faces: dict[int, MeasuredFace] = field(default_factory=dict)
    person: str = ""

    def add(self, photo: int, face: MeasuredFace) -> None:
        """Note where the face is on the next photo that shows it."""
        self.faces[photo] = face
        self.person = self.person or face.known.person

    def likeness(self, face: MeasuredFace) -> float:
        """Return how probably this is the same face, 0 for not at all."""
        if self.person and face.known.person:
            return _SAME_NAME if self.person == face.known.person else 0.0
        last = self.faces[max(self.faces)].known.face.box
        boxes = (np.array([box], dtype=np.float32) for box in (last, face.known.face.box))
        overlap = float(box_iou(*boxes)[0, 0])
        return overlap if overlap >= _SAME_FACE_IOU else 0.0

    @property
    def height(self) -> float:
        """Of the face where it is tallest, in pixels."""
        return max(face.known.face.height for face in self.faces.values())


def follow_faces(photos: Sequence[Sequence[MeasuredFace]]) -> list[FollowedFace]:
    """Follow the faces of photos in the order of time: by name, else by their place."""
    followed: list[FollowedFace] = []
    for index, faces in enumerate(photos):
        likely = [
            (likeness, at, one)
            for at, face in enumerate(faces)
            for one in followed
            if (likeness := one.likeness(face))
        ]
        placed: set[int] = set()
        for _, at, one in sorted(likely, key=lambda pair: -pair[0]):
            if at not in placed and index not in one.faces:
                one.add(index, faces[at])
                placed.add(at)
        for at, face in enumerate(faces):
            if at not in placed:
                followed.append(FollowedFace())
                followed[-1].add(index, face)
    return followed


def main_faces(followed: Sequence[FollowedFace], photo_count: int) -> list[FollowedFace]:
    """Return whom a burst is about: the named, or else everybody who is not much smaller.

    A face on less than half of the photos passed by, or is none.
    """
    steady = [one for one in followed if 2 * len(one.faces) >= photo_count]
    if named := [one for one in steady if one.person]:
        return named
    least = _MAIN_FACE_SHARE * max((one.height for one in steady), default=0.0)
    return [one for one in steady if one.height >= least]
