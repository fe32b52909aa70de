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


def test_nms_keeps_the_best_of_each_cluster_best_first() -> None:
    boxes = np.array(
        [[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60], [50, 51, 60, 61]], dtype=np.float32
    )
    scores = np.array([0.7, 0.8, 0.95, 0.6], dtype=np.float32)
    assert geometry.nms(boxes, scores, 0.5).tolist() == [2, 1]


def test_nms_settles_ties_in_favour_of_the_earlier_box() -> None:
    boxes = np.repeat(SQUARE, 3, axis=0)
    assert geometry.nms(boxes, np.full(3, 0.5, np.float32), 0.5).tolist() == [0]


def test_nms_drops_a_contained_box_only_when_asked() -> None:
    boxes = np.array([[0, 0, 10, 10], [2, 2, 4, 4]], dtype=np.float32)
    scores = np.array([0.9, 0.8], dtype=np.float32)
    assert geometry.nms(boxes, scores, 0.5).tolist() == [0, 1]
    assert geometry.nms(boxes, scores, 0.5, containment_threshold=0.7).tolist() == [0]


def test_nms_of_nothing_is_nothing() -> None:
    assert geometry.nms(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 0.5).size == 0


def test_expanding_keeps_the_centre() -> None:
    assert geometry.expand_box((10, 20, 20, 40), 2) == (5, 10, 25, 50)


def test_squaring_grows_the_shorter_side() -> None:
    assert geometry.square_box((10, 20, 20, 40)) == (5, 20, 25, 40)


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
