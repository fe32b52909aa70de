"""How pictures are cut: the face is in it, with the hair, whatever the shapes."""

import itertools

import pytest

from webapp.vision.framing import HEAD_ROOM, object_position, window_around

SHAPES = (16 / 9, 4 / 3, 1.0, 3 / 4, 9 / 16)
FACES = [
    (x, y, x + size, y + size)
    for x, y, size in itertools.product((0.0, 0.3, 0.7, 0.85), (0.0, 0.2, 0.6, 0.8), (0.05, 0.15))
]


@pytest.mark.parametrize("face", FACES)
def test_the_whole_head_is_shown_wherever_it_is(face: tuple[float, float, float, float]) -> None:
    x1, y1, x2, y2 = face
    for picture, wanted, zoom in itertools.product(SHAPES, SHAPES, (1.0, 1.14, 3.0)):
        window = window_around(face, picture, wanted, zoom)
        assert window.left <= x1 + 1e-9
        assert x2 <= window.left + window.width + 1e-9
        assert window.top <= max(0.0, y1 - HEAD_ROOM * (y2 - y1)) + 1e-9
        assert y2 <= window.top + window.height + 1e-9
        assert min(window.left, window.top) >= 0
        assert max(window.left + window.width, window.top + window.height) <= 1 + 1e-9
        assert window.width * picture / window.height == pytest.approx(wanted)


def test_a_star_at_the_edge_of_a_wide_picture_stays_in_a_square_card() -> None:
    assert object_position((0.86, 0.3, 0.98, 0.55), 16 / 9, 1.0) == "100% 50%"
    assert object_position((0.02, 0.3, 0.1, 0.5), 16 / 9, 1.0) == "0% 50%"


def test_of_a_head_larger_than_the_window_the_hair_is_kept() -> None:
    window = window_around((0.2, 0.1, 0.8, 0.9), 9 / 16, 16 / 9)
    assert window.top == 0.0


def test_without_a_face_the_upper_middle_is_shown() -> None:
    assert object_position((), 16 / 9, 1.0) == "50% 50%"
    window = window_around((), 9 / 16, 1.0)
    assert window.top + window.height / 2 < 0.5
