"""Tiles cover every size exactly once as far as the first network's windows go."""

import numpy as np
import pytest

from inference.detection.pyramid import (
    BORDER,
    FACTOR,
    STRIDE,
    TILE,
    WINDOW,
    level_scales,
    tiles,
)
from inference.detection.summed import SummedArea


def test_the_largest_size_shows_the_smallest_face_in_one_window() -> None:
    assert level_scales(600, 800, min_face=24)[0] == 0.5


def test_sizes_end_where_half_a_face_fills_the_photo() -> None:
    scales = level_scales(480, 640, min_face=20)
    assert 480 * scales[-1] >= WINDOW / 2 > 480 * scales[-1] * FACTOR


def test_a_photo_of_a_few_pixels_has_no_sizes() -> None:
    assert level_scales(3, 1000, min_face=20) == []


def test_faces_smaller_than_a_window_are_refused() -> None:
    with pytest.raises(ValueError, match="min_face=8"):
        level_scales(100, 100, min_face=8)


@pytest.mark.parametrize(
    ("height", "width"),
    [
        pytest.param(40, 60, id="less than a tile"),
        pytest.param(TILE, TILE * 2, id="whole tiles"),
        pytest.param(TILE * 2 + 3, TILE + 1, id="odd rests"),
        pytest.param(7, 13, id="smaller than a window"),
    ],
)
def test_every_window_lies_in_exactly_one_tile(height: int, width: int) -> None:
    photo = SummedArea(np.zeros((height, width, 3), dtype=np.uint8))
    scale = 1 - 0.5 / max(height, width)  # int(length * scale + 1) is the length itself
    seen = np.zeros((height + 2 * BORDER, width + 2 * BORDER), dtype=int)
    for tile in tiles(photo, scale):
        rows, columns = tile.pixels.shape[:2]
        for y in range(0, rows - WINDOW + 1, STRIDE):
            for x in range(0, columns - WINDOW + 1, STRIDE):
                seen[tile.y + BORDER + y, tile.x + BORDER + x] += 1
    expected = np.zeros_like(seen)
    expected[: height + 2 * BORDER - WINDOW + 1 : 2, : width + 2 * BORDER - WINDOW + 1 : 2] = 1
    assert np.array_equal(seen, expected)


def test_a_tile_shows_grey_outside_the_photo_and_the_photo_inside() -> None:
    photo = SummedArea(np.full((50, 50, 3), 255, dtype=np.uint8))
    (tile,) = tiles(photo, 0.5)
    assert (tile.x, tile.y) == (-BORDER, -BORDER)
    inside = tile.pixels[BORDER:-BORDER, BORDER:-BORDER]
    assert (inside == 127.5).all()
    assert tile.pixels.sum() == inside.sum()
