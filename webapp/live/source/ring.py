"""The last seconds of a server-side source in full resolution, so that a moment can be kept."""

import threading
from collections import OrderedDict
from collections.abc import Collection

from webapp.live.messages import AskedFrame
from webapp.vision.films.sources import SourceFrame

RING_SECONDS = 6.0
"""Choosing takes 1.5 s, alternates lie as long before the peak, and three seconds are to spare."""
FAST_SECONDS = 20.0
"""Of a file that is read faster than it plays: its seconds pass more quickly."""
RING_BYTES = 120_000_000
NEAR_MS = 150.0
"""A frame further than this from an instant that was asked for is of no use."""
SAME_MS = 1.0


class SourceRing:
    """Holds whole frames by number; safe to use from several threads."""

    def __init__(self, seconds: float = RING_SECONDS, max_bytes: int = RING_BYTES) -> None:
        self.bytes = 0
        self._milliseconds = 1000 * seconds
        self._max_bytes = max_bytes
        self._frames: OrderedDict[int, SourceFrame] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frame: SourceFrame) -> None:
        """Hold the newest frame; what is too old or too much goes."""
        with self._lock:
            self._frames[frame.number] = frame
            self.bytes += len(frame.whole)
            while self._frames and self._is_over(next(iter(self._frames.values())), frame):
                _, oldest = self._frames.popitem(last=False)
                self.bytes -= len(oldest.whole)

    def find(self, asked: AskedFrame) -> SourceFrame | None:
        """Return the frame of this number and time."""
        with self._lock:
            frame = self._frames.get(asked["frame"])
        is_same = frame is not None and abs(frame.captured_at - asked["captured_at"]) <= SAME_MS
        return frame if is_same else None

    def nearest(self, at: float, but: Collection[int] = ()) -> SourceFrame | None:
        """Return the frame nearest to an instant in ms, if one is near; never one of ``but``."""
        with self._lock:
            found = [frame for number, frame in self._frames.items() if number not in but]
        best = min(found, key=lambda frame: abs(frame.captured_at - at), default=None)
        return best if best is not None and abs(best.captured_at - at) <= NEAR_MS else None

    def _is_over(self, oldest: SourceFrame, newest: SourceFrame) -> bool:
        is_old = oldest.captured_at < newest.captured_at - self._milliseconds
        return oldest is not newest and (is_old or self.bytes > self._max_bytes)
