"""Measures of a classifier: what it gets right, which classes it misses, whether it knows when."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Bins of the expected calibration error, as in Guo et al. 2017 (arXiv 1706.04599)."""


def confusion_matrix(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """Count faces: ``(classes, classes)``, a row for each true class, a column for each named."""
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (truth, predicted), 1)
    return matrix


def recalls(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each true class that was named right; 0 for a class without faces."""
    shares: NDArray[np.float64] = np.diag(matrix) / np.maximum(matrix.sum(1), 1)
    return shares


def mean_recall(named: NDArray[np.int64], truth: NDArray[np.int64], classes: int) -> float:
    """Mean recall over the classes that occur, each counting alike; 0 where there is no face."""
    matrix = confusion_matrix(truth, named, classes)
    present = matrix.sum(1) > 0
    return float(recalls(matrix)[present].mean()) if present.any() else 0.0


def macro_f1(matrix: NDArray[np.int64]) -> float:
    """Mean F1 over the classes that occur; a rare class counts as much as a common one."""
    right = np.diag(matrix)
    f1 = 2 * right / np.maximum(matrix.sum(0) + matrix.sum(1), 1)
    present = matrix.sum(1) > 0
    return float(f1[present].mean()) if present.any() else 0.0


def expected_calibration_error(
    probabilities: NDArray[np.float32], truth: NDArray[np.int64], bins: int = BINS
) -> float:
    """Mean gap between how sure the classifier is and how often it is right.

    Args:
        probabilities: ``(N, classes)``, rows of sum 1.
        truth: ``(N,)`` class indices.
        bins: Equal steps of the highest probability.

    Returns:
        0 for a classifier that is right in 70 % of the cases where it says 70 %.
    """
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == truth
    place = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gaps = [
        abs(float(right[place == b].sum()) - float(confidence[place == b].sum()))
        for b in range(bins)
    ]
    return sum(gaps) / max(len(truth), 1)


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """What is gained by staying silent.

    Attributes:
        thresholds: ``(N,)`` highest probabilities, falling.
        coverage: ``(N,)`` share of faces that are at least that sure.
        risk: ``(N,)`` share of those that are named wrong.
    """

    thresholds: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]

    @property
    def area(self) -> float:
        """Mean risk over all coverages; lower is better."""
        return float(self.risk.mean())

    def at(self, threshold: float) -> tuple[float, float]:
        """Return coverage and risk when everything less sure than ``threshold`` is left out."""
        kept = int((self.thresholds >= threshold).sum())
        if kept == 0:
            return 0.0, 0.0
        return float(self.coverage[kept - 1]), float(self.risk[kept - 1])


def risk_coverage(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> RiskCoverage:
    """Trace risk against coverage, from the surest face to all faces.

    Args:
        probabilities: ``(N, classes)``; at least one row.
        truth: ``(N,)`` class indices.
    """
    confidence = probabilities.max(1).astype(np.float64)
    order = np.argsort(-confidence, kind="stable")
    wrong = (probabilities.argmax(1) != truth)[order]
    counts = np.arange(1, len(order) + 1)
    return RiskCoverage(confidence[order], counts / len(order), np.cumsum(wrong) / counts)


def trusted_from(
    confidence: NDArray[np.float32],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
    share: float,
    window: int = 100,
) -> float:
    """Find the confidence from which on the classifier is right often enough.

    Risk over everything above a threshold hides the faces just above it behind the sure ones, so
    each face is judged with its neighbours in confidence.

    Args:
        confidence: ``(N,)`` highest probabilities.
        right: ``(N,)`` whether the label is right.
        weights: ``(N,)`` what each face counts.
        share: How many of the labels shall be right, 0 to 1.
        window: Neighbours that are looked at together.

    Returns:
        A threshold; 0 where the classifier is right often enough everywhere, 1 where nowhere.
    """
    order = np.argsort(confidence, kind="stable")
    window = min(window, len(order))
    sums = np.convolve((right * weights)[order], np.ones(window), "valid")
    shares = sums / np.convolve(weights[order], np.ones(window), "valid")
    below = np.flatnonzero(shares < share)
    if not len(below):
        return 0.0
    last = int(below[-1])
    middle = last + window // 2
    return 1.0 if last == len(shares) - 1 else float(confidence[order[middle]])
