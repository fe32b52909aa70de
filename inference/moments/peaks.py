"""When exactly a face was at its best, where frames are too far apart to tell."""

from collections.abc import Sequence

import numpy as np

from inference.moments.candidates import Candidate

_BELOW = 0.2
"""How far below the lowest frame of the window the usual face is taken to be, of its height."""


def peak_time(best: Candidate, others: Sequence[Candidate]) -> float:
    """Return the top of a bell through the best frame and its neighbours in time.

    An expression rises from what is usual and falls back to it, so the logarithms of the heights
    above that lie on a parabola. A parabola through the scores themselves would lean far towards
    the frame that was seen as soon as a neighbour shows the usual face.

    A slow network lets two or three frames a second through, and the best instant lies between
    them. Whoever films may have kept frames in between, and can send the nearest one.

    Args:
        best: The chosen frame.
        others: Frames of the same star around it; may hold ``best`` itself.

    Returns:
        In ms of the sender's clock; at most half way to a neighbour, and the time of ``best``
        itself where it has a neighbour on one side only.
    """
    before = [one for one in others if one.captured_at < best.captured_at]
    after = [one for one in others if one.captured_at > best.captured_at]
    if not before or not after:
        return best.captured_at
    left = max(before, key=lambda one: one.captured_at)
    right = min(after, key=lambda one: one.captured_at)
    times = np.array([one.captured_at - best.captured_at for one in (left, right)])
    lowest = min(one.score for one in others)
    usual = lowest - _BELOW * (best.score - lowest)
    if usual >= best.score:
        return best.captured_at
    heights = np.array([one.score - usual for one in (left, best, right)])
    logs = np.log(heights)
    drops = logs[[0, 2]] - logs[1]
    # log(height) = a * t ** 2 + b * t through the two neighbours, with best at t = 0.
    curve, slope = np.linalg.solve(np.stack([times**2, times], axis=1), drops)
    if curve >= 0:
        return best.captured_at
    top = float(np.clip(-slope / (2 * curve), times[0] / 2, times[1] / 2))
    return best.captured_at + top
