"""Tight crops are looked at once more with a border, photos that show somebody whole are not."""

import numpy as np
import pytest

from inference.detection.framing import add_border, find_faces
from inference.types import Face, RGBImage

SIDE = 200
PICTURE: RGBImage = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)


def face(left: float, top: float, size: float, score: float = 0.9) -> Face:
    points = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
    landmarks = (points * size + [left, top]).astype(np.float32)
    return Face((left, top, left + size, top + size), score, landmarks)


class Detector:
    """Answers one thing about the picture and another about the framed one."""

    def __init__(self, plain: list[Face], framed: list[Face]) -> None:
        self.answers = {False: plain, True: framed}
        self.sizes: list[tuple[int, ...]] = []

    def detect(self, image: RGBImage) -> list[Face]:
        self.sizes.append(image.shape[:2])
        return self.answers[bool((image[0, 0] == 127).all())]


def test_a_face_that_is_only_seen_with_a_border_is_told_in_pixels_of_the_picture() -> None:
    [found] = find_faces(Detector([], [face(90, 110, 180)]), PICTURE)

    assert found.box == (-10, 10, 170, 190)
    assert found.landmarks[0] == pytest.approx([44, 82])


def test_a_large_picture_is_shrunk_before_it_is_framed() -> None:
    detector = Detector([], [face(160, 160, 320)])

    [found] = find_faces(detector, np.zeros((3200, 3200, 3), dtype=np.uint8))

    assert detector.sizes == [(3200, 3200), (640, 640)]
    assert found.box == (0, 0, 3200, 3200)


def test_one_whole_face_spares_the_second_look() -> None:
    whole = face(60, 60, 80)
    detector = Detector([whole], [face(90, 110, 180)])

    assert find_faces(detector, PICTURE) == [whole]
    assert len(detector.sizes) == 1


def test_a_cut_face_is_replaced_by_its_better_look_and_its_neighbours_stay() -> None:
    cut, other = face(0, 0, 190, score=0.99), face(-2, 180, 22, score=0.7)
    better = face(95, 95, 200, score=0.95)

    found = find_faces(Detector([cut, other], [better]), PICTURE)

    assert [one.score for one in found] == [0.95, 0.7]


def test_what_is_small_in_the_framed_picture_is_no_face_that_fills_it() -> None:
    assert find_faces(Detector([], [face(150, 150, 60)]), PICTURE) == []


def test_what_is_seen_on_the_border_is_no_face() -> None:
    assert find_faces(Detector([], [face(0, 0, 90)]), PICTURE) == []


def test_the_border_is_half_as_wide_as_the_picture_and_grey() -> None:
    framed = add_border(np.zeros((100, 60, 3), np.uint8))

    assert framed.shape == (200, 160, 3)
    assert (framed[0, 0] == 127).all()
