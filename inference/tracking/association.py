"""Which found face continues which track."""

import numpy as np
from numpy.typing import NDArray

from inference.geometry import box_iou
from inference.pairing import best_pairs
from inference.types import BoxArray

MIN_IOU = 0.3
"""Overlap from which a face may continue a track by its place alone."""

REACH = 3.0
"""Face widths within which a face may continue a hidden track by its looks alone."""

_CLEARLY_OTHER = 0.3
"""So far below the threshold of one person, two looks show two people."""


def associate(
    predicted: BoxArray,
    found: BoxArray,
    similarity: NDArray[np.float32],
    same_person: float,
) -> list[tuple[int, int]]:
    """Pair tracks with faces so that the sum of their agreement is largest.

    Place decides, and looks where they are known: they hold two people apart who cross, and bring
    back somebody who was hidden.

    Args:
        predicted: ``(T, 4)`` boxes of the tracks.
        found: ``(N, 4)`` boxes of the faces.
        similarity: ``(T, N)`` cosine similarity, NaN where it is not known.
        same_person: Similarity from which two looks show the same person.

    Returns:
        Pairs of track and face; each occurs at most once.
    """
    if not len(predicted) or not len(found):
        return []
    overlap = box_iou(predicted, found)
    is_known = ~np.isnan(similarity)
    margin = np.where(is_known, similarity - same_person, 0.0)
    gain = np.where(overlap >= MIN_IOU, overlap + margin, 0.0)
    is_back = is_known & (margin >= 0) & is_near(predicted, found, REACH)
    gain = np.where(is_back, np.maximum(gain, 0.1 + margin), gain)
    gain[is_known & (margin < -_CLEARLY_OTHER)] = 0.0
    return best_pairs(gain)


def is_near(boxes: BoxArray, others: BoxArray, reach: float) -> NDArray[np.bool_]:
    """Tell for every two boxes whether their centres lie within ``reach`` of the larger width."""
    centres, other_centres = ((part[:, :2] + part[:, 2:]) / 2 for part in (boxes, others))
    widths, other_widths = (part[:, 2] - part[:, 0] for part in (boxes, others))
    distance = np.linalg.norm(centres[:, None] - other_centres[None], axis=2)
    near: NDArray[np.bool_] = distance <= reach * np.maximum(widths[:, None], other_widths[None])
    return near
