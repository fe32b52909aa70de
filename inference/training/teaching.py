"""Soft masks of photos that have none, for the portrait U-Net to learn from.

``python -m inference.training.teaching PHOTOS... --teacher FILE.tflite --output DIR``; the training
reads the folder by ``--taught``. Each mask is the mean of what a teacher and the shipped network
think (Hinton et al. 2015, arXiv 1503.02531): the teacher, MediaPipe's selfie segmenter, is better
than ours on photos of one person and useless on several, so only photos with one face are taken,
and only those about which both agree for the most part.

Only this command needs a runtime for the teacher's format: ``pip install ai-edge-litert``.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detection import FaceDetector
from inference.detection.mtcnn import MtcnnDetector, MtcnnOptions
from inference.errors import InferenceError, WeightsError
from inference.measures.masks import intersection_over_union
from inference.segmentation.prompts import Box
from inference.segmentation.segmenter import PersonSegmenter
from inference.training.heads import small_photos
from inference.training.runs import write_json
from inference.types import RGBImage

Teacher = Callable[[RGBImage], NDArray[np.float32]]
"""From a photo to ``(H, W)`` float32, 0 to 1, the probability of a person."""

TEACHER_SIDE = 256
PHOTO_SIDE = 320
SMALLEST_FACE = 20.0
"""A second person in the background has a small face; only this tells that there are two."""

SURE_FACE = 0.9
LEAST_AGREEMENT = 0.85
"""Intersection over union; a photo on which the two differ more would teach a mistake of one."""

SMALLEST_PERSON = 0.05


def load_teacher(path: Path) -> Teacher:
    """Load MediaPipe's selfie segmenter.

    Raises:
        WeightsError: Its runtime is not installed, or the file is no model.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise WeightsError("the teacher needs pip install ai-edge-litert") from error
    try:
        model = Interpreter(str(path), num_threads=1)
    except ValueError as error:
        raise WeightsError(f"{path}: not a readable model") from error
    model.allocate_tensors()
    place, answer = model.get_input_details()[0]["index"], model.get_output_details()[0]["index"]

    def probability(image: RGBImage) -> NDArray[np.float32]:
        squashed = cv2.resize(image, (TEACHER_SIDE, TEACHER_SIDE), interpolation=cv2.INTER_AREA)
        model.set_tensor(place, np.asarray(squashed, np.float32)[None] / 255)
        model.invoke()
        mask = model.get_tensor(answer)[0, ..., 0]
        return np.asarray(cv2.resize(mask, image.shape[1::-1]), np.float32)

    return probability


def photos_of_one(folders: list[Path], detector: FaceDetector) -> Iterator[tuple[RGBImage, Box]]:
    """Yield the photos with one face only, made small, and that face."""
    for small in (photo for folder in folders for photo in small_photos(folder, PHOTO_SIDE)):
        faces = detector.detect(small)
        if len(faces) == 1 and faces[0].score >= SURE_FACE:
            yield small, faces[0].box


def taught_mask(
    image: RGBImage, teacher: Teacher, segmenter: PersonSegmenter
) -> NDArray[np.uint8] | None:
    """Return the mean of both, 0 to 255; ``None`` where they do not agree on somebody."""
    theirs, ours = teacher(image), segmenter.probability(image)
    agreement = intersection_over_union(theirs > 0.5, ours > 0.5)
    if agreement < LEAST_AGREEMENT or float((theirs > 0.5).mean()) < SMALLEST_PERSON:
        return None
    return np.asarray(((theirs + ours) * 127.5).round(), np.uint8)


def teach(folders: list[Path], teacher: Teacher, output: Path) -> tuple[int, int]:
    """Write photos, soft masks and heads; return how many photos were looked at and kept."""
    detector = MtcnnDetector.load(options=MtcnnOptions(min_face=SMALLEST_FACE))
    segmenter = PersonSegmenter.load()
    heads: dict[str, list[Box]] = {}
    looked_at = 0
    for folder in ("images", "soft_masks"):
        (output / folder).mkdir(parents=True, exist_ok=True)
    for image, head in photos_of_one(folders, detector):
        looked_at += 1
        mask = taught_mask(image, teacher, segmenter)
        if mask is None:
            continue
        name = f"{len(heads):05d}"
        cv2.imwrite(str(output / "images" / f"{name}.png"), image[..., ::-1])
        cv2.imwrite(str(output / "soft_masks" / f"{name}.png"), mask)
        heads[f"{output.name}/{name}"] = [head]
    write_json(output / "heads.json", heads)
    return looked_at, len(heads)


def main(argv: list[str] | None = None) -> None:
    """Read the command line and make the masks."""
    parser = argparse.ArgumentParser(description="Make soft masks of photos of one person.")
    parser.add_argument("photos", type=Path, nargs="+", help="folders of photos")
    parser.add_argument("--teacher", type=Path, required=True, help="selfie_segmentation.tflite")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    try:
        looked_at, kept = teach(arguments.photos, load_teacher(arguments.teacher), arguments.output)
    except InferenceError as error:
        sys.exit(f"error: {error}")
    print(f"{kept} of {looked_at} photos of one person kept")


if __name__ == "__main__":
    main()
