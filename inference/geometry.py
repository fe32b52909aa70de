"""Arithmetic on boxes and points: pure numpy, no images, no models.

Boxes are ``x1, y1, x2, y2`` in pixels with ``x2`` and ``y2`` outside.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inference.types import BoxArray


def box_area(boxes: BoxArray) -> NDArray[np.float32]:
    """Return the area of each of ``(N, 4)`` boxes, 0 where a box is turned inside out."""
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    area: NDArray[np.float32] = sides[:, 0] * sides[:, 1]
    return area


def box_intersection(boxes: BoxArray, others: BoxArray) -> NDArray[np.float32]:
    """Return the ``(N, M)`` area that every box shares with every other box."""
    top_left = np.maximum(boxes[:, None, :2], others[None, :, :2])
    bottom_right = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    sides = np.clip(bottom_right - top_left, 0, None)
    intersection: NDArray[np.float32] = sides[..., 0] * sides[..., 1]
    return intersection


def box_iou(boxes: BoxArray, others: BoxArray) -> NDArray[np.float32]:
    """Overlap of every box with every other box.

    Args:
        boxes: ``(N, 4)`` as ``x1, y1, x2, y2`` in pixels.
        others: ``(M, 4)`` in the same form.

    Returns:
        ``(N, M)`` intersection over union, 0 to 1. A box without area overlaps nothing.
    """
    intersection = box_intersection(boxes, others)
    union = box_area(boxes)[:, None] + box_area(others)[None, :] - intersection
    return _ratio(intersection, union)


def box_containment(boxes: BoxArray, others: BoxArray) -> NDArray[np.float32]:
    """Intersection over the smaller of the two areas, ``(N, M)``; 1 where one holds the other."""
    intersection = box_intersection(boxes, others)
    smaller = np.minimum(box_area(boxes)[:, None], box_area(others)[None, :])
    return _ratio(intersection, smaller)


def _ratio(part: NDArray[np.float32], whole: NDArray[np.float32]) -> NDArray[np.float32]:
    ratio: NDArray[np.float32] = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return ratio


def clip_boxes(boxes: BoxArray, width: int, height: int) -> BoxArray:
    """Return ``(N, 4)`` boxes cut to an image of ``width`` by ``height``, as a new array."""
    return np.clip(boxes, 0, np.array([width, height, width, height], dtype=boxes.dtype))


def similarity_transform(
    source: ArrayLike, target: ArrayLike, weights: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Find the rotation, scale and shift that best lay one set of points on another.

    Weighted least squares in closed form (Umeyama 1991 without reflection): with centred points
    as complex numbers the best factor is the projection of target on source.

    Args:
        source: ``(N, 2)`` points.
        target: ``(N, 2)`` points.
        weights: ``(N,)``, how much each point counts; all alike by default.

    Returns:
        ``(2, 3)`` float64 matrix; ``matrix @ (x, y, 1)`` maps source to target.

    Raises:
        ValueError: The shapes differ, fewer than two points count, or they coincide.
    """
    source = np.asarray(source, dtype=np.float64)
    target = np.asarray(target, dtype=np.float64)
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 2:
        raise ValueError(f"points must both be (N, 2), not {source.shape} and {target.shape}")
    share = np.ones(len(source)) if weights is None else np.asarray(weights, dtype=np.float64)
    share = share / share.sum()
    source_mean, target_mean = share @ source, share @ target
    centred_source = (source - source_mean) @ np.array([1, 1j])
    centred_target = (target - target_mean) @ np.array([1, 1j])
    spread = float(np.sum(share * np.abs(centred_source) ** 2))
    if not spread > 1e-12:
        raise ValueError("a similarity needs two points that differ")
    factor = complex(np.sum(share * np.conj(centred_source) * centred_target)) / spread
    rotation = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.hstack([rotation, (target_mean - rotation @ source_mean)[:, None]])


def transform_points(matrix: ArrayLike, points: ArrayLike) -> NDArray[np.float64]:
    """Apply a ``(2, 3)`` matrix to ``(N, 2)`` points."""
    matrix = np.asarray(matrix, dtype=np.float64)
    moved: NDArray[np.float64] = np.asarray(points) @ matrix[:, :2].T + matrix[:, 2]
    return moved
