"""The stages of a photo behind two doors: everything about its faces, and its portrait.

Each part loads at its first use and fails by itself: without the emotion network faces still get
names, without an embedder they are still found.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.detection import DetectorName, FaceDetector, load_detector
from inference.recognition import FaceEmbedder, load_embedder
from inference.types import AlphaMask, Embeddings, EmotionPrediction, Face, RGBImage

Part = TypeVar("Part")
Box = tuple[float, float, float, float]
"""``(x1, y1, x2, y2)`` in pixels."""


class EmotionReader(Protocol):
    """Anything that says what faces express."""

    name: str

    def classify(self, image: RGBImage, faces: Sequence[Face]) -> list[EmotionPrediction]:
        """Return one prediction per face, in their order."""
        ...


class PersonFinder(Protocol):
    """Anything that separates people from what is behind them."""

    name: str

    def segment(
        self, image: RGBImage, heads: Sequence[Box] = (), others: Sequence[Box] = ()
    ) -> AlphaMask:
        """Return the soft mask of the people on these heads, or of all, of the photo's size."""
        ...

    def person_masks(self, image: RGBImage, heads: Sequence[Box]) -> NDArray[np.float32]:
        """Return ``(1 + N, H, W)``: the mask of everybody, and of each person alone."""
        ...

    def has_person(self, alpha: AlphaMask, faceless: RGBImage | None = None) -> bool:
        """Tell whether the mask holds enough to be called a person."""
        ...


class Late(Generic[Part]):
    """Something that is loaded when first asked for, once, whichever thread asks.

    A load that fails is tried again at the next call: the missing file may have come meanwhile.
    """

    def __init__(self, load: Callable[[], Part]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loaded: list[Part] = []

    def __call__(self) -> Part:
        """Return the part; raises what its loading raises."""
        with self._lock:
            if not self._loaded:
                self._loaded.append(self._load())
            return self._loaded[0]


class FacePipeline:
    """Finds faces, and says who they may be and what they express.

    Safe to call from several threads. Every method may raise ``WeightsError`` when its own part is
    missing.

    Args:
        detector: Loads the detector.
        embedder: Loads the embedder.
        emotions: Loads the emotion network.
    """

    def __init__(
        self,
        detector: Callable[[], FaceDetector],
        embedder: Callable[[], FaceEmbedder],
        emotions: Callable[[], EmotionReader],
    ) -> None:
        self._detector = Late(detector)
        self._embedder = Late(embedder)
        self._emotions = Late(emotions)

    @classmethod
    def load(
        cls,
        weights_dir: Path | None = None,
        detector: DetectorName = "mtcnn",
        embedder: str | None = None,
    ) -> "FacePipeline":
        """Prepare the pipeline; nothing is read from disk before it is needed.

        Args:
            weights_dir: Where optional downloads lie.
            detector: Which detector to use.
            embedder: Which embedder to use; by default the best that is shipped.
        """

        def emotions() -> EmotionReader:
            from inference.emotion.classifier import EmotionClassifier

            return EmotionClassifier.load(weights_dir)

        return cls(
            lambda: load_detector(detector), lambda: load_embedder(weights_dir, embedder), emotions
        )

    def find_faces(self, image: RGBImage) -> list[Face]:
        """Return the faces of an upright photo or tight crop, most confident first."""
        from inference.detection import framing

        return framing.find_faces(self._detector(), image)

    def embed(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Return ``(N, D)`` embeddings, a unit row per face in their order."""
        return self._embedder().embed(image, faces)

    def embed_raw(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Return ``(N, D)`` embeddings as they are to be stored, before post-processing."""
        return self._embedder().embed_raw(image, faces)

    @property
    def embedder_name(self) -> str:
        """The embedder in use; embeddings of different ones cannot be compared."""
        return self._embedder().name

    @property
    def threshold(self) -> float:
        """Cosine similarity below which a face stays unknown to this embedder."""
        return self._embedder().threshold

    def quality(self, image: RGBImage, faces: Sequence[Face]) -> list[float]:
        """Return how much each face can be trusted to tell who it is, 0 to 1."""
        from inference.recognition.quality import face_quality

        return [face_quality(image, face) for face in faces]

    def classify_emotions(self, image: RGBImage, faces: Sequence[Face]) -> list[EmotionPrediction]:
        """Return what each face expresses, in their order."""
        return self._emotions().classify(image, faces)

    @property
    def emotion_model(self) -> str:
        """The emotion network in use."""
        return self._emotions().name


class PortraitPipeline:
    """Masks the people of a photo and puts what is behind them out of focus.

    Args:
        segmenter: Loads the segmenter.
    """

    def __init__(self, segmenter: Callable[[], PersonFinder]) -> None:
        self._segmenter = Late(segmenter)

    @classmethod
    def load(cls, weights_dir: Path | None = None) -> "PortraitPipeline":
        """Prepare the pipeline; nothing is read from disk before it is needed."""

        def segmenter() -> PersonFinder:
            from inference.segmentation.segmenter import PersonSegmenter

            return PersonSegmenter.load(weights_dir)

        return cls(segmenter)

    def segment(
        self, image: RGBImage, heads: Sequence[Box] = (), others: Sequence[Box] = ()
    ) -> AlphaMask:
        """Return the soft mask, ``(H, W)`` like the photo, of these people or of all.

        Args:
            image: ``(H, W, 3)`` uint8 RGB, upright.
            heads: Face boxes of those who are meant, in its pixels; none means everybody.
            others: Face boxes of those who are not, as far as they are known.
        """
        return self._segmenter().segment(image, heads, others)

    def person_masks(self, image: RGBImage, heads: Sequence[Box]) -> NDArray[np.float32]:
        """Return ``(1 + N, H, W)``: the mask of everybody, then of each person alone."""
        return self._segmenter().person_masks(image, heads)

    def has_person(self, alpha: AlphaMask, faceless: RGBImage | None = None) -> bool:
        """Tell whether a mask shows anyone to make a portrait of.

        Args:
            alpha: The mask.
            faceless: The photo, if no face was found in it: it gets a second look.
        """
        return self._segmenter().has_person(alpha, faceless)

    def render(
        self, image: RGBImage, alpha: AlphaMask, strength: float, *, lights: bool = False
    ) -> RGBImage:
        """Blur what is behind the people; ``strength`` 0 leaves the photo, 1 blurs most.

        With ``lights`` lamps become discs. Needs no network, so a stored mask can be rendered where
        the segmenter is missing.
        """
        from inference.portrait.compositing import render_portrait

        return render_portrait(image, alpha, strength, lights=lights)

    @property
    def model_name(self) -> str:
        """The segmenter in use."""
        return self._segmenter().name
