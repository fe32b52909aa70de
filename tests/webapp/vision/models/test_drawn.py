"""Landmarks of faces that the user drew."""

from collections.abc import Callable

import numpy as np
import pytest

from inference.pipeline import FacePipeline
from inference.types import Face, RGBImage
from webapp.vision.models.drawn import LOOKED_AT_PIXELS, with_landmarks
from webapp.vision.values import Box, FaceShape

IMAGE = np.zeros((400, 600, 3), np.uint8)
BOX = (100.0, 150.0, 140.0, 200.0)


class Detector:
    """Sees one face in whatever it is shown, where the test says."""

    name = "detector"

    def __init__(self, place: Callable[[RGBImage], Box] | None) -> None:
        self.place = place
        self.shown: RGBImage | None = None

    def detect(self, image: RGBImage) -> list[Face]:
        self.shown = image
        if self.place is None:
            return []
        x1, y1, x2, y2 = self.place(image)
        middle = np.full((5, 2), ((x1 + x2) / 2, (y1 + y2) / 2), np.float32)
        return [Face((x1, y1, x2, y2), 0.9, middle)]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Callable[[Detector], Face]:
    """Look for the drawn face with a detector."""

    def run(detector: Detector) -> Face:
        pipeline = FacePipeline(lambda: detector, lambda: None, lambda: None)  # type: ignore[arg-type, return-value]
        monkeypatch.setattr(FacePipeline, "find_faces", lambda self, image: detector.detect(image))
        return with_landmarks(pipeline, IMAGE, FaceShape(BOX, 1.0, ()))

    return run


def test_a_face_found_by_a_closer_look_gives_its_landmarks(look: Callable[..., Face]) -> None:
    def in_the_middle(image: RGBImage) -> Box:
        height, width = image.shape[:2]
        return 0.28 * width, 0.28 * height, 0.72 * width, 0.72 * height

    face = look(Detector(in_the_middle))

    assert face.box == BOX
    assert face.landmarks[0] == pytest.approx((120, 175), abs=1.5)


def test_the_closer_look_is_enlarged(look: Callable[..., Face]) -> None:
    detector = Detector(None)

    look(detector)

    assert detector.shown is not None
    assert min(detector.shown.shape[:2]) > LOOKED_AT_PIXELS


def test_without_a_find_the_landmarks_are_where_they_usually_are(
    look: Callable[..., Face],
) -> None:
    face = look(Detector(None))

    left, top, right, bottom = BOX
    assert (face.landmarks > (left, top)).all()
    assert (face.landmarks < (right, bottom)).all()
    assert face.landmarks[0, 0] < face.landmarks[1, 0]


def test_another_face_beside_the_box_is_not_taken_for_it(look: Callable[..., Face]) -> None:
    beside = look(Detector(lambda image: (0.0, 0.0, 60.0, 60.0)))

    assert beside.landmarks.tolist() == look(Detector(None)).landmarks.tolist()
