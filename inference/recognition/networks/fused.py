"""Several embedders as one: their embeddings side by side.

The cosine of such an embedding is the weighted mean of the cosines of its parts. Embedders that
learnt from different people err on different faces, so the mean errs less than either.
"""

from collections.abc import Sequence

import numpy as np
import torch

from inference.recognition import FaceEmbedder
from inference.recognition.postprocessing import PostProcessing
from inference.types import Embeddings, Face, RGBImage


class FusedEmbedder:
    """Embedders whose similarities are averaged.

    Args:
        name: Stored beside every embedding.
        parts: The embedders, each with its weight; the weights add up to 1.
        postprocessing: Of the raw embeddings side by side; also says the threshold.

    Raises:
        ValueError: There is no part, or the weights do not add up to 1.
    """

    def __init__(
        self,
        name: str,
        parts: Sequence[tuple[FaceEmbedder, float]],
        postprocessing: PostProcessing,
    ) -> None:
        weights = [weight for _, weight in parts]
        if not parts or min(weights) <= 0 or abs(sum(weights) - 1.0) > 1e-6:
            raise ValueError(f"the weights of the parts must add up to 1, not {weights}")
        self.name = name
        self.postprocessing = postprocessing
        self.threshold = postprocessing.threshold
        self.dimensions = sum(part.dimensions for part, _ in parts)
        self._parts = tuple(parts)

    def compute_in(self, precision: torch.dtype) -> None:
        """Run all parts in another number format; see ``FaceEmbedder.compute_in``."""
        for part, _ in self._parts:
            part.compute_in(precision)

    def embed(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Compute the embedding of each face; see ``FaceEmbedder.embed``."""
        return self.postprocessing.apply(self.embed_raw(image, faces))

    def embed_raw(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Lay the raw embeddings of the parts side by side; see ``FaceEmbedder.embed_raw``."""
        sides = [
            np.sqrt(np.float32(weight)) * part.embed_raw(image, faces)
            for part, weight in self._parts
        ]
        return np.concatenate(sides, axis=1)
