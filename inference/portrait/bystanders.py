"""Heads of people who shall not be recognised, made unrecognisable in a picture.

A blur can be undone in part, and recognisers are trained on blurred faces. So what is under a head
is thrown away: of the whole head, hair and ears among it, a few cells are left, each the mean of
what it covered, and everything else of the new head is drawn between them. Where the region ends it
fades into the picture, outside the head.
"""

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.types import RGBImage

Box: TypeAlias = tuple[float, float, float, float]
"""``x1, y1, x2, y2`` in pixels of the picture; may reach beyond it."""

CELLS = 4
"""Across a head and down it: a face has some two by two of them."""
SIDES, ABOVE, BELOW = 0.35, 0.55, 0.25
"""How far a head reaches beyond the box of its face, in widths and heights of that box."""
FADE = 0.15
"""Of the region's radius, outside it."""
SAME_IOU = 0.4
PART_SHARE = 0.3
"""A box so much smaller than that of a face it lies on is a part of that face."""


def unnamed_among(found: Sequence[Box], named: Sequence[Box]) -> list[Box]:
    """Return the boxes that are of nobody who is named, nor of a part of such a face."""
    return [box for box in found if not any(_is_of(box, one) for one in named)]


def hide_heads(image: RGBImage, hidden: Sequence[Box], named: Sequence[Box]) -> RGBImage:
    """Make the heads of some faces unrecognisable, whatever their surroundings.

    Where the hair of one covers the face of somebody who is named, that face stays as it is; where
    the faces themselves overlap, both are hidden there.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        hidden: Faces that nobody shall recognise.
        named: Faces that stay.

    Returns:
        A new ``(H, W, 3)`` uint8 RGB image.
    """
    result = image.copy()
    for box in hidden:
        _hide(result, box, named)
    return result


def _hide(image: RGBImage, face: Box, named: Sequence[Box]) -> None:
    head = _head_of(face)
    height, width = image.shape[:2]
    around = (1 + FADE) * np.array([head[2] - head[0], head[3] - head[1]]) / 2
    middle = np.array([head[0] + head[2], head[1] + head[3]]) / 2
    left, top = np.floor(middle - around).astype(int).clip(0, (width, height))
    right, bottom = np.ceil(middle + around).astype(int).clip(0, (width, height))
    if right <= left or bottom <= top:
        return
    part = image[top:bottom, left:right]
    corner = (float(left), float(top))
    alpha = np.clip((1 + FADE - _radii(part, corner, head)) / FADE, 0, 1)
    is_own = _radii(part, corner, face) <= 1
    for other in named:
        alpha[(_radii(part, corner, other) <= 1) & ~is_own] = 0
    cells = cv2.resize(part, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    drawn = cv2.resize(cells, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR)
    mixed = part + alpha[..., None] * (drawn.astype(np.float32) - part)
    image[top:bottom, left:right] = np.rint(mixed).astype(np.uint8)


def _head_of(face: Box) -> Box:
    x1, y1, x2, y2 = face
    width, height = x2 - x1, y2 - y1
    return (x1 - SIDES * width, y1 - ABOVE * height, x2 + SIDES * width, y2 + BELOW * height)


def _radii(part: RGBImage, corner: tuple[float, float], box: Box) -> NDArray[np.float32]:
    """Return how far each pixel is from the middle of a box: 1 on the ellipse that fills it."""
    x1, y1, x2, y2 = box
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    across = (columns + corner[0] + 0.5 - (x1 + x2) / 2) / max((x2 - x1) / 2, 1e-6)
    down = (rows + corner[1] + 0.5 - (y1 + y2) / 2) / max((y2 - y1) / 2, 1e-6)
    return np.sqrt(across**2 + down**2).astype(np.float32)


def _is_of(box: Box, face: Box) -> bool:
    shared = max(0.0, min(box[2], face[2]) - max(box[0], face[0])) * max(
        0.0, min(box[3], face[3]) - max(box[1], face[1])
    )
    own, whole = _area(box), _area(face)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    is_inside = face[0] < middle[0] < face[2] and face[1] < middle[1] < face[3]
    is_part = is_inside and own < PART_SHARE * whole
    return is_part or shared >= SAME_IOU * (own + whole - shared)


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
