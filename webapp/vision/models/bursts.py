"""Photos taken in quick succession, as plain values: which belong together, which is the best."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from webapp.vision.chosen import ChosenFrame, ChosenMoment, scored_frame
from webapp.vision.models.adapter import read_image, to_face
from webapp.vision.models.loading import plain_errors
from webapp.vision.values import FaceShape, UnreadablePhotoError

if TYPE_CHECKING:
    from inference.moments.bursts.choosing import BurstPhoto
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


def find_bursts(
    pictures: Iterable[BurstPicture],
    weights: Mapping[str, float],
    favourites: Sequence[UUID] = (),
) -> list[ChosenMoment]:
    """Stack photos that belong together and judge them; each is decoded in full size, once.

    Args:
        pictures: Of one camera. What cannot be read any more is left out.
        weights: Score term to weight; empty for the usual ones.
        favourites: People who count double.

    Returns:
        The bursts of at least two photos that show a face. A photo without the burst's faces has no
        score. Nobody is named: the names of a burst are those of its top photo.
    """
    from inference.moments.bursts.choosing import judge_burst, stack_bursts
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
            burst.sort(key=lambda one: -(one.score or 0.0))
            bursts.append(ChosenMoment((), tuple(burst)))
    return bursts


def _measure(picture: BurstPicture) -> "BurstPhoto | None":
    from inference.moments.bursts.choosing import measure_photo
    from inference.moments.bursts.faces import KnownFace

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


def _judged(picture: BurstPicture, answer: "Candidate | None") -> ChosenFrame:
    number, captured_at = frame_number(picture.photo), 1000 * picture.seconds
    if answer is None:
        return ChosenFrame(number, captured_at, photo=picture.photo)
    return scored_frame(answer, number=number, captured_at=captured_at, photo=picture.photo)


def frame_number(photo: UUID) -> int:
    """Return what stands for the number of a photo, which has none: enough of its id."""
    return photo.int >> 80
