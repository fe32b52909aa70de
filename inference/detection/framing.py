"""Pictures that one face fills: a tight crop is looked at once more with a grey border around it.

A detector that was trained on faces with surroundings misses some tight crops altogether, and of
others, whose boxes end at the picture's edge, it puts the landmarks in wrong places.
"""

import cv2
import numpy as np

from inference.detection import FaceDetector
from inference.geometry import box_iou
from inference.types import Face, RGBImage

BORDER_SHARE = 0.5
"""Grey on each side, as a share of the picture's longer side: a tight crop becomes a portrait."""

GREY = 127
FRAMED_SIDE = 320
"""The picture is shrunk to this before it is framed: who fills a picture is large enough in it,
and a photo of a crowd pays little for the second look."""

LEAST_SHARE = 0.4
"""What fills a picture is at least this share of its shorter side."""

EDGE_SHARE = 0.02
"""A box nearer to the edge than this share of the picture may be cut off by it."""

SAME_FACE_IOU = 0.3


def find_faces(detector: FaceDetector, image: RGBImage) -> list[Face]:
    """Find the faces of a picture, tight or not, most confident first.

    The second look costs time, so it is left out as soon as one face is seen whole.

    Args:
        detector: Finds faces that have surroundings.
        image: ``(H, W, 3)`` uint8 RGB.

    Returns:
        Faces in pixels of ``image``, which they may leave; an empty list when there are none.
    """
    faces = detector.detect(image)
    if any(not is_cut_off(face, image) for face in faces):
        return faces
    filling = _filling_faces(detector, image)
    others = [face for face in faces if not _is_among(face, filling)]
    return sorted([*filling, *others], key=lambda face: -face.score)


def is_cut_off(face: Face, image: RGBImage) -> bool:
    """Whether a face touches the edge of its picture."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = face.box
    near_x, near_y = EDGE_SHARE * width, EDGE_SHARE * height
    return bool(x1 < near_x or y1 < near_y or x2 > width - near_x or y2 > height - near_y)


def add_border(image: RGBImage) -> RGBImage:
    """Return the picture on a grey ground, half its longer side wider on every side."""
    border = _border_of(image)
    framed: RGBImage = np.pad(
        image, ((border, border), (border, border), (0, 0)), constant_values=GREY
    )
    return framed


def _filling_faces(detector: FaceDetector, image: RGBImage) -> list[Face]:
    """Return the large faces that are seen when the picture has a border, in its own pixels."""
    height, width = image.shape[:2]
    scale = min(1.0, FRAMED_SIDE / max(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    border = _border_of(small)
    found = [_moved(face, border, scale) for face in detector.detect(add_border(small))]
    least = LEAST_SHARE * min(height, width)
    return [
        face
        for face in found
        if min(face.width, face.height) >= least and _has_its_middle_in(image, face)
    ]


def _has_its_middle_in(image: RGBImage, face: Face) -> bool:
    """Whether a face lies in the picture and not on the grey around it."""
    x1, y1, x2, y2 = face.box
    return bool(0 < x1 + x2 < 2 * image.shape[1] and 0 < y1 + y2 < 2 * image.shape[0])


def _border_of(image: RGBImage) -> int:
    height, width = image.shape[:2]
    return round(BORDER_SHARE * max(int(height), int(width)))


def _moved(face: Face, border: int, scale: float) -> Face:
    """Return a face of the framed picture in pixels of the one without a border."""
    x1, y1, x2, y2 = ((edge - border) / scale for edge in face.box)
    landmarks = ((face.landmarks - border) / scale).astype(np.float32)
    return Face((x1, y1, x2, y2), face.score, landmarks)


def _is_among(face: Face, others: list[Face]) -> bool:
    if not others:
        return False
    boxes = np.array([other.box for other in others], dtype=np.float32)
    one = np.array([face.box], dtype=np.float32)
    return bool(box_iou(one, boxes).max() >= SAME_FACE_IOU)
