"""How much a face can be trusted to tell who it is.

Four things that can be seen without a network decide: how many pixels the face has, how sharp they
are, how far it is turned away, and how much of it lies inside the photo. Each is a share of what
recognition needs, and the face is as good as the product of the four. What each is worth was fitted
to how far the embedding of a face lies from the person's other photos, and the last to where cut
faces part from tight crops (``docs/model-cards/recognition-quality.md``).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.alignment import DLIB_150, DLIB_WEIGHTS, align
from inference.types import Face, RGBImage

_SIZE = 150
_LITTLE_EYE_DISTANCE, _ENOUGH_EYE_DISTANCE = 4.0, 36.0
_FLAT_DETAIL, _FULL_DETAIL = 2.5, 9.0
_FRONTAL_TURN, _PROFILE_TURN = 0.35, 1.4
_RIM = 0.15
"""Share of the box on each side that tells little: ears and hair, or the air around them."""

_CUT_OFF, _INSIDE = 0.78, 0.92


def face_quality(image: RGBImage, face: Face) -> float:
    """Judge one face.

    Args:
        image: ``(H, W, 3)`` uint8 RGB, in whose pixels the face is given.
        face: What a detector found.

    Returns:
        0 to 1; 0 says nothing about who it is.
    """
    shape = size_score(face) * pose_score(face.landmarks) * visibility_score(image, face)
    # Landmarks that coincide cannot be aligned, and a face worth nothing need not be.
    return shape and shape * sharpness_score(image, face)


def size_score(face: Face) -> float:
    """Score the resolution by the distance of the eyes, or of eyes and mouth if that is larger.

    A turned head has eyes close together and is no smaller for it.
    """
    eyes, mouth = face.landmarks[:2], face.landmarks[3:]
    width = float(np.hypot(*(eyes[1] - eyes[0])))
    height = float(np.hypot(*(mouth.mean(axis=0) - eyes.mean(axis=0))))
    return _ramp(max(width, 0.9 * height), _LITTLE_EYE_DISTANCE, _ENOUGH_EYE_DISTANCE)


def sharpness_score(image: RGBImage, face: Face) -> float:
    """Score the detail of the aligned face, compared with its contrast.

    The aligned crop has the same size for every face, so a small face enlarged to it and a blurred
    one lack the same fine detail. Dividing by the contrast keeps a dark face from looking blurred.
    """
    crop = align(image, face.landmarks, DLIB_150, _SIZE, weights=DLIB_WEIGHTS, border="replicate")
    inner = slice(_SIZE // 5, -_SIZE // 5)
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[inner, inner].astype(np.float32)
    contrast = float(grey.std())
    if contrast < 2.0:
        return 0.0
    smooth = cv2.GaussianBlur(grey, (0, 0), 2.0)
    detail = 100.0 * float(np.abs(grey - smooth).mean()) / (contrast + 10.0)
    return _ramp(detail, _FLAT_DETAIL, _FULL_DETAIL)


def pose_score(landmarks: NDArray[np.float32]) -> float:
    """Score how far the head is turned to a side, 1 from the front and 0 in profile.

    The nose lies in the middle of the eyes from the front and beside one of them in profile.
    """
    eyes, nose, mouth = landmarks[:2], landmarks[2], landmarks[3:]
    across = (eyes[1] - eyes[0]) + (mouth[1] - mouth[0])
    length = float(np.hypot(*across))
    if length < 1e-6:
        return 0.0
    middle = landmarks[[0, 1, 3, 4]].mean(axis=0)
    offset = abs(float((nose - middle) @ across)) / length
    turn = offset / (length / 4.0)
    return 1.0 - _ramp(turn, _FRONTAL_TURN, _PROFILE_TURN)


def visibility_score(image: RGBImage, face: Face) -> float:
    """Score how much of the face lies inside the photo.

    Where the photo ends, a detector guesses the landmarks, and the crop holds grey instead of an
    eye. A tight crop loses only the rim of the box and is no worse for it.
    """
    height, width = image.shape[:2]
    rim_x, rim_y = _RIM * face.width, _RIM * face.height
    x1, y1, x2, y2 = face.box
    inner = (x1 + rim_x, y1 + rim_y, x2 - rim_x, y2 - rim_y)
    seen_x = max(0.0, min(inner[2], width) - max(inner[0], 0.0))
    seen_y = max(0.0, min(inner[3], height) - max(inner[1], 0.0))
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return _ramp(seen_x * seen_y / area, _CUT_OFF, _INSIDE) if area > 0 else 0.0


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))
