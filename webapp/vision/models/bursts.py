"""Photos taken in quick succession, as plain values: which belong together, which is the best."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from webapp.vision.models.adapter import read_image, to_face
from webapp.vision.models.loading import plain_errors
from webapp.vision.values import Box, FaceShape, UnreadablePhotoError

if TYPE_CHECKING:
    from inference.moments.bursts import BurstPhoto
    from inference.moments.candidates import Candidate


@dataclass(frozen=True, slots=True)
class BurstFace:
    """A face as it is stored.

    Attributes:
        shape: Where it is.
        quality: 0 to 1.
        emotion: Empty where the network abstained.
        emotions: Label to probability.
        person: Who it is, or ``None``.
    """

    shape: FaceShape
    quality: float
    emotion: str
    emotions: Mapping[str, float]
    person: UUID | None


@dataclass(frozen=True, slots=True)
class BurstPicture:
    """A photo that may belong to a burst; ``seconds`` is when it was taken."""

    photo: UUID
    path: Path
    seconds: float
    faces: tuple[BurstFace, ...]


@dataclass(frozen=True, slots=True)
class JudgedPicture:
    """A photo of a burst.

    Attributes:
        seconds: When it was taken.
        score: 0 to 1; empty where the burst's faces are not on it, like the rest then.
        terms: Score term to 0..1.
        reason: In words.
        box: Around the faces, as shares of the photo's width and height.
        emotion: What the largest face expresses; empty where that is not sure.
        emotions: Label to probability.
    """

    photo: UUID
    seconds: float
    score: float | None = None
    terms: Mapping[str, float] | None = None
    reason: str = ""
    box: Box | None = None
    emotion: str = ""
    emotions: Mapping[str, float] | None = None


def find_bursts(
    pictures: Iterable[BurstPicture],
    weights: Mapping[str, float],
    favourites: Sequence[UUID] = (),
) -> list[list[JudgedPicture]]:
    """Stack photos that belong together and judge them; each is decoded in full size, once.

    Args:
        pictures: Of one camera. What cannot be read any more is left out.
        weights: Score term to weight; empty for the usual ones.
        favourites: People who count double.

    Returns:
        The bursts of at least two photos that show a face, each best first.
    """
    from inference.moments.bursts import judge_burst, stack_bursts
    from inference.moments.scoring import DEFAULT_WEIGHTS

    measured = [(picture, found) for picture in pictures if (found := _measure(picture))]
    photos = [found for _, found in measured]
    bursts = []
    for stack in stack_bursts(photos):
        if len(stack) < 2:
            continue
        judged = judge_burst(
            [photos[index] for index in stack],
            weights or DEFAULT_WEIGHTS,
            {str(person) for person in favourites},
        )
        if any(judged):
            answers = zip((measured[index][0] for index in stack), judged, strict=True)
            burst = [_judged(picture, answer) for picture, answer in answers]
            bursts.append(sorted(burst, key=lambda one: -(one.score or 0.0)))
    return bursts


def _measure(picture: BurstPicture) -> "BurstPhoto | None":
    from inference.moments.burst_faces import KnownFace
    from inference.moments.bursts import measure_photo

    faces = [
        KnownFace(
            to_face(face.shape),
            face.emotions,
            face.emotion or None,
            face.quality,
            str(face.person or ""),
        )
        for face in picture.faces
    ]
    try:
        with plain_errors("Burst"):
            return measure_photo(read_image(picture.path), picture.seconds, faces)
    except (UnreadablePhotoError, OSError):
        return None  # Deleted meanwhile, most likely; the others are a burst without it.


def _judged(picture: BurstPicture, answer: "Candidate | None") -> JudgedPicture:
    if answer is None:
        return JudgedPicture(picture.photo, picture.seconds)
    left, top, right, bottom = answer.box
    shares = (
        left / answer.width,
        top / answer.height,
        right / answer.width,
        bottom / answer.height,
    )
    x1, y1, x2, y2 = (round(min(max(share, 0.0), 1.0), 4) for share in shares)
    return JudgedPicture(
        picture.photo,
        picture.seconds,
        round(answer.score, 4),
        answer.terms,
        answer.reason,
        (x1, y1, x2, y2),
        answer.emotion or "",
        answer.emotions,
    )
