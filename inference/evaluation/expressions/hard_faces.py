"""Finds the faces of a split that are turned away or covered.

The lists of occluded and turned faces that Wang et al. 2019 (arXiv 1905.04075) made of FERPlus are
not part of this data, so a stand-in is measured: a face counts as hard where MTCNN does not find it
at all, or where its nose lies far from the middle of its eyes.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detection import FaceDetector
from inference.types import Face

ENLARGEMENT = 4
BORDER = 96
"""Pixels of grey round the enlarged face, without which MTCNN clips its boxes."""

TURNED = 0.22
"""Nose offset from the middle of the eyes, in eye distances, from which a head counts as turned."""


def nose_offset(face: Face) -> float:
    """Return how far the nose lies from the middle of the eyes, in eye distances.

    About 0 for a face that looks straight ahead and 0.5 for one turned so far that the nose lies
    under an eye.
    """
    left, right, nose = (face.landmarks[i].astype(np.float64) for i in range(3))
    along = right - left
    distance = float(np.hypot(*along))
    if distance < 1e-6:
        return float("inf")
    return abs(float((nose - (left + right) / 2) @ along)) / distance**2


def is_hard(image: NDArray[np.uint8], detector: FaceDetector) -> bool:
    """Say whether the face of one tile is turned away or cannot be found.

    Args:
        image: ``(48, 48)`` uint8 grey.
        detector: Finds faces of about 200 pixels.
    """
    side = image.shape[0] * ENLARGEMENT
    large = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)
    padded = np.pad(large, BORDER, constant_values=127)
    faces = detector.detect(np.repeat(padded[:, :, None], 3, axis=2))
    return not faces or nose_offset(faces[0]) > TURNED


def hard_faces(images: NDArray[np.uint8], detector: FaceDetector) -> NDArray[np.bool_]:
    """Say for ``(N, 48, 48)`` tiles which show a hard face."""
    return np.array([is_hard(image, detector) for image in images], np.bool_)
