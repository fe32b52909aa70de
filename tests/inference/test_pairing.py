"""The best pairs of a table of gains."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from inference.pairing import best_pairs


@pytest.mark.parametrize(
    ("gain", "pairs"),
    [
        pytest.param([[0.5, 0.0], [0.0, 0.4]], [(0, 0), (1, 1)], id="nobody in the way"),
        pytest.param([[0.0, 0.5], [0.0, 0.0]], [(0, 1)], id="what gains nothing is no pair"),
        pytest.param([[-0.2, 0.5], [0.1, -0.3]], [(0, 1), (1, 0)], id="losses are no pairs"),
        pytest.param([[0.6, 0.5], [0.5, 0.0]], [(0, 1), (1, 0)], id="the sum counts, not the best"),
        pytest.param([[0.3], [0.7]], [(1, 0)], id="more rows than columns"),
        pytest.param([[0.3, 0.7]], [(0, 1)], id="more columns than rows"),
        pytest.param([[0.0, 0.0]], [], id="nothing gains"),
    ],
)
def test_pairs(gain: list[list[float]], pairs: list[tuple[int, int]]) -> None:
    assert best_pairs(np.array(gain)) == pairs


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_an_empty_table_has_no_pairs(shape: tuple[int, int]) -> None:
    assert best_pairs(np.zeros(shape)) == []


def test_the_short_way_and_the_long_way_agree() -> None:
    """Sparse tables take the short way; the assignment of SciPy is the measure for all."""
    random = np.random.default_rng(4)
    for _ in range(300):
        rows, columns = random.integers(1, 7, size=2)
        gain = np.where(random.random((rows, columns)) < 0.25, random.random((rows, columns)), -0.1)
        best = np.maximum(gain, 0.0)
        expected = best[linear_sum_assignment(best, maximize=True)].sum()
        pairs = best_pairs(gain)
        assert sum(gain[pair] for pair in pairs) == pytest.approx(expected)
        assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
