"""Recognising faces: embeddings, and the names of those that are near."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from inference.types import Embeddings, Face, RGBImage

if TYPE_CHECKING:
    import torch

    from inference.recognition.postprocessing import PostProcessing


class FaceEmbedder(Protocol):
    """Anything that turns faces into points that are near where the person is the same.

    The name is stored beside every embedding, because those of different models cannot be
    compared. The threshold comes from ``docs/evaluation.md``.
    """

    @property
    def name(self) -> str:
        """Which model it is."""
        ...

    @property
    def dimensions(self) -> int:
        """Size of an embedding."""
        ...

    @property
    def threshold(self) -> float:
        """Cosine similarity below which a face stays unknown."""
        ...

    def compute_in(self, precision: "torch.dtype") -> None:
        """Run the networks in another number format from now on.

        bfloat16 takes 0.55 to 0.65 of the time and changes an embedding little: on 90 faces the
        cosine to the one in float32 was at least 0.9998 with ``encore``.
        Photos stay in float32, as their embeddings are kept; looks of live faces are averaged.
        """
        ...

    @property
    def postprocessing(self) -> "PostProcessing":
        """What makes raw embeddings comparable where a library has none of its own."""
        ...

    def embed_raw(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Compute the embedding of each face as it is to be stored, before post-processing.

        Returns:
            ``(N, D)`` float32, a row of unit length per face, in the order of ``faces``; apply a
            post-processing before comparing.
        """
        ...

    def embed(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Compute the embedding of each face, ready to be compared.

        Args:
            image: ``(H, W, 3)`` uint8 RGB, in whose pixels the faces are given.
            faces: What a detector found; may be empty.

        Returns:
            ``(N, D)`` float32, a row of unit length per face, in the order of ``faces``.
        """
        ...


def load_embedder(weights_dir: Path | None = None, name: str | None = None) -> FaceEmbedder:
    """Load an embedder; takes a moment, so keep what it returns.

    Args:
        weights_dir: Where optional downloads lie.
        name: Which one; by default the best whose files are there.

    Raises:
        WeightsError: Its files are missing or wrong.
        ValueError: No embedder has this name.
    """
    # Here and not above, so that who only compares embeddings needs no torch.
    from inference.recognition.choice import load

    return load(weights_dir, name)
