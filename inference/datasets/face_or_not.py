"""Faces, and what a detector takes for faces, cut out of photos that are no stage photos.

Photos for segmentation show one person each and say where the body is, so whatever looks like a
face below the head is none: hands, necklaces, patterns, bags. Squares at random places would be too
easy; of each photo only those are kept that the last network of MTCNN likes best. No photo of a
K-pop group is among them: the bars of docs/evaluation.md are measured on those.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inference.datasets.faces import detect_with_border, read_photo
from inference.datasets.identities import photo_paths
from inference.detection.mtcnn import MtcnnDetector, MtcnnOptions
from inference.detection.networks import load_output_net
from inference.detection.refusing import CONTEXT, look_corners
from inference.detection.summed import MID_GREY, SummedArea
from inference.errors import DatasetError
from inference.types import BoxArray, Face

STORED_SIDE = 72
ROOM = 1.3
"""Side of a stored square, in sides of a look: room to move the look about."""

Box = tuple[float, float, float, float]

_ONE_PERSON = ("mil_portraits_train", "ccp_fullbody", "coco_single_person")
_SELFIES = "mil_portraits_train"
_FACES_ALONE = ("lfw_unpaired",)
_FACES_FILL = ("mil_portraits_train", "lfw_unpaired")
"""Photos in which the best box is the face, wherever it is."""

_HEAD = 0.3
"""Upper part of a body in which a face may be that the detector missed."""

_SURE = 0.97
_DOUBTFUL = 0.4
_DOUBTFUL_COUNT = 8
_TRIES = 26
_KEPT = 6
_LEAST_SIDE = 22.0


@dataclass(frozen=True)
class Looks:
    """Squares of photos around boxes.

    Attributes:
        images: ``(N, 72, 72, 3)`` uint8 RGB.
        is_face: ``(N,)``.
        photos: Name of the photo per square, by which a validation is split off.
    """

    images: NDArray[np.uint8]
    is_face: NDArray[np.bool_]
    photos: tuple[str, ...]


def load_looks(data: Path, cache: Path) -> Looks:
    """Return the squares, cutting them out on the first call (minutes).

    Raises:
        DatasetError: A set is missing, or holds a damaged picture.
    """
    store = cache / "face-or-not.npz"
    if not store.is_file():
        rows = list(_all_looks(data))
        if not rows:
            raise DatasetError(f"no face was found under {data}")
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(
            store,
            images=np.stack([row[0] for row in rows]),
            is_face=np.array([row[1] for row in rows]),
            photos=np.array([row[2] for row in rows]),
        )
    with np.load(store, allow_pickle=False) as stored:
        return Looks(stored["images"], stored["is_face"], tuple(stored["photos"].tolist()))


def _all_looks(data: Path) -> Iterator[tuple[NDArray[np.uint8], bool, str]]:
    detector = MtcnnDetector.load(
        options=MtcnnOptions(min_face=32.0, thresholds=(0.6, 0.7, 0.3)), checks=False
    )
    judge, draw = load_output_net(), np.random.default_rng(3)
    for name in (*_ONE_PERSON, *_FACES_ALONE):
        is_masked = name in _ONE_PERSON
        folder = data / ("segmentation" if is_masked else "faces") / name
        for path in photo_paths(folder / "images" if is_masked else folder):
            image = read_photo(path)
            faces = detect_with_border(detector, image, 0.1 if is_masked else 0.5)
            photo = SummedArea(image)
            first_row = (
                _first_row(folder / "masks" / f"{path.stem}.png", name) if is_masked else 0.0
            )
            count = times_shown(faces, math.inf if name in _FACES_FILL else first_row)
            for square in _cut(photo, [face.box for face in faces[:1]] * count):
                yield square, True, path.name
            if is_masked:
                for square in _cut(photo, mistakes(photo, faces, first_row, judge, draw)):
                    yield square, False, path.name


def times_shown(faces: Sequence[Face], last_row: float) -> int:
    """Say how often the best box of a photo of one person is shown as a face.

    One that the detector doubts (a profile, sunglasses, a hat) counts as a face if it is where the
    head is, and much: such boxes are what the second look is asked about.

    Args:
        faces: What the detector found at low thresholds, best first.
        last_row: Row above which the middle of a doubtful box must be.
    """
    if not faces or faces[0].score < _DOUBTFUL:
        return 0
    if faces[0].score >= _SURE:
        return 1
    return _DOUBTFUL_COUNT if _middle(faces[0].box)[1] < last_row else 0


def _first_row(mask_path: Path, name: str) -> float:
    """Return the row below which there is surely no face but those found."""
    if name == _SELFIES:
        return 0.0
    mask = cv2.imread(str(mask_path), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise DatasetError(f"{mask_path} cannot be read as a mask")
    rows = np.flatnonzero(mask.any(axis=1))
    return float(rows[0] + _HEAD * (rows[-1] - rows[0])) if len(rows) else 0.0


def mistakes(
    photo: SummedArea,
    faces: Sequence[Face],
    first_row: float,
    judge: nn.Module,
    draw: np.random.Generator,
) -> list[Box]:
    """List boxes of one photo that hold no face.

    Args:
        photo: A photo of one person.
        faces: What the detector found at low thresholds; the first is taken for the face.
        first_row: Boxes whose middle is above this row are left out.
        judge: The last network of MTCNN.
        draw: Draws the random places.

    Returns:
        The detector's own mistakes, and the random boxes that the judge likes best.
    """
    if not faces or faces[0].score < _SURE:
        return []
    own = [face.box for face in faces[1:] if _middle(face.box)[1] >= first_row]
    tries = [box for box in random_boxes(photo, first_row, draw) if not _touches(box, faces)]
    wrong = [box for box in own if not _near(box, faces[0].box)]
    if not tries:
        return list(wrong)
    pixels = photo.crops(look_corners(np.array(tries, np.float32), 1.0), 48)
    with torch.inference_mode():
        scores = judge(torch.from_numpy(pixels).permute(0, 3, 1, 2) / 128.0)[2][:, 1].numpy()
    return [*wrong, *(tries[index] for index in np.argsort(-scores)[:_KEPT])]


def random_boxes(photo: SummedArea, first_row: float, draw: np.random.Generator) -> list[Box]:
    """Draw squares of all sizes whose middles lie on the photo, below a row."""
    largest = max(0.55 * min(photo.height, photo.width), _LEAST_SIDE + 1)
    boxes: list[Box] = []
    for _ in range(_TRIES):
        half = float(np.exp(draw.uniform(np.log(_LEAST_SIDE), np.log(largest)))) / 2
        x = float(draw.uniform(0, photo.width))
        y = float(draw.uniform(min(first_row, photo.height - 1), photo.height))
        boxes.append((x - half, y - half, x + half, y + half))
    return boxes


def _middle(box: Sequence[float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _near(box: Sequence[float], face: Sequence[float]) -> bool:
    """Tell whether a box may show part of the face."""
    (x, y), (face_x, face_y) = _middle(box), _middle(face)
    side = face[2] - face[0]
    return abs(x - face_x) < 0.9 * side and abs(y - face_y) < 1.1 * side


def _touches(box: Sequence[float], faces: Sequence[Face]) -> bool:
    """Tell whether more than an eighth of the smaller of box and some face is shared."""
    for face in faces:
        width = min(box[2], face.box[2]) - max(box[0], face.box[0])
        height = min(box[3], face.box[3]) - max(box[1], face.box[1])
        smaller = min((box[2] - box[0]) * (box[3] - box[1]), face.width * face.height)
        if width > 0 and height > 0 and width * height > smaller / 8:
            return True
    return False


def _cut(photo: SummedArea, boxes: Sequence[Sequence[float]]) -> NDArray[np.uint8]:
    """Cut wide squares around boxes, ``(N, 72, 72, 3)``."""
    corners: BoxArray = np.array(boxes, np.float32).reshape(-1, 4)
    cut = photo.crops(look_corners(corners, CONTEXT * ROOM), STORED_SIDE)
    squares: NDArray[np.uint8] = np.clip(np.round(cut + MID_GREY), 0, 255).astype(np.uint8)
    return squares
