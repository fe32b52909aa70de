"""The values that travel between the stages of inference.

Every value checks its own shape, so a mistake shows where it was made and not three stages later.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

RGBImage: TypeAlias = NDArray[np.uint8]
"""``(H, W, 3)`` uint8, red first, upright, sRGB."""

AlphaMask: TypeAlias = NDArray[np.float32]
"""``(H, W)`` float32, 0 to 1; 1 where the person is."""

BoxArray: TypeAlias = NDArray[np.float32]
"""``(N, 4)`` float32 as ``x1, y1, x2, y2`` in pixels; ``x2`` and ``y2`` are outside."""

Embedding: TypeAlias = NDArray[np.float32]
"""``(D,)`` float32 of unit length."""

Embeddings: TypeAlias = NDArray[np.float32]
"""``(N, D)`` float32, each row of unit length."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face found in one image.

    Attributes:
        box: ``(x1, y1, x2, y2)`` in pixels of the full-size image; ``x2`` and ``y2`` are outside.
            May reach beyond the image where the photo cuts the face.
        score: Detector confidence, 0 to 1.
        landmarks: ``(5, 2)`` float32 in pixels: left eye, right eye, nose tip, left and right
            mouth corner, left meaning left in the image.
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.landmarks.shape != (5, 2):
            raise ValueError(f"landmarks must have shape (5, 2), not {self.landmarks.shape}")

    @property
    def width(self) -> float:
        """Width of the box in pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True)
class EmotionPrediction:
    """What a face expresses.

    Attributes:
        probabilities: Label to probability, the seven product labels in the order of
            ``inference.emotion.labels``; they sum to 1.
        label: The most probable label, or ``None`` where the network abstains.
        contempt: Probability of contempt from the eight-class head, 0 to 1; an extra.
    """

    probabilities: dict[str, float] = field(default_factory=dict)
    label: str | None = None
    contempt: float = 0.0
