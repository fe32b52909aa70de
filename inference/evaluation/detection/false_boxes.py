"""Boxes on K-pop photos that hold no face, and what the second look makes of them.

``boxes_without_face.csv`` lists, by photo and middle, the boxes of MTCNN alone that a person saw to
hold no face, and those where it is a matter of taste (a painted face, the back of a head), which
count neither way. None of these photos is in the training of the second look.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.datasets.faces import read_photo
from inference.datasets.identities import PHOTO_SUFFIXES
from inference.detection.mtcnn import MtcnnDetector
from inference.detection.refusing import FaceCheck
from inference.detection.summed import SummedArea
from inference.device import pick_device
from inference.errors import DatasetError
from inference.types import Face

TABLE = Path(__file__).with_name("boxes_without_face.csv")
GROUPS = ("blackpink", "twice", "bts_group/images")
_SAME_PLACE = 0.25
"""Largest distance between two middles of the same box, in parts of its width."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box without a face was seen."""

    x: float
    y: float
    is_unclear: bool


@dataclass(slots=True)
class Tally:
    """Boxes on all photos.

    Attributes:
        faces: Boxes with a face.
        false: Boxes without one.
    """

    faces: int = 0
    false: int = 0

    @property
    def false_share(self) -> float:
        """Part of the boxes that holds no face."""
        return self.false / max(self.faces + self.false, 1)


def read_places(table: Path = TABLE) -> dict[str, list[Place]]:
    """Read the table, by photo."""
    places: dict[str, list[Place]] = {}
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = Place(float(row["x"]), float(row["y"]), row["kind"] == "unclear")
            places.setdefault(row["photo"], []).append(place)
    return places


def tally_photo(tally: Tally, found: list[Face], places: list[Place]) -> None:
    """Count the boxes of one photo."""
    for face in found:
        place = next((place for place in places if _is_at(face, place)), None)
        if place is None:
            tally.faces += 1
        elif not place.is_unclear:
            tally.false += 1


def _is_at(face: Face, place: Place) -> bool:
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    return max(abs(x - place.x), abs(y - place.y)) < _SAME_PLACE * face.width


def measure_false_boxes(data: Path) -> dict[str, Tally]:
    """Search all photos of the groups and look twice; minutes.

    Raises:
        DatasetError: The photos are missing.
    """
    kpop, places = data / "faces" / "kpop", read_places()
    detector, check = MtcnnDetector.load(checks=False), FaceCheck.load(pick_device())
    once, twice = Tally(), Tally()
    for path in _photos(kpop):
        image, listed = read_photo(path), places.get(str(path.relative_to(kpop)), [])
        found = detector.detect(image)
        boxes = np.array([face.box for face in found], np.float32).reshape(-1, 4)
        scores = np.array([face.score for face in found], np.float32)
        passed = check.holds_face(SummedArea(image), boxes, scores)
        tally_photo(once, found, listed)
        kept = [face for face, is_face in zip(found, passed, strict=True) if is_face]
        tally_photo(twice, kept, listed)
    return {"one look": once, "two looks": twice}


def _photos(kpop: Path) -> list[Path]:
    paths = [path for group in GROUPS for path in sorted((kpop / group).rglob("*"))]
    photos = [path for path in paths if path.suffix.lower() in PHOTO_SUFFIXES]
    if not photos:
        raise DatasetError(f"there is no photo in {kpop}")
    return photos
