"""Where the heads are in the photos of the mask sets, found once and kept.

``python -m inference.training.heads --data DIR/segmentation --output heads.json``; the training of
the portrait U-Net reads the file by ``--heads``.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.datasets.person_masks import IMAGE_SUFFIXES
from inference.detection import FaceDetector
from inference.detection.mtcnn import MtcnnDetector, MtcnnOptions
from inference.errors import DatasetError, ImageError, InferenceError
from inference.images.decoding import decode_photo
from inference.segmentation.prompts import Box
from inference.training.runs import write_json
from inference.types import RGBImage

LEAST_SCORE = 0.8
"""A face that is none would teach that anything may be meant."""

SMALLEST_FACE = 32.0
CROWD_SIDE = 480


def find_heads(root: Path, detector: FaceDetector) -> dict[str, list[Box]]:
    """Look for faces in every photo of every set under ``root``."""
    heads: dict[str, list[Box]] = {}
    for path in sorted(root.glob("*/images/*")):
        if path.suffix.lower() in IMAGE_SUFFIXES:
            faces = detector.detect(decode_photo(path).image)
            boxes = [face.box for face in faces if face.score >= LEAST_SCORE]
            heads[f"{path.parent.parent.name}/{path.stem}"] = boxes
    return heads


def load_crowds(folder: Path) -> list[NDArray[np.uint8]]:
    """Read the photos of a folder, small."""
    crowds = list(small_photos(folder, CROWD_SIDE))
    if not crowds:
        raise DatasetError(f"{folder}: no photos found")
    return crowds


def small_photos(folder: Path, side: int) -> Iterator[RGBImage]:
    """Yield the photos of a folder, their longer side at most so many pixels, by name.

    Files that are no photos, or damaged ones, are passed over.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            continue
        try:
            image = decode_photo(path).image
        except ImageError:
            continue
        scale = min(1.0, side / max(image.shape[:2]))
        yield np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )


def main(argv: list[str] | None = None) -> None:
    """Read the command line, find the heads and keep them."""
    parser = argparse.ArgumentParser(description="Find the heads of the photos of the mask sets.")
    parser.add_argument("--data", type=Path, required=True, help="folder of mask sets")
    parser.add_argument("--output", type=Path, required=True, help="a .json file")
    arguments = parser.parse_args(argv)
    try:
        detector = MtcnnDetector.load(options=MtcnnOptions(min_face=SMALLEST_FACE))
        heads = find_heads(arguments.data, detector)
    except InferenceError as error:
        sys.exit(str(error))
    write_json(arguments.output, heads)
    print(f"{sum(map(len, heads.values()))} heads in {len(heads)} photos")


if __name__ == "__main__":
    main()
