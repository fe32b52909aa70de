"""What one face looked like in the last seconds, so that a frame is compared with its own star."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from inference.moments.measures import Chroma, FaceMeasures, Signature

PAST_SECONDS = 5.0
RENEW_SECONDS = 0.3
"""What is usual changes slowly, and finding it out is dear."""

_FEW_ENTRIES = 8
_MOST_ENTRIES = 160
"""Of one face: five seconds of a 30 fps camera, with room to spare."""


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """What is usual for a face.

    Attributes:
        intensity: Median of how much it expressed, 0 to 1.
        luma: Median brightness, 0 to 255.
        clipped: Median share of clipped pixels.
        openness: Of its eyes when open: the 80th percentile.
        signature: Mean of the aligned face.
        chroma: Median of its colours.
    """

    intensity: float
    luma: float
    clipped: float
    openness: float
    signature: Signature
    chroma: Chroma


class Past:
    """The measures of one face over the last five seconds. Fixed memory."""

    def __init__(self) -> None:
        self._entries: deque[tuple[float, float, FaceMeasures]] = deque(maxlen=_MOST_ENTRIES)
        self._usual: tuple[float, Usual] | None = None

    def add(self, time: float, intensity: float, measures: FaceMeasures) -> None:
        """Remember a frame; ``time`` in seconds, not falling."""
        self._entries.append((time, intensity, measures))
        while self._entries[0][0] < time - PAST_SECONDS:
            self._entries.popleft()

    def usual(self) -> Usual | None:
        """Summarise what was added; ``None`` before the first frame.

        The answer may be ``RENEW_SECONDS`` old once there are some frames.
        """
        if not self._entries:
            return None
        now = self._entries[-1][0]
        if self._usual is not None and now - self._usual[0] < RENEW_SECONDS:
            return self._usual[1]
        usual = self._summary()
        if len(self._entries) >= _FEW_ENTRIES:
            self._usual = (now, usual)
        return usual

    def _summary(self) -> Usual:
        table = np.array(
            [
                (intensity, one.luma, one.clipped, one.openness)
                for _, intensity, one in self._entries
            ]
        )
        intensity, luma, clipped, _ = np.median(table, axis=0)
        # Not every frame is needed for a mean face.
        step = max(len(self._entries) // 16, 1)
        faces = [entry[2] for entry in list(self._entries)[::step]]
        mean: Signature = np.mean([face.signature for face in faces], axis=0)
        colours: Chroma = np.median([face.chroma for face in faces], axis=0).astype(np.float32)
        return Usual(
            intensity=float(intensity),
            luma=float(luma),
            clipped=float(clipped),
            openness=float(np.percentile(table[:, 3], 80)),
            signature=mean,
            chroma=colours,
        )
