"""Emotions that follow the face and not the noise of single frames."""

import math
from collections.abc import Mapping

from inference.types import EmotionPrediction

TIME_CONSTANT_SECONDS = 0.6
"""After this time a changed expression has 63 % of the say: slower than a blink, faster than a
smile."""

INSTANT_SECONDS = 0.12
"""For the label of a moment: a peak is short, but one odd reading shall not name it."""

_LEAD = 0.08
"""By how much another label must lead before it replaces the shown one."""


class EmotionSmoother:
    """Probabilities averaged over time, the newest counting most (exponential average).

    The average weighs by time and not by frames, so a camera with few frames is not slower to see
    a smile.
    """

    def __init__(self, time_constant_seconds: float = TIME_CONSTANT_SECONDS) -> None:
        self._time_constant = time_constant_seconds
        self._probabilities: dict[str, float] = {}
        self._unsure = 0.0
        self._time = 0.0
        self._label: str | None = None

    def update(self, prediction: EmotionPrediction, time: float) -> None:
        """Take in what the network said about the face at a time in seconds."""
        share = 1.0
        if self._probabilities:
            share = 1.0 - math.exp(-max(time - self._time, 0.0) / self._time_constant)
        self._time = time
        self._probabilities = _blend(self._probabilities, prediction.probabilities, share)
        self._unsure += share * (float(prediction.label is None) - self._unsure)
        self._label = self._next_label()

    @property
    def probabilities(self) -> Mapping[str, float]:
        """Label to probability, summing to 1; empty before the first prediction."""
        return self._probabilities

    @property
    def label(self) -> str | None:
        """What the face expresses, or ``None`` while the network abstains more often than not."""
        return None if self._unsure > 0.5 else self._label

    def _next_label(self) -> str | None:
        if not self._probabilities:
            return None
        best = max(self._probabilities, key=lambda label: self._probabilities[label])
        shown = self._label
        if shown is None or self._probabilities[best] > self._probabilities[shown] + _LEAD:
            return best
        return shown


def _blend(old: Mapping[str, float], new: Mapping[str, float], share: float) -> dict[str, float]:
    """Move ``old`` towards ``new`` by ``share``, 0 to 1."""
    return {
        label: old.get(label, 0.0) + share * (probability - old.get(label, 0.0))
        for label, probability in new.items()
    }
