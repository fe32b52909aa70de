"""Pairs out of a table of gains: who continues whom, who bears which name."""

import importlib

import numpy as np
from numpy.typing import NDArray


def best_pairs(gain: NDArray[np.floating]) -> list[tuple[int, int]]:
    """Pair rows with columns so that the sum of their gains is largest.

    Args:
        gain: ``(R, C)``; only pairs that gain more than 0 are made.

    Returns:
        Pairs of row and column, by row; each occurs at most once. Empty for an empty table.
    """
    is_possible = gain > 0
    if (is_possible.sum(axis=0) > 1).any() or (is_possible.sum(axis=1) > 1).any():
        return _assigned(gain)
    # Nobody is in anybody's way, as on nearly every frame.
    return [(int(row), int(column)) for row, column in np.argwhere(is_possible)]


def prepare() -> None:
    """Load SciPy, which takes half a second, before the first crowded frame has to wait for it."""
    importlib.import_module("scipy.optimize")


def _assigned(gain: NDArray[np.floating]) -> list[tuple[int, int]]:
    # Here and not above: SciPy takes half a second to load, and an engine starts without it.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(np.maximum(gain, 0.0), maximize=True)
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if gain[row, column] > 0
    ]
