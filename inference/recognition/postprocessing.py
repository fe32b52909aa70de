"""What turns raw embeddings into comparable ones; ``adaptation`` learns it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.types import Embeddings


@dataclass(frozen=True, slots=True)
class Part:
    """One network's stretch of a raw embedding.

    Attributes:
        dimensions: How many values it has.
        share: Its weight in the similarity, above 0; those of all parts add up to 1.
    """

    dimensions: int
    share: float


@dataclass(frozen=True, eq=False)
class PostProcessing:
    """What turns raw embeddings into comparable ones.

    Attributes:
        mean: ``(D,)`` float32, taken off first.
        matrix: ``(D, D)`` float32; a row vector is multiplied from the left.
        threshold: Cosine similarity of the result below which a face stays unknown.
        parts: Stretches that are brought to their share each by itself.
    """

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]
    threshold: float
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        if self.matrix.shape != (self.mean.size, self.mean.size):
            raise ValueError(f"a mean of {self.mean.size} with a matrix of {self.matrix.shape}")
        if sum(part.dimensions for part in self.parts) != self.mean.size:
            raise ValueError(f"the parts {self.parts} do not make {self.mean.size} dimensions")

    def apply(self, raw: Embeddings) -> Embeddings:
        """Return new comparable rows ``(N, D)`` of unit length.

        Args:
            raw: ``(N, D)`` float32 as ``FaceEmbedder.embed_raw`` returns them.
        """
        moved = np.asarray((raw - self.mean) @ self.matrix, dtype=np.float32)
        sides = [
            np.sqrt(np.float32(part.share)) * unit_rows(side)
            for part, side in zip(self.parts, _sides(moved, self.parts), strict=True)
        ]
        return np.concatenate(sides, axis=1)


def unchanged(dimensions: int, threshold: float) -> PostProcessing:
    """Return what leaves unit rows as they are, where nothing was learnt."""
    mean, matrix = np.zeros(dimensions, np.float32), np.eye(dimensions, dtype=np.float32)
    return PostProcessing(mean, matrix, threshold, (Part(dimensions, 1.0),))


def unit_rows(rows: NDArray[np.float32]) -> Embeddings:
    """Scale each row to unit length; a row of zeros stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def _sides(rows: NDArray[np.float32], parts: Sequence[Part]) -> list[NDArray[np.float32]]:
    ends = np.cumsum([part.dimensions for part in parts])[:-1]
    return np.split(rows, ends, axis=1)
