"""Frames of a moment that nobody saw before they came, scored like those beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from webapp.vision.chosen import ChosenFrame, scored_frame
from webapp.vision.models.adapter import read_image
from webapp.vision.models.loading import face_pipeline, lock, plain_errors
from webapp.vision.values import Box

if TYPE_CHECKING:
    from inference.moments.bursts.choosing import BurstPhoto
    from inference.types import Face, RGBImage

_REACH = 0.75
"""How far from the star's place on another frame her face may be, in sizes of that place."""


@dataclass(frozen=True, slots=True)
class FrameFile:
    """One frame of a moment as a picture.

    Attributes:
        captured_at: Milliseconds of the publisher's clock.
        box: Where the star is, as shares; empty where nobody has looked.
        score: 0 to 1; empty where nobody has scored it.
    """

    number: int
    path: Path
    captured_at: float
    box: Box | None = None
    score: float | None = None


def score_frames(frames: Sequence[FrameFile], weights: Mapping[str, float]) -> list[ChosenFrame]:
    """Score the frames of one moment that have no score.

    All of them are judged as a burst, each face against itself. What a burst says is no score of a
    camera, which knows how the face looked for longer; so the scores are moved to where those
    frames lie that the camera has scored.

    Args:
        frames: All that have come, in any order.
        weights: Score term to weight; empty for the usual ones.

    Returns:
        Those that were scored now; one on which the star's face is not found is missing.

    Raises:
        webapp.vision.values.UnavailableError: A model is missing.
        webapp.vision.values.UnreadablePhotoError: A picture cannot be decoded.
    """
    from inference.moments.bursts.choosing import judge_burst
    from inference.moments.scoring import DEFAULT_WEIGHTS

    ordered = sorted(frames, key=lambda one: (one.captured_at, one.number))
    with lock, plain_errors(gettext("The search for moments")):
        photos = [_measure(frame, _place(frame, ordered)) for frame in ordered]
    judged = judge_burst(photos, weights or DEFAULT_WEIGHTS)
    found = [
        (frame, scored_frame(answer, number=frame.number, captured_at=frame.captured_at))
        for frame, answer in zip(ordered, judged, strict=True)
        if answer is not None
    ]
    known = [frame.score - (one.score or 0.0) for frame, one in found if frame.score is not None]
    shift = mean(known) if known else 0.0
    return [_moved(one, shift) for frame, one in found if frame.score is None]


def _moved(frame: ChosenFrame, shift: float) -> ChosenFrame:
    return replace(frame, score=round(min(max((frame.score or 0.0) + shift, 0.0), 1.0), 4))


def _place(frame: FrameFile, frames: Sequence[FrameFile]) -> Box | None:
    """Return where the star is on a frame, or was on the nearest one that tells."""
    telling = [one for one in frames if one.box is not None]
    nearest = min(telling, key=lambda one: abs(one.captured_at - frame.captured_at), default=None)
    return nearest.box if nearest is not None else None


def _measure(frame: FrameFile, place: Box | None) -> "BurstPhoto":
    from inference.moments.bursts.choosing import measure_photo
    from inference.moments.bursts.faces import KnownFace

    image = read_image(frame.path)
    pipeline = face_pipeline()
    faces = [face for face in pipeline.find_faces(image) if _is_near(face, place, image)]
    emotions = pipeline.classify_emotions(image, faces) if faces else []
    qualities = pipeline.quality(image, faces) if faces else []
    known = [
        KnownFace(face, emotion.probabilities, emotion.label, float(quality))
        for face, emotion, quality in zip(faces, emotions, qualities, strict=True)
    ]
    return measure_photo(image, frame.captured_at / 1000, known)


def _is_near(face: "Face", place: Box | None, image: "RGBImage") -> bool:
    """Whether a face may be the star's; anybody's may where nobody knows her place."""
    if place is None:
        return True
    height, width = image.shape[:2]
    left, top, right, bottom = place
    x = (face.box[0] + face.box[2]) / 2 / width
    y = (face.box[1] + face.box[3]) / 2 / height
    across, along = _REACH * (right - left), _REACH * (bottom - top)
    return bool(left - across <= x <= right + across and top - along <= y <= bottom + along)
