"""A hash of the stored picture alone, which no change of metadata changes.

What an upload loses here (places), what a program adds (a rating, a date) and how a file is put
together leave the compressed picture as it is. So a photo that comes back is known.
"""

import hashlib
import mmap
from collections.abc import Iterable
from pathlib import Path

from inference.places.blanking import Buffer, UnreadableError
from inference.places.pictures import heif, jpeg, png, webp

_Ranges = Iterable[tuple[int, int]]


def picture_sha256(path: Path) -> str:
    """Return the hash of the compressed picture; empty where it cannot be told from the rest.

    Nothing is decoded. A file is read once, a block at a time.
    """
    if path.stat().st_size == 0:
        return ""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return _digest(data, _ranges(data))
        except UnreadableError:
            return ""


def _digest(data: Buffer, ranges: _Ranges) -> str:
    digest = hashlib.sha256()
    length = 0
    for start, end in ranges:
        digest.update(data[start:end])
        length += end - start
    return digest.hexdigest() if length else ""


def _ranges(data: Buffer) -> _Ranges:
    """Return which parts of a file are its picture.

    Raises:
        UnreadableError: It is of no kind that is taken, or broken.
    """
    head = bytes(data[:12])
    if head.startswith(b"\xff\xd8"):
        return _of_jpeg(data)
    if head.startswith(png.SIGNATURE):
        return [(start + 4, end - 4) for kind, start, end in png.chunks(data) if kind in png.PIXELS]
    if head.startswith(b"RIFF"):
        return [(start, end) for kind, start, end in webp.chunks(data) if kind in webp.PIXELS]
    if head[4:8] == b"ftyp":
        return [extent for item in heif.items(data) if item.is_picture for extent in item.extents]
    raise UnreadableError


def _of_jpeg(data: Buffer) -> _Ranges:
    """Return tables, frames and scans of the first picture."""
    return [
        (start, end)
        for marker, start, end in jpeg.segments(data, 0)
        if not jpeg.is_metadata(marker)
    ]
