"""Charts of the emotion evaluation: confusion matrices, risk against coverage, calibration."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from inference.measures.classification import RiskCoverage


def draw_confusion(
    path: Path, matrix: NDArray[np.int64], labels: Sequence[str], title: str
) -> None:
    """Draw a confusion matrix as shares of each true class."""
    shares = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("named")
    axes.set_ylabel("label")
    axes.set_title(title)
    for (row, column), share in np.ndenumerate(shares):
        colour = "white" if share > 0.55 else "black"
        axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour)
    _save(figure, path)


def draw_risk_coverage(path: Path, curve: RiskCoverage, threshold: float) -> None:
    """Draw risk against coverage with the shipped threshold marked."""
    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(curve.coverage[20:], curve.risk[20:], color="#2b6cb0")
    coverage, risk = curve.at(threshold)
    axes.plot([coverage], [risk], "o", color="#c53030", label=f"threshold {threshold:.2f}")
    axes.set_xlabel("coverage: share of faces that get a label")
    axes.set_ylabel("risk: share of these named wrong")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    _save(figure, path)


def draw_curves(path: Path, histories: dict[str, list[dict[str, float]]], measure: str) -> None:
    """Draw one measure of several runs over their epochs."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    colours = mpl.colormaps["turbo"](np.linspace(0.03, 0.97, max(len(histories), 2)))
    for (name, history), colour in zip(histories.items(), colours, strict=False):
        axes.plot([row[measure] for row in history], label=name, color=colour)
    axes.set_xlabel("epoch")
    axes.set_ylabel(measure)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=6, ncols=2)
    _save(figure, path)


def draw_filters(path: Path, filters: dict[str, NDArray[np.float32]], most: int = 32) -> None:
    """Draw the first layer's kernels of several networks, a row for each network.

    Args:
        path: Where to.
        filters: Network name to ``(N, height, width)`` kernels.
        most: Kernels drawn of each network.
    """
    figure = Figure(figsize=(most * 0.3, len(filters) * 0.42))
    grid = figure.subplots(len(filters), most, squeeze=False)
    for row, (name, kernels) in zip(grid, filters.items(), strict=True):
        for axes in row:
            axes.axis("off")
        for axes, kernel in zip(row, kernels, strict=False):
            axes.imshow(kernel, cmap="gray")
        row[0].text(-1, 1, name, ha="right", va="center", fontsize=7, transform=row[0].transData)
    figure.subplots_adjust(left=0.22, right=0.99, top=0.98, bottom=0.02, wspace=0.1, hspace=0.15)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
