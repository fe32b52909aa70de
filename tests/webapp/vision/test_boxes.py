"""Overlap of boxes."""

import pytest

from webapp.vision import Box, box_iou, pair_boxes

SQUARE: Box = (0, 0, 10, 10)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param((0, 0, 10, 10), 1.0, id="the same"),
        pytest.param((5, 0, 15, 10), 1 / 3, id="half shifted"),
        pytest.param((10, 0, 20, 10), 0.0, id="edges touch"),
        pytest.param((3, 3, 3, 9), 0.0, id="no area"),
        pytest.param((2, 2, 4, 4), 0.04, id="inside"),
    ],
)
def test_overlap(other: Box, expected: float) -> None:
    assert box_iou(SQUARE, other) == pytest.approx(expected)
    assert box_iou(other, SQUARE) == pytest.approx(expected)


def test_the_best_overlap_is_paired_first() -> None:
    shifted: Box = (2, 0, 12, 10)

    assert pair_boxes([SQUARE, shifted], [shifted]) == {1: 0}


def test_each_box_is_used_once() -> None:
    assert pair_boxes([SQUARE], [SQUARE, SQUARE]) in ({0: 0}, {0: 1})


def test_strangers_are_not_paired() -> None:
    assert pair_boxes([SQUARE], [(8, 8, 18, 18)]) == {}
    assert pair_boxes([], [SQUARE]) == {}
