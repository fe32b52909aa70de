"""From found faces to embeddings: align, forward, mirror, post-process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inference.alignment import Template, align
from inference.device import pick_device
from inference.recognition.postprocessing import PostProcessing, unchanged, unit_rows
from inference.types import Embeddings, Face, RGBImage

_BATCH = 16
"""Faces per pass, each with its mirror image: keeps the processor busy, and a crowd in memory."""


@dataclass(frozen=True, eq=False)
class EmbedderOptions:
    """What differs between embedders besides the network.

    Attributes:
        name: Stored beside every embedding.
        dimensions: Size of an embedding.
        threshold: Cosine similarity below which a face stays unknown.
        template: ``(5, 2)`` landmarks in the crop that the network was trained on.
        size: Side of that crop in pixels.
        normalise: Turns uint8 crops ``(B, 3, H, W)`` into the network's input.
        landmark_weights: How much each landmark counts for the alignment.
        postprocessing: What was learnt to make its embeddings comparable, or ``None``.
        mirrors: Whether the mirror image is embedded too and the two are averaged.
    """

    name: str
    dimensions: int
    threshold: float
    template: Template
    size: int
    normalise: Callable[[Tensor], Tensor]
    landmark_weights: tuple[float, ...] | None = None
    postprocessing: PostProcessing | None = None
    mirrors: bool = True


class NetworkEmbedder:
    """Any face network behind the promise of ``FaceEmbedder``. Safe to use from several threads."""

    def __init__(self, network: nn.Module, options: EmbedderOptions) -> None:
        self._device = pick_device()
        self.network: nn.Module = network.eval().to(  # type: ignore[call-overload]
            self._device, memory_format=torch.channels_last
        )
        self._precision = torch.float32
        self.options = options

    @property
    def name(self) -> str:
        """Which model it is."""
        return self.options.name

    @property
    def dimensions(self) -> int:
        """Size of an embedding."""
        return self.options.dimensions

    @property
    def threshold(self) -> float:
        """Cosine similarity below which a face stays unknown."""
        return self.options.threshold

    def compute_in(self, precision: torch.dtype) -> None:
        """Run the network in another number format; see ``FaceEmbedder.compute_in``."""
        self.network.to(precision)
        self._precision = precision

    @property
    def postprocessing(self) -> PostProcessing:
        """What makes its raw embeddings comparable; changes nothing where nothing was learnt."""
        return self.options.postprocessing or unchanged(self.dimensions, self.threshold)

    def embed(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Compute the embedding of each face; see ``FaceEmbedder.embed``."""
        return self.postprocessing.apply(self.embed_raw(image, faces))

    def embed_raw(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Compute raw embeddings; see ``FaceEmbedder.embed_raw``."""
        if not faces:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return self.embed_crops(np.stack([self.crop(image, face) for face in faces]))

    def crop(self, image: RGBImage, face: Face) -> RGBImage:
        """Cut a face out the way the network was trained, ``(size, size, 3)`` uint8 RGB."""
        options = self.options
        weights = options.landmark_weights
        return align(image, face.landmarks, options.template, options.size, weights=weights)

    def embed_crops(self, crops: NDArray[np.uint8]) -> Embeddings:
        """Compute raw embeddings of aligned crops ``(N, size, size, 3)``, N above 0; unit rows."""
        parts = [self._forward(crops[i : i + _BATCH]) for i in range(0, len(crops), _BATCH)]
        return np.concatenate(parts)

    def _forward(self, crops: NDArray[np.uint8]) -> Embeddings:
        pixels = torch.from_numpy(crops).to(self._device).permute(0, 3, 1, 2)
        prepared = self.options.normalise(pixels).to(self._precision)
        if self.options.mirrors:
            # In one pass: two faces take little longer than one.
            prepared = torch.cat([prepared, prepared.flip(3)])
        with torch.inference_mode():
            rows = self.network(prepared.contiguous(memory_format=torch.channels_last)).float()
            rows = nn.functional.normalize(rows)
            if self.options.mirrors:
                rows = rows[: len(crops)] + rows[len(crops) :]
        return unit_rows(rows.cpu().numpy())
