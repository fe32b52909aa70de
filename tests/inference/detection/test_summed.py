"""Means by running sums equal means by looking at every pixel."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from inference.detection.summed import MID_GREY, SummedArea, cell_bounds


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (67, 91, 3), dtype=np.uint8)


def _area(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize like the networks' reference does."""
    pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    return interpolate(pixels, size=(height, width), mode="area")[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize(
    ("height", "width"),
    [
        pytest.param(40, 50, id="smaller"),
        pytest.param(67, 91, id="the same size"),
        pytest.param(100, 120, id="larger"),
        pytest.param(1, 1, id="one pixel"),
    ],
)
def test_a_grid_is_the_photo_resized_by_area(image: np.ndarray, height: int, width: int) -> None:
    means = SummedArea(image).grid(cell_bounds(67, height), cell_bounds(91, width))
    np.testing.assert_allclose(means + MID_GREY, _area(image, height, width), atol=1e-3)


def test_a_part_of_a_grid_equals_the_same_part_of_the_whole(image: np.ndarray) -> None:
    photo = SummedArea(image)
    rows, columns = cell_bounds(67, 40), cell_bounds(91, 50)
    whole = photo.grid(rows, columns)
    part = photo.grid((rows[0][10:20], rows[1][10:20]), (columns[0][5:30], columns[1][5:30]))
    np.testing.assert_array_equal(part, whole[10:20, 5:30])


def test_crops_are_boxes_resized_by_area(image: np.ndarray) -> None:
    boxes = np.array([[3, 4, 60, 61], [10, 20, 30, 40], [0, 0, 91, 67]])
    crops = SummedArea(image).crops(boxes, 24)
    for crop, (x1, y1, x2, y2) in zip(crops, boxes, strict=True):
        np.testing.assert_allclose(crop + MID_GREY, _area(image[y1:y2, x1:x2], 24, 24), atol=1e-3)


def test_what_lies_outside_the_photo_is_grey() -> None:
    white = np.full((40, 40, 3), 255, dtype=np.uint8)
    crop = SummedArea(white).crops(np.array([[-20, 0, 20, 40]]), 20)[0]
    assert (crop[:, :10] == 0).all()
    assert crop[:, 10:] == pytest.approx(MID_GREY)


def test_a_box_wholly_outside_is_grey(image: np.ndarray) -> None:
    assert (SummedArea(image).crops(np.array([[500, 500, 520, 520]]), 24) == 0).all()


def test_no_boxes_give_no_crops(image: np.ndarray) -> None:
    assert SummedArea(image).crops(np.zeros((0, 4), dtype=np.int64), 24).shape == (0, 24, 24, 3)


def test_sums_beyond_32_bits_still_give_right_means() -> None:
    white = np.full((3000, 3000, 3), 255, dtype=np.uint8)
    assert int(white[..., 0].size) * 255 > 2**31
    crop = SummedArea(white).crops(np.array([[2900, 2900, 3000, 3000]]), 24)
    assert crop == pytest.approx(MID_GREY)
