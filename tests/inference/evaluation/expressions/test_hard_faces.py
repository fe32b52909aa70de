import numpy as np
import pytest

from inference.emotion.preprocessing import TEMPLATE
from inference.evaluation.expressions.hard_faces import hard_faces, nose_offset
from inference.types import Face, RGBImage


def face(nose_x: float) -> Face:
    landmarks = TEMPLATE.copy()
    landmarks[2, 0] = nose_x
    return Face((4, 0, 44, 48), 0.99, landmarks)


class ByBrightness:
    """Finds nothing in a dark tile, a turned head in a grey one, a straight one in a light one."""

    def detect(self, image: RGBImage) -> list[Face]:
        centre = int(image[image.shape[0] // 2, image.shape[1] // 2, 0])
        if centre < 50:
            return []
        return [face(32.0 if centre < 180 else 24.5)]


@pytest.mark.parametrize(
    ("nose_x", "offset"),
    [
        pytest.param(24.0, 0.0, id="straight ahead"),
        pytest.param(33.1, 0.5, id="nose under the right eye"),
        pytest.param(14.9, 0.5, id="nose under the left eye"),
    ],
)
def test_a_turned_head_has_its_nose_away_from_the_middle(nose_x: float, offset: float) -> None:
    assert nose_offset(face(nose_x)) == pytest.approx(offset, abs=1e-3)


def test_a_tilted_head_is_not_a_turned_head() -> None:
    turn = np.array([[0.8, -0.6], [0.6, 0.8]], np.float32)
    tilted = Face((0, 0, 48, 48), 0.9, (TEMPLATE @ turn.T).astype(np.float32))

    assert nose_offset(tilted) == pytest.approx(0, abs=1e-3)


def test_eyes_in_one_place_count_as_turned_away() -> None:
    landmarks = TEMPLATE.copy()
    landmarks[1] = landmarks[0]

    assert nose_offset(Face((0, 0, 48, 48), 0.9, landmarks)) == float("inf")


def test_faces_not_found_or_turned_are_hard() -> None:
    tiles = np.stack([np.full((48, 48), value, np.uint8) for value in (10, 120, 250)])

    assert hard_faces(tiles, ByBrightness()).tolist() == [True, True, False]
