"""How much two boxes overlap, in plain Python: for the few faces of one photo."""

from webapp.vision.values import Box

SAME_FACE_IOU = 0.5
"""Two boxes that overlap by more than this show the same face."""


def box_iou(box: Box, other: Box) -> float:
    """Return intersection over union, 0 to 1; a box without area overlaps nothing."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(box) + _area(other) - shared)


def pair_boxes(boxes: list[Box], others: list[Box]) -> dict[int, int]:
    """Pair boxes that show the same face, the best overlap first; each is used once.

    Returns:
        Index in ``boxes`` to index in ``others``; what has no partner is left out.
    """
    overlaps = sorted(
        (
            (box_iou(box, other), i, j)
            for i, box in enumerate(boxes)
            for j, other in enumerate(others)
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for overlap, i, j in overlaps:
        if overlap > SAME_FACE_IOU and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
