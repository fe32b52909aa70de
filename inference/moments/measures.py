"""What can be measured on one face of one frame, without a network and in under a millisecond.

Every measure is a plain number in its own unit; ``scoring`` makes terms from 0 to 1 of them, most
of them by comparing with what the same face looked like in the last seconds.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.alignment import ARCFACE_112, warp
from inference.geometry import similarity_transform, transform_points
from inference.types import Face, RGBImage

GreyImage = NDArray[np.uint8]
Signature = NDArray[np.float32]
"""``(S * S,)`` float32 of mean 0 and unit length (all 0 where there is no contrast)."""

SIGNATURE_SIDE = 16

Chroma = NDArray[np.float32]
"""``(C, C, 2)`` float32: red and blue difference (YCrCb) of ``C x C`` fields, 0 where grey, as they
would be on a face of middle brightness."""

CHROMA_SIDE = 6
_LANDMARK_WEIGHTS = (1.0, 1.0, 0.5, 0.5, 0.5)

_EYE_DISTANCE = 64
"""Pixels between the eyes where openness is measured; an iris is then 12 pixels wide."""
_EYE_WIDTH, _EYE_HEIGHT = 44, 32
_IRIS_FIELD, _WHITE_FIELD = (5, 7), (5, 5)
_WHITE_AT = 8
"""Pixels from the middle of an iris to the fields beside it."""
_EYE_REACH = 4
"""Pixels around the landmark in which the iris is looked for. These five were chosen by how well
they tell painted blinks from open eyes (docs/model-cards/moments.md)."""

_LARGEST_EYE_DISTANCE = 160.0
"""Larger faces are averaged down to this before sharpness is measured: no screen shows more."""
_MIN_CONTRAST = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class FaceMeasures:
    """One face of one frame in numbers.

    Attributes:
        detail: Fine detail of the sharpest part of the eye region in percent of its contrast.
        eye_distance: In pixels of the picture.
        openness: Mean over both eyes of how much the iris is darker than the white beside it, as
            a share of the brightness there; near 0 for closed eyes.
        turn: How far the nose lies from the middle, 0 from the front, about 1 in profile.
        nod: How far the nose lies from its usual height between eyes and mouth, as a share of the
            distance from eyes to mouth; 0 from the front.
        luma: Mean brightness of the face, 0 to 255.
        clipped: Share of the face that is white or black beyond detail, 0 to 1.
        residual: How far the landmarks lie from a face's usual places after the best fit, in
            eye distances.
        share: Height of the face as a share of the picture's height.
        signature: The aligned face as a small picture.
        chroma: The colours of the aligned face without their brightness.
    """

    detail: float
    eye_distance: float
    openness: float
    turn: float
    nod: float
    luma: float
    clipped: float
    residual: float
    share: float
    signature: Signature
    chroma: Chroma


def measure_face(image: RGBImage, face: Face) -> FaceMeasures | None:
    """Measure one face; ``None`` where its landmarks coincide and nothing can be aligned.

    Args:
        image: ``(H, W, 3)`` uint8 RGB, in whose pixels the face is given.
        face: What a detector or tracker found.
    """
    points = face.landmarks.astype(np.float64)
    eye_distance = float(np.hypot(*(points[1] - points[0])))
    if eye_distance < 2 or np.ptp(points[:, 1]) < 2:
        return None
    matrix = similarity_transform(points, ARCFACE_112, _LANDMARK_WEIGHTS)
    crop = warp(image, matrix, 112, border="replicate")
    aligned = _grey(crop)
    inner = aligned[28:106, 20:92]
    turn, nod = head_pose(points)
    return FaceMeasures(
        detail=eye_detail(image, points),
        eye_distance=eye_distance,
        openness=eye_openness(image, points),
        turn=turn,
        nod=nod,
        luma=float(inner.mean()),
        clipped=float(((inner >= 250) | (inner <= 4)).mean()),
        residual=landmark_residual(points, matrix),
        share=face.height / image.shape[0],
        signature=face_signature(aligned),
        chroma=face_chroma(crop),
    )


def eye_detail(image: RGBImage, points: NDArray[np.float64]) -> float:
    """Return the fine detail of the sharpest of four tiles along the eyes, at native resolution.

    The tile and not the frame: a bright screen behind a blurred face must not win. The sharpest
    tile, because hair or a shadow may lie over one eye. Divided by the contrast, so that a dark
    face does not look blurred. Detail across and detail along are multiplied: what moves sideways
    keeps sharp lids and loses the sharp sides of its irises.
    """
    eyes = points[:2]
    distance = float(np.hypot(*(eyes[1] - eyes[0])))
    half_width, half_height = 0.9 * distance, 0.35 * distance
    centre = eyes.mean(axis=0)
    strip = _cut(image, centre, half_width, half_height)
    if strip is None:
        return 0.0
    grey = _grey(strip)
    if distance > _LARGEST_EYE_DISTANCE:
        scale = _LARGEST_EYE_DISTANCE / distance
        size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    # Half a pixel of smoothing takes the noise of a dark picture for what it is.
    calm = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 0.6)
    across = np.abs(calm - cv2.GaussianBlur(calm, (9, 1), 1.6))
    along = np.abs(calm - cv2.GaussianBlur(calm, (1, 9), 1.6))
    tiles = zip(*(np.array_split(fine, 4, axis=1) for fine in (across, along)), strict=True)
    peak = math.sqrt(max(float(one.mean() * other.mean()) for one, other in tiles if one.size))
    return 100.0 * peak / (float(calm.std()) + _MIN_CONTRAST)


def eye_openness(image: RGBImage, points: NDArray[np.float64]) -> float:
    """Return how much an iris stands out from the white beside it, mean over both eyes.

    An open eye has a dark disc between two lighter fields. A closed one has a dark line, as dark
    beside its middle as in it. The field that is taken for an iris is narrower and taller than a
    line of lashes, and is looked for only near the landmark, so that a brow or the corner of a
    closed eye is not taken for one.
    """
    strip = _eye_strip(image, points).astype(np.float32)
    smooth = cv2.GaussianBlur(strip, (0, 0), 1.0)
    iris, white = cv2.blur(smooth, _IRIS_FIELD), cv2.blur(smooth, _WHITE_FIELD)
    rows = slice(_EYE_HEIGHT // 2 - _EYE_REACH, _EYE_HEIGHT // 2 + _EYE_REACH + 1)
    shares = []
    for x in (_EYE_WIDTH // 2, _EYE_WIDTH // 2 + _EYE_DISTANCE):
        left, middle, right = (
            slice(x + shift - _EYE_REACH, x + shift + _EYE_REACH + 1)
            for shift in (-_WHITE_AT, 0, _WHITE_AT)
        )
        beside = np.minimum(white[rows, left], white[rows, right])
        darker = max(float((beside - iris[rows, middle]).max()), 0.0)
        around = smooth[:, x - _EYE_WIDTH // 2 : x + _EYE_WIDTH // 2].ravel()
        bright = float(np.partition(around, around.size * 4 // 5)[around.size * 4 // 5])
        shares.append(darker / (bright + _MIN_CONTRAST))
    return (shares[0] + shares[1]) / 2


def head_pose(points: NDArray[np.float64]) -> tuple[float, float]:
    """Return how far the head is turned and nods, both 0 from the front."""
    eyes, nose, mouth = points[:2].mean(axis=0), points[2], points[3:].mean(axis=0)
    across = (points[1] - points[0]) + (points[4] - points[3])
    down = mouth - eyes
    width, height = float(np.hypot(*across)) / 2, float(np.hypot(*down))
    if width < 1e-6 or height < 1e-6:
        return 2.0, 1.0
    middle = points[[0, 1, 3, 4]].mean(axis=0)
    turn = abs(float((nose - middle) @ across)) / (2 * width) / (width / 2)
    nod = abs(float((nose - eyes) @ down) / height**2 - _USUAL_NOSE_HEIGHT)
    return turn, nod


_USUAL_NOSE_HEIGHT = 0.55
"""Of the nose tip between eyes (0) and mouth (1) as MTCNN marks frontal faces."""


def landmark_residual(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> float:
    """Return how badly the landmarks fit a face, in eye distances; 0 for a perfect fit.

    Before a hand or a microphone the network guesses, and guesses are no face.

    Args:
        points: ``(5, 2)`` in pixels.
        matrix: ``(2, 3)``, lays the points on ``ARCFACE_112`` as well as can be.
    """
    distance = transform_points(matrix, points) - ARCFACE_112
    return math.sqrt(float((distance**2).sum()) / len(points)) / _ARCFACE_EYE_DISTANCE


_ARCFACE_EYE_DISTANCE = float(np.hypot(*(ARCFACE_112[1] - ARCFACE_112[0])))


def face_signature(aligned: GreyImage) -> Signature:
    """Reduce an aligned face to a few normalised pixels, comparable by their dot product."""
    side = SIGNATURE_SIDE
    small = cv2.resize(aligned[14:110, 8:104], (side, side), interpolation=cv2.INTER_AREA)
    return normalised(np.asarray(small, dtype=np.uint8))


def face_chroma(aligned: RGBImage) -> Chroma:
    """Reduce an aligned face to the colours of a few fields, from brows to chin."""
    size = (CHROMA_SIDE, CHROMA_SIDE)
    small = cv2.resize(aligned[34:106, 20:92], size, interpolation=cv2.INTER_AREA)
    colours = cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    chroma: Chroma = (colours[..., 1:] - 128) * (128 / (colours[..., 0].mean() + _MIN_CONTRAST))
    return chroma


def picture_signature(image: RGBImage) -> Signature:
    """Reduce a whole picture, as ``face_signature`` does a face."""
    size = (SIGNATURE_SIDE, SIGNATURE_SIDE)
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return normalised(_grey(small))


def normalised(small: GreyImage) -> Signature:
    """Flatten a picture to mean 0 and unit length; all 0 where it has no contrast."""
    flat = small.astype(np.float32).ravel()
    flat -= flat.mean()
    length = float(np.linalg.norm(flat))
    signature: Signature = flat / length if length > 1e-3 else np.zeros_like(flat)
    return signature


def _grey(image: RGBImage) -> GreyImage:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _eye_strip(image: RGBImage, points: NDArray[np.float64]) -> GreyImage:
    """Cut both eyes out, upright and with a fixed distance between them."""
    left, right = (complex(x, y) for x, y in points[:2].tolist())
    factor = _EYE_DISTANCE / (right - left)
    shift = complex(_EYE_WIDTH / 2, _EYE_HEIGHT / 2) - factor * left
    matrix = np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )
    strip = warp(image, matrix, _EYE_DISTANCE + _EYE_WIDTH, border="replicate")
    return _grey(strip[:_EYE_HEIGHT])


def _cut(
    image: RGBImage, centre: NDArray[np.float64], half_width: float, half_height: float
) -> RGBImage | None:
    """Return the part of the picture around a place; ``None`` where less than 4x4 is left."""
    height, width = image.shape[:2]
    x1, x2 = (int(np.clip(centre[0] + side * half_width, 0, width)) for side in (-1, 1))
    y1, y2 = (int(np.clip(centre[1] + side * half_height, 0, height)) for side in (-1, 1))
    return image[y1:y2, x1:x2] if x2 - x1 >= 4 and y2 - y1 >= 4 else None
