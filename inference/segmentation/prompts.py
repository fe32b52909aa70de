"""Whom a mask is about, told to the network as a picture: soft discs on heads.

Discs of those who are meant count up, those of others who are known to be there count down, as the
clicks on object and background do in interactive segmentation. Nobody needs to be told about the
others; where they are, the network knows where somebody else begins.

A prompt as a map beside the colours is how interactive segmentation tells a network what is meant
(Xu et al. 2016, arXiv 1603.04042); here the points are faces that a detector has found already. An
empty map means everybody.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
PromptMap = NDArray[np.float32]
"""``(H, W)`` float32: 1 on a head that is meant, -1 on the head of somebody else, 0 elsewhere."""

SPREAD = 0.5
"""Standard deviation of a disc as a share of the face's height; a face box is about two wide."""

SMALLEST_SPREAD = 2.0
"""In pixels of the map: a head in the distance must not fall between them."""


def prompt_map(
    heads: Sequence[Box],
    photo_size: tuple[int, int],
    map_size: tuple[int, int],
    others: Sequence[Box] = (),
) -> PromptMap:
    """Draw a soft disc on each head, up for those who are meant and down for others.

    Args:
        heads: Face boxes ``(x1, y1, x2, y2)`` in pixels of the photo; none means everybody, and
            then nothing is drawn.
        photo_size: Height and width of the photo.
        map_size: Height and width of the map, which may be a little bent beside the photo.
        others: Face boxes of those who are not meant, as far as they are known.
    """
    if not heads:
        return np.zeros(map_size, np.float32)
    return _discs(heads, photo_size, map_size) - _discs(others, photo_size, map_size)


def _discs(
    heads: Sequence[Box], photo_size: tuple[int, int], map_size: tuple[int, int]
) -> PromptMap:
    drawn = np.zeros(map_size, np.float32)
    down, across = (mapped / real for mapped, real in zip(map_size, photo_size, strict=True))
    rows = np.arange(map_size[0], dtype=np.float32) + 0.5
    columns = np.arange(map_size[1], dtype=np.float32) + 0.5
    for x1, y1, x2, y2 in heads:
        spread = SPREAD * (y2 - y1)
        vertical = (rows - (y1 + y2) / 2 * down) / max(spread * down, SMALLEST_SPREAD)
        horizontal = (columns - (x1 + x2) / 2 * across) / max(spread * across, SMALLEST_SPREAD)
        disc = np.exp(-0.5 * (vertical[:, None] ** 2 + horizontal[None, :] ** 2))
        np.maximum(drawn, disc, out=drawn)
    return drawn
