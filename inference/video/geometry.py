"""How a frame has to be turned and mirrored so that it is seen as its recorder meant it.

A film says so by a matrix (ISO/IEC 14496-12, 8.3.2), which FFmpeg hands on as side data of each
frame. Telephones write eight of them: four turns, each also mirrored, as the front camera films.
"""

import math
import struct
from dataclasses import dataclass

import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame

from inference.types import RGBImage

_MATRIX = struct.Struct("=9i")


@dataclass(frozen=True, slots=True)
class Orientation:
    """What makes a stored picture upright.

    Attributes:
        is_mirrored: Whether left and right change places first.
        quarter_turns: Then so many turns of 90 degrees to the right, 0 to 3.
    """

    is_mirrored: bool = False
    quarter_turns: int = 0

    @property
    def lies_on_its_side(self) -> bool:
        """Whether width and height change places."""
        return self.quarter_turns % 2 == 1

    def upright(self, image: RGBImage) -> RGBImage:
        """Return ``(H, W, 3)`` pixels as they are to be seen, in one piece."""
        mirrored = image[:, ::-1] if self.is_mirrored else image
        return np.ascontiguousarray(np.rot90(mirrored, -self.quarter_turns), dtype=np.uint8)


def orientation_of(frame: VideoFrame) -> Orientation:
    """Read the matrix of a frame; a slanted one counts as the nearest of the eight."""
    try:
        # PyAV's stubs know only two of the kinds.
        content = bytes(frame.side_data[Type.DISPLAYMATRIX])  # type: ignore[typeddict-item]
    except KeyError:
        return Orientation()
    a, b, _, c, d, *_ = _MATRIX.unpack(content[: _MATRIX.size])
    is_mirrored = a * d - b * c < 0
    # Of the first row, which says where "right" points to, as y grows downwards.
    right, down = (-a, -b) if is_mirrored else (a, b)
    return Orientation(is_mirrored, round(math.degrees(math.atan2(down, right)) / 90) % 4)
