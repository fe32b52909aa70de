"""A folder of anybody's pictures, and the main face of each."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detection import FaceDetector
from inference.emotion.preprocessing import SIDE, emotion_crop, grey
from inference.errors import DatasetError, ImageError
from inference.images.decoding import decode_photo
from inference.types import RGBImage

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".heic"}

BORDER_SHARE = 0.5
"""Grey border round a tight face, without which MTCNN clips its boxes at the image edge."""


def read_pictures(directory: Path) -> Iterator[tuple[Path, RGBImage]]:
    """Yield every picture under a folder; unreadable files are passed over.

    Raises:
        DatasetError: There is no such folder, or no readable picture in it.
    """
    if not directory.is_dir():
        raise DatasetError(f"there is no folder {directory}")
    was_read = False
    for path in sorted(p for p in directory.rglob("*") if p.suffix.lower() in SUFFIXES):
        try:
            image = decode_photo(path).image
        except ImageError:
            continue
        was_read = True
        yield path, image
    if not was_read:
        raise DatasetError(f"there is no readable picture in {directory}")


def main_face(image: RGBImage, detector: FaceDetector) -> tuple[NDArray[np.uint8], bool]:
    """Cut out the largest face, looking again with a border, or else take the whole picture.

    Returns:
        ``(48, 48)`` uint8 grey, and whether a face was found.
    """
    pad = round(BORDER_SHARE * max(image.shape[:2]))
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), constant_values=127)
    for candidate in (image, padded):
        faces = detector.detect(candidate)
        if faces:
            largest = max(faces, key=lambda face: face.width * face.height)
            return grey(emotion_crop(candidate, largest)), True
    whole = cv2.resize(grey(image), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(whole, np.uint8), False
