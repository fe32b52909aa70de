"""All eight track matrices are shown as their recorder meant them."""

import struct
from pathlib import Path

import numpy as np
import pytest

from inference.video.reader import open_video, read_facts
from tests.inference.video.films import make_coloured_film

ONE = 1 << 16
CORNERS = {(-1, -1): (200, 30, 30), (1, -1): (30, 180, 60), (-1, 1): (40, 60, 200)}
CORNERS[1, 1] = (240, 240, 240)
"""Left or right and top or bottom, as stored."""
MATRICES = [
    pytest.param((1, 0, 0, 1), id="as stored"),
    pytest.param((-1, 0, 0, 1), id="mirrored left to right"),
    pytest.param((-1, 0, 0, -1), id="half a turn"),
    pytest.param((1, 0, 0, -1), id="mirrored top to bottom"),
    pytest.param((0, 1, 1, 0), id="transposed"),
    pytest.param((0, 1, -1, 0), id="a turn to the right"),
    pytest.param((0, -1, -1, 0), id="transposed the other way"),
    pytest.param((0, -1, 1, 0), id="a turn to the left"),
]


def quadrants(width: int = 160, height: int = 120) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    for (x, y), colour in CORNERS.items():
        columns = slice(0, width // 2) if x < 0 else slice(width // 2, width)
        rows = slice(0, height // 2) if y < 0 else slice(height // 2, height)
        image[rows, columns] = colour
    return image


def film_with_matrix(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    make_coloured_film(path, quadrants())
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 40
    a, b, c, d = (value * ONE for value in matrix)
    content[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("matrix", MATRICES)
def test_every_track_matrix_gives_the_picture_that_was_meant(
    tmp_path: Path, matrix: tuple[int, int, int, int]
) -> None:
    path = film_with_matrix(tmp_path / "film.mp4", matrix)
    a, b, c, d = matrix

    with open_video(path) as reader:
        _, frame = next(reader.frames())
        image = reader.upright(frame)
        size = reader.upright_size(frame)

    height, width = image.shape[:2]
    assert (width, height) == size == ((120, 160) if a == 0 else (160, 120))
    facts = read_facts(path)
    assert (facts.width, facts.height) == size
    for (x, y), colour in CORNERS.items():
        right, down = a * x + c * y, b * x + d * y
        shown = image[height * (2 + down) // 4, width * (2 + right) // 4]
        assert np.abs(shown.astype(int) - colour).max() < 12


def test_a_matrix_of_nothing_changes_nothing(tmp_path: Path) -> None:
    path = film_with_matrix(tmp_path / "film.mp4", (0, 0, 0, 0))

    with open_video(path) as reader:
        image = reader.upright(next(reader.frames())[1])

    assert np.abs(image[30, 40].astype(int) - CORNERS[-1, -1]).max() < 12
