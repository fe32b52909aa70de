"""Faces that the user drew: a box without landmarks, as the detector had missed them."""

from typing import TYPE_CHECKING

import numpy as np

from webapp.vision.boxes import box_iou
from webapp.vision.values import Box, FaceShape

if TYPE_CHECKING:
    from inference.pipeline import FacePipeline
    from inference.types import Face, RGBImage

SURROUNDINGS = 0.6
"""What is looked at around the box, as a share of its longer side."""

LOOKED_AT_PIXELS = 400
"""So large a detector sees the box; a face that it missed was often small."""

SAME_FACE = 0.3
"""Least overlap (IoU); people draw boxes more widely than the detector does."""

USUAL_LANDMARKS = ((0.31, 0.46), (0.69, 0.46), (0.5, 0.64), (0.35, 0.79), (0.65, 0.79))
"""Where eyes, nose and mouth are in the boxes of the detector, as shares of width and height."""


def with_landmarks(pipeline: "FacePipeline", image: "RGBImage", shape: FaceShape) -> "Face":
    """Return a drawn face with its landmarks, found by a closer look or, failing that, usual ones.

    The box stays as it was drawn.
    """
    from inference.types import Face

    found = _found_closer(pipeline, image, shape.box)
    if found is not None:
        return Face(shape.box, shape.score, found.landmarks)
    x1, y1, x2, y2 = shape.box
    landmarks = [(x1 + u * (x2 - x1), y1 + v * (y2 - y1)) for u, v in USUAL_LANDMARKS]
    return Face(shape.box, shape.score, np.asarray(landmarks, dtype=np.float32))


def _found_closer(pipeline: "FacePipeline", image: "RGBImage", box: Box) -> "Face | None":
    """Look for a face in an enlarged cut around the box; returns it in pixels of the image."""
    from inference.types import Face

    cut, (left, top), scale = _enlarged(image, box)
    best: Face | None = None
    most = SAME_FACE
    for face in pipeline.find_faces(cut):
        x1, y1, x2, y2 = (float(edge) / scale for edge in face.box)
        there = (x1 + left, y1 + top, x2 + left, y2 + top)
        overlap = box_iou(there, box)
        if overlap >= most:
            landmarks = np.asarray(face.landmarks / scale + (left, top), dtype=np.float32)
            best, most = Face(there, face.score, landmarks), overlap
    return best


def _enlarged(image: "RGBImage", box: Box) -> "tuple[RGBImage, tuple[int, int], float]":
    """Cut out the box with its surroundings, enlarged where it is small.

    Returns:
        The cut, where its left upper corner is in the image, and how much it was enlarged.
    """
    import cv2

    height, width = image.shape[:2]
    side = max(box[2] - box[0], box[3] - box[1])
    more = SURROUNDINGS * side
    left, top = max(0, int(box[0] - more)), max(0, int(box[1] - more))
    right, bottom = min(width, int(box[2] + more) + 1), min(height, int(box[3] + more) + 1)
    cut = image[top:bottom, left:right]
    scale = LOOKED_AT_PIXELS / side
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    return np.asarray(cv2.resize(cut, size), dtype=np.uint8), (left, top), scale
