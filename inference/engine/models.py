"""The networks of the engine, each of which may be missing without stopping the others."""

import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.errors import WeightsError
from inference.protocol.messages import Models
from inference.recognition.postprocessing import PostProcessing, unchanged
from inference.types import BoxArray, Embeddings, EmotionPrediction, Face, RGBImage

logger = logging.getLogger(__name__)

COARSE_FACE = 40.0
"""Pixels; searching only for larger faces takes less than half of the time (of 20, the least)."""

Part = TypeVar("Part")
Sighting = tuple[RGBImage, Face]
"""A face and the picture it is in."""


class Segmenter(Protocol):
    """Tells people from background on a small picture."""

    def preview(self, image: RGBImage) -> NDArray[np.float32]:
        """Return ``(h, w)`` probabilities of a person, smaller than the image."""
        ...


class LiveModels(Protocol):
    """What the engine asks of networks. Several pictures go through each of them together."""

    @property
    def names(self) -> Models:
        """Which model does what."""
        ...

    @property
    def space(self) -> PostProcessing:
        """Where raw embeddings are compared if a gallery says nothing else; the embedder's own."""
        ...

    def detect(self, image: RGBImage, *, is_coarse: bool = False) -> list[Face]:
        """Search a picture, for all faces or only for large ones; empty without a detector."""
        ...

    def refine(self, requests: Sequence[tuple[RGBImage, BoxArray]]) -> list[list[Face]]:
        """Look where faces are expected; per picture one scored face per box."""
        ...

    def quality(self, sighting: Sighting) -> float:
        """Tell how much a face can be trusted to tell who it is, 0 to 1."""
        ...

    def embed(self, sightings: Sequence[Sighting]) -> Embeddings:
        """Return a raw unit row per face; must not be called without an embedder."""
        ...

    def read_emotions(self, sightings: Sequence[Sighting]) -> list[EmotionPrediction]:
        """Return a prediction per face; must not be called without an emotion network."""
        ...

    def load_segmenter(self) -> Segmenter:
        """Load what tells people from background; seconds. Raises ``WeightsError``."""
        ...


class ShippedModels:
    """The networks that Encore ships, loaded from disk.

    Args:
        weights_dir: Where optional downloads lie.
        embedder: Which embedder to use; by default the best that is shipped.
    """

    def __init__(self, weights_dir: Path | None = None, embedder: str | None = None) -> None:
        # Here and not above, so that the engine's arithmetic is tested without torch.
        from inference.detection.mtcnn import MtcnnDetector, MtcnnOptions
        from inference.detection.refiner import FaceRefiner
        from inference.device import inference_dtype, pick_device
        from inference.emotion.classifier import EmotionClassifier
        from inference.recognition import load_embedder

        self._weights_dir = weights_dir
        self._detector = _attempt(MtcnnDetector.load)
        coarse = MtcnnOptions(min_face=COARSE_FACE)
        self._coarse_detector = _attempt(lambda: MtcnnDetector.load(options=coarse))
        self._refiner = _attempt(FaceRefiner.load)
        self._embedder = _attempt(lambda: load_embedder(weights_dir, embedder))
        if self._embedder is not None:
            # On a processor that computes in half precision, half of the time.
            self._embedder.compute_in(inference_dtype(pick_device()))
        self._emotions = _attempt(lambda: EmotionClassifier.load(weights_dir))

    @property
    def names(self) -> Models:
        """Which model does what."""
        return {
            "detector": "mtcnn" if self._detector and self._refiner else None,
            "embedder": self._embedder.name if self._embedder else None,
            "emotion": self._emotions.name if self._emotions else None,
        }

    @property
    def space(self) -> PostProcessing:
        """That of the embedder; one in which nobody is near enough without one."""
        return self._embedder.postprocessing if self._embedder else unchanged(1, threshold=2.0)

    def detect(self, image: RGBImage, *, is_coarse: bool = False) -> list[Face]:
        """Search a picture, for all faces or only for those of at least ``COARSE_FACE``."""
        detector = self._coarse_detector if is_coarse else self._detector
        return detector.detect(image) if detector and self._refiner else []

    def refine(self, requests: Sequence[tuple[RGBImage, BoxArray]]) -> list[list[Face]]:
        """Look where faces are expected; there are none without a detector."""
        return self._refiner.refine(requests) if self._refiner else [[] for _ in requests]

    def quality(self, sighting: Sighting) -> float:
        """Tell how much a face can be trusted to tell who it is."""
        from inference.recognition.quality import face_quality

        return face_quality(*sighting)

    def embed(self, sightings: Sequence[Sighting]) -> Embeddings:
        """Embed the faces of several pictures, those of one picture together."""
        if self._embedder is None:
            raise WeightsError("no embedder is loaded")
        rows = [
            self._embedder.embed_raw(image, [face for _, face in group])
            for image, group in _by_picture(sightings)
        ]
        return np.concatenate(rows)

    def load_segmenter(self) -> Segmenter:
        """Load the portrait network."""
        from inference.segmentation.segmenter import PersonSegmenter

        return PersonSegmenter.load(self._weights_dir)

    def read_emotions(self, sightings: Sequence[Sighting]) -> list[EmotionPrediction]:
        """Read the faces of several pictures together."""
        from inference.emotion.preprocessing import emotion_crop, grey

        if self._emotions is None:
            raise WeightsError("no emotion network is loaded")
        crops = [grey(emotion_crop(image, face)) for image, face in sightings]
        return self._emotions.classify_crops(crops)


def _by_picture(sightings: Sequence[Sighting]) -> Iterator[tuple[RGBImage, list[Sighting]]]:
    """Group neighbours that are on the same picture, keeping their order."""
    for _, group in itertools.groupby(sightings, key=lambda sighting: id(sighting[0])):
        same = list(group)
        yield same[0][0], same


def missing_parts(names: Models) -> list[str]:
    """Return the parts that have no model."""
    return [part for part, name in names.items() if name is None]


def _attempt(load: Callable[[], Part]) -> Part | None:
    """Load a part; a missing one is reported and the engine goes on without it."""
    try:
        return load()
    except WeightsError as error:
        logger.warning("working without it: %s", error)
        return None
