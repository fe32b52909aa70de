"""Boxes and similarity transforms, in tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import geometry

SQUARE = np.array([[0, 0, 10, 10]], dtype=np.float32)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param([0, 0, 10, 10], 1.0, id="the same box"),
        pytest.param([10, 0, 20, 10], 0.0, id="edges touch"),
        pytest.param([30, 30, 40, 40], 0.0, id="far away"),
        pytest.param([5, 0, 15, 10], 1 / 3, id="half covered"),
        pytest.param([0, 0, 5, 10], 0.5, id="inside, half the area"),
        pytest.param([3, 3, 3, 9], 0.0, id="no area"),
        pytest.param([8, 8, 2, 2], 0.0, id="turned inside out"),
        pytest.param([-10, -10, 20, 20], 1 / 9, id="around it"),
    ],
)
def test_iou(other: list[float], expected: float) -> None:
    found = geometry.box_iou(SQUARE, np.array([other], dtype=np.float32))
    assert found == pytest.approx(np.array([[expected]]), abs=1e-6)


def test_iou_of_no_boxes_has_no_rows() -> None:
    assert geometry.box_iou(np.zeros((0, 4), np.float32), SQUARE).shape == (0, 1)


def test_a_box_inside_another_is_wholly_contained() -> None:
    inner = np.array([[2, 2, 4, 4]], dtype=np.float32)
    assert geometry.box_containment(SQUARE, inner)[0, 0] == pytest.approx(1)
    assert geometry.box_iou(SQUARE, inner)[0, 0] == pytest.approx(0.04)


def test_clipping_leaves_the_given_boxes_alone() -> None:
    boxes = np.array([[-5, 2, 200, 300]], dtype=np.float32)
    assert geometry.clip_boxes(boxes, width=100, height=50).tolist() == [[0, 2, 100, 50]]
    assert boxes[0, 0] == -5


@given(
    angle=st.floats(-3.1, 3.1),
    scale=st.floats(0.05, 20),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_a_similarity_is_recovered_from_moved_points(
    angle: float, scale: float, shift: tuple[float, float]
) -> None:
    points = np.array([[0, 0], [40, 2], [20, 25], [5, 45], [36, 44]], dtype=np.float64)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = geometry.similarity_transform(points, points @ turn.T + shift)
    np.testing.assert_allclose(matrix, np.column_stack([turn, shift]), atol=1e-6 * max(scale, 1))


def test_a_point_without_weight_does_not_pull() -> None:
    source = np.array([[0, 0], [10, 0], [5, 8]], dtype=np.float64)
    target = np.array([[0, 0], [20, 0], [99, -99]], dtype=np.float64)
    matrix = geometry.similarity_transform(source, target, weights=(1, 1, 0))
    np.testing.assert_allclose(geometry.transform_points(matrix, source[:2]), target[:2], atol=1e-9)


def test_a_similarity_never_mirrors() -> None:
    source = np.array([[0, 0], [10, 0], [5, 8]], dtype=np.float64)
    matrix = geometry.similarity_transform(source, source * [-1, 1])
    assert np.linalg.det(matrix[:, :2]) > 0


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(np.zeros((3, 3)), r"must both be \(N, 2\)", id="three coordinates"),
        pytest.param(np.ones((5, 2)), "two points that differ", id="all the same point"),
    ],
)
def test_a_similarity_refuses_nonsense(source: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        geometry.similarity_transform(source, np.zeros_like(source))
