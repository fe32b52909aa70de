"""Turning a found face into an upright crop of fixed size.

An embedder sees faces the way it was trained: eyes and mouth at fixed places. ``align`` finds the
similarity transform from the five landmarks to such a template and resamples the photo once.
"""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from inference.geometry import similarity_transform, transform_points
from inference.types import RGBImage

Template = NDArray[np.float32]
"""``(5, 2)`` places of left eye, right eye, nose tip, mouth corners, in pixels of the crop."""

DLIB_150: Template = np.array(
    [[47.779, 46.010], [102.100, 46.010], [74.939, 77.933], [50.923, 105.423], [98.955, 105.423]],
    dtype=np.float32,
)
"""Where dlib's own alignment to 150x150 (padding 0.25) puts MTCNN's five points."""

DLIB_WEIGHTS = (1.0, 1.0, 0.3, 0.0, 0.0)
"""dlib aligns by eyes and nose only, so an open mouth must not tilt the crop."""

ARCFACE_112: Template = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    dtype=np.float32,
)
"""The common 112x112 template of SphereFace, ArcFace and MobileFaceNet."""

MID_GREY = (127, 127, 127)
"""What lies outside the photo; networks that subtract a mean see nearly nothing there."""

Border = Literal["constant", "replicate"]

_BORDER_MODES = {"constant": cv2.BORDER_CONSTANT, "replicate": cv2.BORDER_REPLICATE}


def align(
    image: RGBImage,
    landmarks: ArrayLike,
    template: ArrayLike,
    size: int,
    *,
    weights: ArrayLike | None = None,
    border: Border = "constant",
    border_value: tuple[int, int, int] = MID_GREY,
) -> RGBImage:
    """Cut one face out so that its landmarks lie on the template.

    A large face is averaged down before it is resampled (``INTER_AREA`` to at most twice the
    target scale), because bilinear sampling alone would alias its hair and teeth into noise.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        landmarks: ``(5, 2)`` in pixels of ``image``; may lie outside it.
        template: ``(5, 2)`` in pixels of the crop.
        size: Side of the square crop in pixels.
        weights: ``(5,)``, how much each landmark counts; all alike by default.
        border: What to put where the crop leaves the photo.
        border_value: RGB colour for a constant border.

    Returns:
        A new ``(size, size, 3)`` uint8 RGB image.
    """
    matrix = similarity_transform(landmarks, template, weights)
    return warp(image, matrix, size, border=border, border_value=border_value)


def warp(
    image: RGBImage,
    matrix: NDArray[np.float64],
    size: int,
    *,
    border: Border = "constant",
    border_value: tuple[int, int, int] = MID_GREY,
) -> RGBImage:
    """Resample an image by a ``(2, 3)`` similarity into a square crop, without aliasing.

    Returns:
        A new ``(size, size, 3)`` uint8 RGB image.
    """
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5:
        image, matrix = _shrink_first(image, matrix, size, scale)
    crop = cv2.warpAffine(
        image,
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR,
        borderMode=_BORDER_MODES[border],
        borderValue=border_value,
    )
    return np.asarray(crop, dtype=np.uint8)


def _shrink_first(
    image: RGBImage, matrix: NDArray[np.float64], size: int, scale: float
) -> tuple[RGBImage, NDArray[np.float64]]:
    """Average the part of the image that the crop shows down to about the crop's scale.

    Only the part under the crop is touched, so the cost follows the face, not the photo.

    Returns:
        The smaller image, and the matrix from it to the crop.
    """
    factor = int(1 / scale)
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    corners = transform_points(inverse, [[0, 0], [size, 0], [0, size], [size, size]])
    height, width = image.shape[:2]
    x1, y1 = np.clip(np.floor(corners.min(axis=0)).astype(int) - 2 * factor, 0, None)
    x2, y2 = np.ceil(corners.max(axis=0)).astype(int) + 2 * factor
    x2, y2 = min(int(x2), width), min(int(y2), height)
    if x2 - x1 < factor or y2 - y1 < factor:
        return image, matrix
    # Whole blocks only, so that every small pixel is the mean of factor x factor large ones.
    columns, rows = (x2 - x1) // factor, (y2 - y1) // factor
    part = image[y1 : y1 + rows * factor, x1 : x1 + columns * factor]
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    # A small pixel's centre lies at (i + 0.5) * factor - 0.5 of the part.
    offset = np.array([x1, y1]) + (factor - 1) / 2
    to_large = np.array([[factor, 0, offset[0]], [0, factor, offset[1]], [0, 0, 1]])
    return np.asarray(small, dtype=np.uint8), (np.vstack([matrix, [0, 0, 1]]) @ to_large)[:2]
