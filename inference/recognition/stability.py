"""How sure a network is of its own embedding: SER-FIQ.

Terhörst, Kolf, Damer, Kirchbuchner, Kuijper 2020 (arXiv:2003.09373): hide random parts of the
features and see how far the embedding moves. A clear face says the same thing in many ways; a bad
one depends on whatever is left. Only the last layer is repeated, so it costs next to nothing.
"""

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from inference.recognition.embedder import NetworkEmbedder

PASSES = 16
HIDDEN_SHARE = 0.5
_SEED = 11


class HasFeatures(Protocol):
    """A network whose features can be had before its last layer."""

    def features(self, x: Tensor) -> Tensor:
        """Return what the last layer reads, ``(B, F)``."""
        ...

    def head(self, x: Tensor) -> Tensor:
        """Return embeddings ``(B, D)``."""
        ...


def embedding_stability(
    network: HasFeatures, embedder: NetworkEmbedder, crops: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Measure how alike the embeddings of one face stay while parts of its features are hidden.

    Args:
        network: The network of ``embedder``.
        embedder: Says how its crops are prepared.
        crops: ``(N, S, S, 3)`` uint8 RGB, aligned for it.

    Returns:
        ``(N,)`` mean cosine similarity of all pairs of passes, up to 1. Every face is asked with
        the same hidden parts, so equal faces get equal answers.
    """
    pixels = embedder.options.normalise(torch.from_numpy(crops).permute(0, 3, 1, 2))
    generator = torch.Generator().manual_seed(_SEED)
    with torch.inference_mode():
        features = network.features(pixels.contiguous(memory_format=torch.channels_last))
        total = torch.zeros(0)
        for index in range(PASSES):
            is_kept = torch.rand(features.shape[1], generator=generator) >= HIDDEN_SHARE
            unit = functional.normalize(network.head(features * is_kept))
            total = unit if index == 0 else total + unit
        # The squared length of the sum holds every pair twice and every pass with itself once.
        pairs = (total.square().sum(dim=1) - PASSES) / (PASSES * (PASSES - 1))
    stability: NDArray[np.float32] = pairs.float().cpu().numpy()
    return stability
