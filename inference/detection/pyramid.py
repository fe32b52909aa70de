"""A photo in falling sizes, each cut into tiles that fit the processor's cache.

MTCNN's first network sees windows of 12 pixels, so faces of all sizes are found by showing it the
photo in many sizes. Two things are done here that the usual implementation leaves out:

- Every size gets a grey border of half a window, so a face cut by the photo's edge is still seen;
  bordering the full-size photo for its largest possible face would quadruple the work.
- Sizes are computed tile by tile. The tiles overlap by what the network loses at a convolution's
  edges, so their outputs abut exactly: no face is found twice, none is lost between two tiles, and
  the memory does not grow with the photo.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.detection.summed import Bounds, SummedArea, cell_bounds

WINDOW = 12
"""Side of what the first network sees, in pixels."""

STRIDE = 2
"""Pixels between two of its windows."""

FACTOR = 0.709
"""Step between two sizes, about the square root of a half, as in the reference."""

BORDER = WINDOW // 2
"""Grey pixels around every size; even, so that windows inside the photo stay where they were."""

TILE = 246
"""Pixels between two tiles: with what they overlap a multiple of 32, which is what the first
network takes; measured fastest of 118 to 374 on one core."""

_OVERLAP = WINDOW - STRIDE


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the photo in one size.

    Attributes:
        x: Column of its left edge in that size, where the photo begins at 0; may be negative.
        y: Row of its upper edge.
        pixels: ``(H, W, 3)`` float32, -127.5 to 127.5; 0 outside the photo.
    """

    x: int
    y: int
    pixels: NDArray[np.float32]


def level_scales(height: int, width: int, min_face: float) -> list[float]:
    """Return the scales to search, largest first.

    They end where the photo's shorter side is half a window: the border then completes a face of
    which the photo shows only one half.

    Raises:
        ValueError: ``min_face`` is smaller than the network's window.
    """
    if min_face < WINDOW:
        raise ValueError(f"faces below {WINDOW} px cannot be found, so not min_face={min_face}")
    scales = []
    scale = WINDOW / min_face
    while min(height, width) * scale >= WINDOW - BORDER:
        scales.append(scale)
        scale *= FACTOR
    return scales


def tiles(photo: SummedArea, scale: float) -> Iterator[Tile]:
    """Yield the photo at one scale, bordered, in tiles from the upper left to the lower right."""
    rows = cell_bounds(photo.height, int(photo.height * scale + 1))
    columns = cell_bounds(photo.width, int(photo.width * scale + 1))
    for y, tile_height in _spans(len(rows[0])):
        for x, tile_width in _spans(len(columns[0])):
            yield _tile(photo, rows, columns, (x, y, tile_width, tile_height))


def _spans(length: int) -> Iterator[tuple[int, int]]:
    """Yield start and length of each tile along one axis of ``length`` pixels without border."""
    end = length + BORDER
    for start in range(-BORDER, end - _OVERLAP, TILE):
        # A rest that no window fits into is left out by the range above.
        yield start, min(TILE + _OVERLAP, end - start)


def _tile(
    photo: SummedArea, rows: Bounds, columns: Bounds, place: tuple[int, int, int, int]
) -> Tile:
    x, y, width, height = place
    pixels = np.zeros((height, width, 3), dtype=np.float32)
    inner_rows = slice(max(y, 0), min(y + height, len(rows[0])))
    inner_columns = slice(max(x, 0), min(x + width, len(columns[0])))
    means = photo.grid(
        (rows[0][inner_rows], rows[1][inner_rows]),
        (columns[0][inner_columns], columns[1][inner_columns]),
    )
    top, left = inner_rows.start - y, inner_columns.start - x
    pixels[top : top + means.shape[0], left : left + means.shape[1]] = means
    return Tile(x, y, pixels)
