"""Which part of a picture is shown where its whole does not fit: the face with room for the head.

The one place that decides how cards, filmstrips and films are cut. Shares are of the whole
picture's width and height, so nothing here needs to know its pixels.
"""

from collections.abc import Sequence
from typing import NamedTuple

HEAD_ROOM = 0.45
"""Hair above the box of a face, and air above that, in heights of the face."""
CHIN_ROOM = 0.25
"""Below the box, likewise."""
FACE_LINE = 0.42
"""How far down in the window the middle of a face rests, where there is a choice."""
USUAL_CENTRE = (0.5, 0.35)
"""Of a picture in which nobody knows a face: people stand upright and heads are above."""


class Window(NamedTuple):
    """The part that is shown, as shares of the picture."""

    left: float
    top: float
    width: float
    height: float


def window_around(
    face: Sequence[float], picture_aspect: float, aspect: float, zoom: float = 1.0
) -> Window:
    """Return the part of a picture that shows a face with its hair, as large as the shape allows.

    Args:
        face: ``x1, y1, x2, y2`` as shares; empty where none is known. Of a group all of it.
        picture_aspect: Width by height of the picture in pixels.
        aspect: Width by height of what shall be filled.
        zoom: 1 for the largest part of that shape, more for a nearer one; it ends where the head
            would no longer fit.
    """
    width, height = min(1.0, aspect / picture_aspect), min(1.0, picture_aspect / aspect)
    if len(face) != 4:
        x, y = USUAL_CENTRE
        scale = 1 / max(zoom, 1.0)
        return _placed(x, y, width * scale, height * scale)
    x1, y1, x2, y2 = (min(max(side, 0.0), 1.0) for side in face)
    tall = y2 - y1
    top, bottom = max(0.0, y1 - HEAD_ROOM * tall), min(1.0, y2 + CHIN_ROOM * tall)
    needed = max((x2 - x1) / width, (bottom - top) / height)
    scale = min(1.0, max(1 / max(zoom, 1.0), needed))
    width, height = width * scale, height * scale
    window = _placed((x1 + x2) / 2, (y1 + y2) / 2, width, height)
    if bottom - top >= height:  # The head does not fit: rather its chin is cut than its hair.
        return window._replace(top=min(top, 1 - height))
    lowest, highest = bottom - height, top
    return window._replace(top=min(max(window.top, lowest, 0.0), highest, 1 - height))


def object_position(face: Sequence[float], picture_aspect: float, aspect: float) -> str:
    """Return the value of CSS' ``object-position`` that shows :func:`window_around`."""
    window = window_around(face, picture_aspect, aspect)
    return f"{_slid(window.left, window.width)}% {_slid(window.top, window.height)}%"


def _placed(x: float, y: float, width: float, height: float) -> Window:
    left = min(max(x - width / 2, 0.0), 1 - width)
    top = min(max(y - FACE_LINE * height, 0.0), 1 - height)
    return Window(left, top, width, height)


def _slid(start: float, length: float) -> int:
    """Return how far a window has moved between its two ends, in hundredths."""
    slack = 1 - length
    return round(100 * start / slack) if slack > 1e-6 else 50
