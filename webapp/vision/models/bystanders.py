"""Pictures in which only those are recognised who are named, for viewers without an account."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from webapp.vision.models.loading import lock, plain_errors
from webapp.vision.models.pictures import decoded
from webapp.vision.values import Box

if TYPE_CHECKING:
    from inference.detection.mtcnn import MtcnnDetector
    from inference.types import RGBImage

LEAST_FACE = 12.0
"""Side in pixels of the smallest face that is looked for; on fewer nobody is recognised."""
SENSITIVE = (0.5, 0.5, 0.3)
"""What the three networks of the detector let pass: rather a bag too many than a face too few."""
THUMB_SIDE = 512
QUALITY = 88

_detector: "MtcnnDetector | None" = None
_loading = threading.Lock()


def hide_bystanders(
    path: Path, others: Sequence[Box], named: Sequence[Box], *, width: int
) -> tuple[bytes, bytes]:
    """Return a picture and its thumbnail as JPEG, with everybody hidden who is not named.

    Besides the faces that are known, the picture is searched once more, mirrored too, for all that
    might be one.

    Args:
        path: A picture of ours, such as the one for a screen.
        others: Known faces of people who are not named, in pixels of the full-size photo.
        named: Those who are, likewise.
        width: Of the full-size photo.

    Raises:
        UnavailableError: The detector is missing.
        UnreadablePhotoError: The picture cannot be decoded.
    """
    with lock, plain_errors(gettext("Hiding of bystanders")):
        from inference.portrait.bystanders import hide_heads, unnamed_among

        image = decoded.read(path)
        scale = image.shape[1] / width
        clear = [_scaled(box, scale) for box in named]
        hidden = [_scaled(box, scale) for box in others]
        hidden += unnamed_among(_all_that_may_be_faces(image), clear)
        return _encoded(hide_heads(image, hidden, clear))


def _all_that_may_be_faces(image: "RGBImage") -> list[Box]:
    import numpy as np

    width = image.shape[1]
    detector = _sensitive_detector()
    found = [_edges(face.box) for face in detector.detect(image)]
    mirrored = np.ascontiguousarray(image[:, ::-1])
    for face in detector.detect(mirrored):
        x1, y1, x2, y2 = _edges(face.box)
        found.append((width - x2, y1, width - x1, y2))
    return found


def _sensitive_detector() -> "MtcnnDetector":
    global _detector
    with _loading:
        if _detector is None:
            from inference.detection.mtcnn import MtcnnDetector, MtcnnOptions

            options = MtcnnOptions(min_face=LEAST_FACE, thresholds=SENSITIVE)
            _detector = MtcnnDetector.load(options=options, checks=False)
        return _detector


def _edges(box: Sequence[float]) -> Box:
    x1, y1, x2, y2 = map(float, box)
    return (x1, y1, x2, y2)


def _scaled(box: Box, scale: float) -> Box:
    return _edges([edge * scale for edge in box])


def _encoded(image: "RGBImage") -> tuple[bytes, bytes]:
    from inference.images.encoding import encode_jpeg, resize_to_fit

    return encode_jpeg(image, QUALITY), encode_jpeg(resize_to_fit(image, THUMB_SIDE), QUALITY)
