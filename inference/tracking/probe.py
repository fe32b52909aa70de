"""The looks at one face as one probe: their mean, in which the noise of each averages out.

One look at a moving face under stage light may err. A track keeps its last raw embeddings; each
counts by its quality and fades with time. What is compared with a gallery is their mean, made
comparable as a whole, because post-processing bends what a mean of bent rows would not undo.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.recognition.postprocessing import PostProcessing, unit_rows
from inference.types import Embedding

MAX_LOOKS = 12

HALF_LIFE_SECONDS = 20.0
"""After so long a look counts half of a new one."""

OTHER_PERSON = 0.25
"""Cosine similarity to the mean below which a look shows somebody else, or nobody. With the shipped
post-processing of 1,504 K-pop photos 0.5 % of second looks at the same shot under another light lie
below, hardly any later ones, and 80 % of looks at other people."""


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    raw: Embedding
    quality: float
    time: float


class Probe:
    """What is known of one face. Fixed memory: the oldest look goes when a new one comes.

    A look that resembles the others too little is set aside. If the next one does neither, the
    track has gone over to somebody else, and the probe begins anew. After a cut of the scene the
    first look is enough, and it has to resemble the others as two looks at one person do.

    Args:
        space: Makes raw embeddings comparable, where looks are compared with each other.
    """

    def __init__(self, space: PostProcessing) -> None:
        self._space = space
        self._looks: deque[_Look] = deque(maxlen=MAX_LOOKS)
        self._odd: _Look | None = None
        self.count = 0
        self.is_doubted = False
        self.raw: Embedding | None = None
        self.embedding: Embedding | None = None

    def add(self, raw: Embedding, quality: float, time: float) -> bool:
        """Take in a look.

        Args:
            raw: ``(D,)`` of unit length, before post-processing.
            quality: Its weight, above 0 to 1.
            time: In seconds, never falling.

        Returns:
            Whether the probe began anew, because the track shows somebody else by now.
        """
        look = _Look(raw, max(quality, 1e-3), time)
        self.count += 1
        # After a cut it is somebody else unless it clearly is not: to begin anew costs a look.
        least = self._space.threshold if self.is_doubted else OTHER_PERSON
        is_other = self.embedding is not None and self.likeness(raw) < least
        if is_other and not self.is_doubted and self._odd is None:
            self._odd = look
            return False
        if is_other:
            self._looks.clear()
        self._odd, self.is_doubted = None, False
        self._looks.append(look)
        self._average()
        return is_other

    def doubt(self) -> None:
        """Take into account that the scene was cut: the next look tells whether it is the same."""
        self.is_doubted = bool(self._looks)

    def likeness(self, raw: Embedding) -> float:
        """Return how near a look is to the mean of the others, -1 to 1; -1 without any."""
        if self.embedding is None:
            return -1.0
        return float(self._space.apply(raw[None])[0] @ self.embedding)

    @property
    def is_unsettled(self) -> bool:
        """Whether another look should follow at once."""
        return self.is_doubted or self._odd is not None

    @property
    def weight(self) -> float:
        """Sum of the qualities of the looks, faded."""
        return float(self._weights().sum())

    @property
    def looks(self) -> float:
        """How many equally good looks would average as well (Kish 1965); 0 without any."""
        weights = self._weights()
        return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0

    def _weights(self) -> NDArray[np.float64]:
        newest = self._looks[-1].time if self._looks else 0.0
        return np.array(
            [
                look.quality * 0.5 ** ((newest - look.time) / HALF_LIFE_SECONDS)
                for look in self._looks
            ]
        )

    def _average(self) -> None:
        rows = np.stack([look.raw for look in self._looks])
        mean = (self._weights() @ rows).astype(np.float32)[None]
        self.raw = unit_rows(mean)[0]
        self.embedding = self._space.apply(unit_rows(mean))[0]
