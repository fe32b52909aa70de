"""What live pages may know of the words between web and engine: types, and how they are checked.

They come as they are from ``inference.protocol``, which loads nothing but the standard library.
"""

from inference.protocol.messages import (
    Answer,
    Label,
    LiveFace,
    MomentChosen,
    PortraitMask,
    Refused,
    Result,
    Taste,
    Timing,
)
from inference.protocol.reading import ShapeError, check_of

__all__ = [
    "Answer",
    "Label",
    "LiveFace",
    "MomentChosen",
    "PortraitMask",
    "Refused",
    "Result",
    "ShapeError",
    "Taste",
    "Timing",
    "check_of",
]
