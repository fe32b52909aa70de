"""When frames were sent too seldom to meet a peak: which instants between them to ask for.

A camera has at most two frames unanswered, so a slow line lets it send only a few in a second; its
ring holds them all. The engine tells when the peak must have been (``peak_at``); the frame nearest
to that is what a quick line would have shown, and a few around it make up for an estimate.
"""

from collections.abc import Sequence

CLOSE_MS = 133.0
"""Frames nearer than this need nothing between them: the peak is within 67 ms of one."""
LEAST_STEP_MS, MOST_STEP_MS = 50.0, 133.0
_STEPS = (0, -1, 1, 2)
"""The peak itself first; the last one lies on the side away from the frame that was seen."""


def times_between(best_at: float, peak_at: float, sent: Sequence[float]) -> list[float]:
    """Return instants near a peak at which the camera may have frames that nobody has seen.

    Args:
        best_at: When the chosen frame was taken, in ms.
        peak_at: When the moment must have been at its best.
        sent: When the last frames that were seen were taken, in any order.

    Returns:
        Four, the peak first; none where the frames that were seen are close enough.
    """
    before = best_at - max((at for at in sent if at < best_at), default=best_at)
    after = min((at for at in sent if at > best_at), default=best_at) - best_at
    gap = max(before, after)
    if gap <= CLOSE_MS:
        return []
    step = min(max(gap / 6, LEAST_STEP_MS), MOST_STEP_MS)
    side = step if peak_at >= best_at else -step
    return [peak_at + side * place for place in _STEPS]
