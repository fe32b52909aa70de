import numpy as np
import pytest

from inference.measures.classification import (
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    mean_recall,
    recalls,
    risk_coverage,
    trusted_from,
)


def sure(rows: list[tuple[int, float]], classes: int = 3) -> np.ndarray:
    """Probabilities that name a class with a given confidence and share the rest."""
    out = np.empty((len(rows), classes), np.float32)
    for row, (named, confidence) in zip(out, rows, strict=True):
        row[:] = (1 - confidence) / (classes - 1)
        row[named] = confidence
    return out


def test_rows_are_the_truth_and_columns_what_was_named() -> None:
    matrix = confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), 3)

    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    assert recalls(matrix).tolist() == [0.5, 1.0, 0.0]


def test_macro_f1_weighs_a_rare_class_like_a_common_one() -> None:
    matrix = np.array([[98, 0], [2, 0]])

    assert macro_f1(matrix) == pytest.approx((2 * 98 / 198) / 2)


def test_classes_without_faces_do_not_lower_macro_f1() -> None:
    assert macro_f1(np.array([[5, 0, 0], [0, 3, 0], [0, 0, 0]])) == 1


def test_no_faces_at_all_score_zero() -> None:
    assert macro_f1(np.zeros((3, 3), np.int64)) == 0


@pytest.mark.parametrize(
    ("rows", "truth", "error"),
    [
        pytest.param([(0, 1.0), (1, 1.0)], [0, 1], 0.0, id="sure and right"),
        pytest.param([(0, 1.0), (1, 1.0)], [1, 0], 1.0, id="sure and wrong"),
        pytest.param([(0, 0.75)] * 4, [0, 0, 0, 1], 0.0, id="75 % sure, right in 3 of 4"),
        pytest.param([(0, 0.9)] * 4, [0, 0, 1, 1], 0.4, id="90 % sure, right in half"),
        pytest.param([(0, 0.9), (0, 0.5)], [0, 1], 0.3, id="bins do not cancel out"),
    ],
)
def test_calibration_error_is_the_gap_between_sureness_and_truth(
    rows: list[tuple[int, float]], truth: list[int], error: float
) -> None:
    found = expected_calibration_error(sure(rows), np.array(truth))

    assert found == pytest.approx(error, abs=1e-6)


def test_silence_on_the_least_sure_faces_lowers_the_risk() -> None:
    curve = risk_coverage(sure([(0, 0.6), (1, 0.9), (2, 0.8), (0, 0.5)]), np.array([0, 1, 2, 1]))

    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == [0, 0, 0, 0.25]
    assert curve.area == pytest.approx(0.0625)


@pytest.mark.parametrize(
    ("threshold", "coverage", "risk"),
    [
        pytest.param(0.0, 1.0, 0.25, id="everything"),
        pytest.param(0.55, 0.75, 0.0, id="without the least sure"),
        pytest.param(0.95, 0.0, 0.0, id="nothing"),
    ],
)
def test_coverage_and_risk_at_a_threshold(threshold: float, coverage: float, risk: float) -> None:
    curve = risk_coverage(sure([(0, 0.6), (1, 0.9), (2, 0.8), (0, 0.5)]), np.array([0, 1, 2, 1]))

    assert curve.at(threshold) == (coverage, risk)


def test_the_rare_class_counts_as_much_as_the_frequent_one_in_mean_recall() -> None:
    truth = np.array([0] * 9 + [1])

    assert mean_recall(np.zeros(10, np.int64), truth, 3) == pytest.approx(0.5)
    assert mean_recall(np.zeros(0, np.int64), np.zeros(0, np.int64), 3) == 0


def test_labels_are_trusted_from_where_their_neighbours_are_mostly_right() -> None:
    confidence = np.linspace(0, 1, 2000).astype(np.float32)
    right = np.where(confidence < 0.4, np.arange(2000) % 4 == 0, np.arange(2000) % 4 > 0)

    threshold = trusted_from(confidence, right, np.ones(2000), 0.5)

    assert threshold == pytest.approx(0.4, abs=0.03)


def test_faces_of_a_rare_class_shift_the_threshold() -> None:
    confidence = np.linspace(0, 1, 2000).astype(np.float32)
    is_rare = np.arange(2000) % 10 == 0
    right = ~is_rare | (confidence > 0.6)  # The rare ones are wrong below 0.6.
    weights = np.where(is_rare, 20.0, 1.0)

    assert trusted_from(confidence, right, np.ones(2000), 0.5) == 0
    assert trusted_from(confidence, right, weights, 0.5) == pytest.approx(0.6, abs=0.04)


def test_a_classifier_that_is_never_right_is_never_trusted() -> None:
    confidence = np.linspace(0, 1, 300).astype(np.float32)

    assert trusted_from(confidence, np.zeros(300, np.bool_), np.ones(300), 0.5) == 1
