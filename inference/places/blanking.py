"""Overwriting parts of a file in place: every length and every offset stays what it was."""

import mmap
import re
from typing import TypeAlias

Buffer: TypeAlias = bytearray | mmap.mmap
"""A whole file, in memory or mapped."""

_BLOCK = 1 << 20
PLACE_WORDS = re.compile(
    rb"gps|location|iso.?6709|latitude|longitude|altitude|\bcity|country|province|coverage"
    rb"|\bplace|venue|landmark|address|\bgeo|\bloci\b|\xa9xyz",
    re.IGNORECASE,
)
"""In the name of a key whose value is a place."""
COORDINATES = re.compile(
    rb"[+-]\d{1,3}\.\d{2,12}\s?[+-]\d{1,3}\.\d{2,12}"
    rb"|[+-]?\d{1,3}\.\d{3,12}\s?[,;]\s?[+-]?\d{1,3}\.\d{3,12}"
)
"""Latitude and longitude written out, after ISO 6709 or as maps give them."""


class UnreadableError(Exception):
    """A structure is not what it claims to be; nobody can say what it holds."""


def blank(buffer: Buffer, start: int, end: int, filler: bytes = b"\0") -> None:
    """Overwrite a range, end outside, with one byte again and again."""
    end = min(end, len(buffer))
    for at in range(start, end, _BLOCK):
        stop = min(at + _BLOCK, end)
        if buffer[at:stop] != (nothing := filler * (stop - at)):
            buffer[at:stop] = nothing
