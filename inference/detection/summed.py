"""Means over any rectangles of a photo, each in constant time.

A detector looks at the same photo in many sizes and at thousands of boxes of it. With a table of
running sums (Crow 1984, "Summed-area tables for texture mapping") every small pixel is four
look-ups, however many large pixels it averages, and thousands of crops are one numpy expression.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.types import RGBImage

MID_GREY = 127.5
"""What lies outside the photo; 0 in the values returned here."""

Bounds = tuple[NDArray[np.int64], NDArray[np.int64]]
"""First and one past the last large pixel under each small one."""


def cell_bounds(length: int | NDArray[np.int64], count: int) -> Bounds:
    """Divide ``length`` pixels into ``count`` cells that cover them, overlapping where they must.

    The same division as adaptive average pooling, which the networks' reference uses.

    Args:
        length: Pixels to divide, or ``(N, 1)`` several such numbers.
        count: Number of cells.

    Returns:
        Starts and ends, ``(count,)`` or ``(N, count)``.
    """
    index = np.arange(count)
    return index * length // count, -(-(index + 1) * length // count)


class SummedArea:
    """The running sums of one photo.

    The sums may overflow 32 bits on large photos; differences of them still come out right as long
    as one rectangle holds less than 8 million pixels, because whole numbers wrap around.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
    """

    def __init__(self, image: RGBImage) -> None:
        self.height, self.width = image.shape[:2]
        self._sums = np.asarray(cv2.integral(image, sdepth=cv2.CV_32S))

    def grid(self, rows: Bounds, columns: Bounds) -> NDArray[np.float32]:
        """Average the photo over a grid of cells inside it.

        Args:
            rows: Bounds of the ``h`` cells from top to bottom.
            columns: Bounds of the ``w`` cells from left to right.

        Returns:
            ``(h, w, 3)``: mean colour minus grey, -127.5 to 127.5.
        """
        (top, bottom), (left, right) = rows, columns
        part = self._sums[:, left[0] : right[-1] + 1]
        bands = part[bottom] - part[top]
        offset = left[0]
        sums = bands[:, right - offset] - bands[:, left - offset]
        area = ((bottom - top)[:, None] * (right - left)).astype(np.float32)
        means: NDArray[np.float32] = sums.astype(np.float32) / area[..., None]
        return means - np.float32(MID_GREY)

    def crops(self, corners: NDArray[np.int64], size: int) -> NDArray[np.float32]:
        """Cut boxes out and resize them to squares.

        Args:
            corners: ``(N, 4)`` as ``x1, y1, x2, y2`` in whole pixels, ``x2`` and ``y2`` outside;
                may reach beyond the photo, where everything is grey.
            size: Side of the squares in pixels.

        Returns:
            ``(N, size, size, 3)``: mean colour minus grey, -127.5 to 127.5.
        """
        x1, y1, x2, y2 = (corners[:, index, None] for index in range(4))
        left, right = (x1 + bound for bound in cell_bounds(x2 - x1, size))
        top, bottom = (y1 + bound for bound in cell_bounds(y2 - y1, size))
        area = (bottom - top)[:, :, None] * (right - left)[:, None, :]
        left, right = (np.clip(bound, 0, self.width)[:, None, :] for bound in (left, right))
        top, bottom = (np.clip(bound, 0, self.height)[:, :, None] for bound in (top, bottom))
        sums = self._sums[bottom, right] - self._sums[top, right]
        sums += self._sums[top, left] - self._sums[bottom, left]
        inside = ((bottom - top) * (right - left)).astype(np.float32)
        centred = sums.astype(np.float32) - np.float32(MID_GREY) * inside[..., None]
        means: NDArray[np.float32] = centred / area.astype(np.float32)[..., None]
        return means
