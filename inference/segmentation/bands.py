"""Work on large photos a band of rows at a time, so memory does not grow with the photo."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

BAND_ROWS = 256


def row_bands(height: int, rows: int = BAND_ROWS) -> Iterator[slice]:
    """Yield slices that cover ``height`` rows in order, each of ``rows`` rows but the last."""
    for start in range(0, height, rows):
        yield slice(start, min(start + rows, height))


def enlarge_band(
    coarse: NDArray[np.floating[Any]], band: slice, size: tuple[int, int]
) -> NDArray[np.float32]:
    """Return the rows of ``band`` out of ``coarse`` enlarged to ``size``, by linear interpolation.

    All bands together equal the whole array enlarged at once, without holding that array.

    Args:
        coarse: ``(h, w)`` or ``(h, w, C)`` float32.
        band: Rows of the enlarged array.
        size: Height and width of the whole enlarged array.
    """
    height, width = size
    position = (np.arange(band.start, band.stop) + 0.5) * coarse.shape[0] / height - 0.5
    position = np.clip(position, 0, coarse.shape[0] - 1)
    above = np.floor(position).astype(np.intp)
    below = np.minimum(above + 1, coarse.shape[0] - 1)
    share = (position - above).astype(np.float32).reshape(-1, *[1] * (coarse.ndim - 1))
    rows = coarse[above] * (1 - share) + coarse[below] * share
    enlarged = cv2.resize(rows, (width, len(position)), interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, np.float32)
