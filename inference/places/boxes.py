"""Boxes of ISO 14496-12, on which MP4, QuickTime and HEIC are built."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from inference.places.blanking import Buffer, UnreadableError, blank

_MAX_BOXES = 100_000


@dataclass(frozen=True, slots=True)
class Box:
    """One box.

    Attributes:
        kind: Its four letters.
        at: Where its head begins.
        start: Where its content begins; it ends at ``end``, outside.
    """

    kind: bytes
    at: int
    start: int
    end: int

    def blank(self, buffer: Buffer) -> None:
        """Turn it into free space of the same length."""
        if self.kind != b"free":
            buffer[self.at + 4 : self.at + 8] = b"free"
        blank(buffer, self.start, self.end)


def boxes(buffer: Buffer, start: int, end: int) -> Iterator[Box]:
    """Walk the boxes of a range; a few bytes behind the last one are passed over.

    Raises:
        UnreadableError: One is longer than its range, or there are too many.
    """
    for _ in range(_MAX_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", buffer, start)
        content = start + 8
        if size == 1 and start + 16 <= end:
            (size,) = struct.unpack_from(">Q", buffer, content)
            content += 8
        elif size == 0:
            size = end - start
        if size < content - start or start + size > end:
            raise UnreadableError
        yield Box(kind, start, content, start + size)
        start += size
    raise UnreadableError
