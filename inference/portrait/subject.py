"""Whom a picture is about, so that portrait mode knows whom to keep sharp.

Named stars come first. Where nobody is named, the faces count that are large, central and sharp,
and all that are alike in that: a line-up stays sharp as a whole, and who stands far behind a singer
or at the edge does not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]

ALIKE = 0.5
"""A face belongs to the subject if it is at least this share as prominent as the first one."""

FAR_STAR = 0.3
"""A named star whose face is smaller than this share of the largest star's is a passer-by."""

EDGE_PENALTY = 0.5
"""What a face in a corner loses against the same in the middle."""


@dataclass(frozen=True, slots=True)
class FaceOfPicture:
    """One face, as far as it matters for the choice.

    Attributes:
        box: In pixels of the picture.
        sharpness: How well the face can be made out, 0 to 1.
        is_star: Whether it has a name.
        is_favourite: Whether the name is one of the user's favourites.
    """

    box: Box
    sharpness: float = 1.0
    is_star: bool = False
    is_favourite: bool = False


def choose_subject(faces: Sequence[FaceOfPicture], size: tuple[int, int]) -> list[int]:
    """Choose the faces that shall stay sharp.

    Args:
        faces: All faces of the picture.
        size: Width and height of the picture in pixels.

    Returns:
        Their places in ``faces``, ascending; empty where there is no face, which means everybody.
    """
    for is_meant in (_is_favourite, _is_star):
        stars = [place for place, face in enumerate(faces) if is_meant(face)]
        if stars:
            largest = max(_height(faces[place]) for place in stars)
            return [place for place in stars if _height(faces[place]) >= FAR_STAR * largest]
    prominences = [prominence(face, size) for face in faces]
    least = ALIKE * max(prominences, default=0.0)
    return [place for place, one in enumerate(prominences) if one >= least]


def prominence(face: FaceOfPicture, size: tuple[int, int]) -> float:
    """Return how much a face stands out: its height, less at the edge, less where it is blurred."""
    width, height = size
    x1, y1, x2, y2 = face.box
    aside = ((x1 + x2) / width - 1, (y1 + y2) / height - 1)
    distance = min(math.hypot(*aside) / math.sqrt(2), 1.0)
    return _height(face) * (1 - EDGE_PENALTY * distance**2) * (0.5 + 0.5 * face.sharpness)


def _height(face: FaceOfPicture) -> float:
    return max(face.box[3] - face.box[1], 0.0)


def _is_star(face: FaceOfPicture) -> bool:
    return face.is_star


def _is_favourite(face: FaceOfPicture) -> bool:
    return face.is_favourite
