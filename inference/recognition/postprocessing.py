"""Making embeddings of look-alikes comparable.

K-pop faces fill a small corner of a space that was learnt on the whole world: all pairs look alike.
Subtracting the common mean moves the origin into that corner, and within-class whitening
(WCCN: Hatch, Kajarekar, Stolcke 2006) shrinks the directions in which one person varies from photo
to photo, so that what is left tells people apart.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from inference.errors import WeightsError
from inference.types import Embeddings


@dataclass(frozen=True, eq=False)
class Whitening:
    """A mean to subtract and a matrix to apply.

    Attributes:
        mean: ``(D,)`` float32.
        matrix: ``(D, D)`` float32; a row vector is multiplied from the left.
    """

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.matrix.shape != (self.mean.size, self.mean.size):
            raise ValueError(f"a mean of {self.mean.size} with a matrix of {self.matrix.shape}")

    def apply(self, embeddings: Embeddings) -> Embeddings:
        """Return new ``(N, D)`` rows of unit length; the input rows must have unit length."""
        moved = (embeddings - self.mean) @ self.matrix
        return unit_rows(np.asarray(moved, dtype=np.float32))


def unit_rows(rows: NDArray[np.float32]) -> Embeddings:
    """Scale each row to unit length; a row of zeros stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def load_whitening(path: Path) -> Whitening:
    """Read a whitening stored as safetensors with ``mean`` and ``matrix``.

    Raises:
        WeightsError: One of the two is missing or has a wrong shape.
    """
    stored = load_file(path)
    try:
        return Whitening(stored["mean"].astype(np.float32), stored["matrix"].astype(np.float32))
    except (KeyError, ValueError) as error:
        raise WeightsError(f"{path.name} holds no whitening: {error}") from error
