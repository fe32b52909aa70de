"""Haar cascades: the detector of 2001, for machines on which MTCNN is too slow.

Paper: Viola, Jones 2001, "Rapid Object Detection using a Boosted Cascade of Simple Features";
Lienhart, Maydt 2002. The cascades are OpenCV's (trained by Rainer Lienhart, Intel licence) and
run by OpenCV. It sees frontal, upright faces only and finds fewer of them than MTCNN
(``docs/evaluation.md``).

A cascade gives boxes without landmarks, so they are estimated: the eye cascade looks for the two
eyes in the upper part of the box; where it finds a believable pair, the canonical face is laid on
the pair by a similarity transform, which follows the tilt of the head; where not, the canonical
face is laid upright into the box. The canonical face is the median of MTCNN's landmarks in the Haar
boxes of 205 faces, made symmetric, so both detectors feed the same aligned crops.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference import weights
from inference.errors import WeightsError
from inference.geometry import similarity_transform, transform_points
from inference.types import Face, RGBImage

CANONICAL_FACE = np.array(
    [[0.32, 0.39], [0.68, 0.39], [0.50, 0.61], [0.34, 0.80], [0.66, 0.80]], dtype=np.float32
)
"""``(5, 2)`` landmarks as parts of the box."""

CANONICAL_BOX = (0.095, -0.035, 0.905, 1.06)
"""MTCNN's box as parts of a Haar box; the rest of the project expects boxes like MTCNN's."""

_SCALE_STEP = 1.1
_NEIGHBOURS = 5
"""Overlapping hits that make a face; OpenCV's samples use 3 to 6."""

_SCORE_AT_HALF = 2.0
"""Cascade weight at which the score is one half; it orders faces and is no probability."""

_EYE_SIDE = 160
"""Side in pixels to which a face is brought before its eyes are searched."""


class HaarDetector:
    """Finds frontal faces without a network. Safe to call from several threads."""

    def __init__(self, face_file: str, eye_file: str, min_face: int) -> None:
        self._files = (face_file, eye_file)
        self._min_face = min_face
        self._open(face_file)
        self._open(eye_file)

    @classmethod
    def load(cls, min_face: int = 24) -> "HaarDetector":
        """Load the cascades of OpenCV.

        Raises:
            WeightsError: A file is missing, has another hash or is no cascade.
        """
        files = [
            str(weights.locate(weights.record(name))) for name in ("haar-frontal-face", "haar-eye")
        ]
        return cls(files[0], files[1], min_face)

    @staticmethod
    def _open(file: str) -> cv2.CascadeClassifier:
        try:
            return cv2.CascadeClassifier(file)
        except (cv2.error, SystemError) as error:
            raise WeightsError(f"{file} is no cascade that OpenCV can read") from error

    def detect(self, image: RGBImage) -> list[Face]:
        """Find faces, most confident first.

        Args:
            image: ``(H, W, 3)`` uint8 RGB.

        Returns:
            Faces in pixels of ``image``; an empty list when there are none.
        """
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        # A cascade keeps state while it works, so every call has its own.
        faces, eyes = (self._open(file) for file in self._files)
        boxes, _, levels = faces.detectMultiScale3(
            cv2.equalizeHist(grey),
            scaleFactor=_SCALE_STEP,
            minNeighbors=_NEIGHBOURS,
            minSize=(self._min_face, self._min_face),
            outputRejectLevels=True,
        )
        found = [
            _face(grey, eyes, tuple(int(value) for value in box), float(level))
            for box, level in zip(boxes, np.ravel(levels), strict=True)
        ]
        return sorted(found, key=lambda face: -face.score)


def _face(
    grey: NDArray[np.uint8],
    eyes: cv2.CascadeClassifier,
    box: tuple[int, ...],
    level: float,
) -> Face:
    x, y, side = box[0], box[1], box[2]
    corner = np.array([x, y], dtype=np.float32)
    pair = _find_eyes(grey[y : y + side, x : x + side], eyes)
    landmarks = CANONICAL_FACE if pair is None else face_from_eyes(pair)
    left, top, right, bottom = (part * side for part in CANONICAL_BOX)
    return Face(
        box=(x + left, y + top, x + right, y + bottom),
        score=max(level, 0.0) / (max(level, 0.0) + _SCORE_AT_HALF),
        landmarks=(corner + landmarks * side).astype(np.float32),
    )


def _find_eyes(face: NDArray[np.uint8], eyes: cv2.CascadeClassifier) -> NDArray[np.float32] | None:
    """Return ``(2, 2)`` eye centres as parts of the face's box, or ``None``."""
    upper = face[: int(face.shape[0] * 0.6)]
    scale = _EYE_SIDE / face.shape[0]
    large = cv2.resize(upper, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    hits = eyes.detectMultiScale(large, 1.1, 4, minSize=(_EYE_SIDE // 8, _EYE_SIDE // 8))
    centres = np.array([(x + w / 2, y + h / 2) for x, y, w, h in hits], dtype=np.float32)
    return choose_eyes(centres.reshape(-1, 2) / np.float32(_EYE_SIDE))


def choose_eyes(centres: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Choose the pair nearest to where eyes belong, if it is believable.

    Args:
        centres: ``(N, 2)`` hits of the eye cascade as parts of the face's box.

    Returns:
        ``(2, 2)``, left eye in the image first; ``None`` when no hit lies within a tenth of the
        box from the place of each eye.
    """
    pair = []
    for place in CANONICAL_FACE[:2]:
        distances = np.linalg.norm(centres - place, axis=1)
        if not len(distances) or distances.min() > 0.1:
            return None
        pair.append(centres[distances.argmin()])
    return np.stack(pair)


def face_from_eyes(pair: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay the canonical face on two eyes; returns ``(5, 2)`` in the same coordinates."""
    matrix = similarity_transform(CANONICAL_FACE[:2], pair)
    return transform_points(matrix, CANONICAL_FACE).astype(np.float32)
