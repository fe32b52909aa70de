"""When frames were sent too seldom to meet a peak: which instants between them to ask for.

A camera has at most two frames unanswered, so a slow line lets it send only a few in a second; its
ring holds them all. The peak lies within half a gap of the best frame that was seen, on the side
of the better neighbour where that is known.
"""

from collections.abc import Mapping, Sequence
from typing import Any

CLOSE_MS = 133.0
"""Frames nearer than this need nothing between them: the peak is within 67 ms of one."""
POINTS = 4
"""As many as a moment has alternates."""


def times_between(frames: Sequence[Mapping[str, Any]], sent: Sequence[float]) -> list[float]:
    """Return instants near a chosen frame at which the camera has frames that nobody has seen.

    Args:
        frames: Of the moment, with ``captured_at`` in ms and ``score``; the chosen one first.
        sent: When the last frames that were seen were taken, in ms, in any order.

    Returns:
        At most four, the nearest first; none where the frames are close enough.
    """
    best = frames[0]["captured_at"]
    before = best - max((at for at in sent if at < best), default=best)
    after = min((at for at in sent if at > best), default=best) - best
    scores = {one["captured_at"]: one["score"] for one in frames[1:]}
    lower, higher = scores.get(best - before), scores.get(best + after)
    if lower is not None and higher is not None and lower != higher:
        side = -before if lower > higher else after
        return _spread(best, side / 2, POINTS)
    if lower is None and higher is not None:
        return _spread(best, after / 2, POINTS)
    if higher is None and lower is not None:
        return _spread(best, -before / 2, POINTS)
    both = _spread(best, -before / 2, POINTS // 2) + _spread(best, after / 2, POINTS // 2)
    return sorted(both, key=lambda at: abs(at - best))


def _spread(best: float, reach: float, points: int) -> list[float]:
    """Return instants evenly spread from ``best`` (not included) to ``best + reach``."""
    if 2 * abs(reach) <= CLOSE_MS:
        return []
    return [best + reach * step / points for step in range(1, points + 1)]
