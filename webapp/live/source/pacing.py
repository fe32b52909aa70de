"""When the next frame may be sent, so that frames that are on the way are evenly apart.

With two frames unanswered and a slow line, credits come back in pairs: two frames at once and then
nothing for the whole way there and back. Spread evenly they see twice as much of what happens.
"""

SHARE = 0.95
"""Of an even distance: a line that gets quicker is noticed, and no credit lies idle."""
WEIGHT = 0.3
"""Of the newest round trip in their running mean."""


class Pace:
    """Learns how long answers take, in seconds of the caller's clock.

    Args:
        credits: Frames that may be unanswered.
    """

    def __init__(self, credits: int) -> None:
        self._credits = credits
        self._sent: dict[int, float] = {}
        self._last = float("-inf")
        self._round_trip = 0.0

    def is_due(self, now: float) -> bool:
        """Whether the next frame is far enough from the one before."""
        return now - self._last >= SHARE * self._round_trip / self._credits

    def sent(self, frame: int, now: float) -> None:
        """Note that a frame has left."""
        self._sent[frame] = self._last = now

    def answered(self, frame: int, now: float) -> None:
        """Note that its answer came."""
        began = self._sent.pop(frame, None)
        if began is not None:
            took = now - began
            before = self._round_trip or took
            self._round_trip = before + WEIGHT * (took - before)
