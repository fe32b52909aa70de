"""The chunks of a WebP file (RFC 9649), and the places in them and behind them."""

import struct
from collections.abc import Iterator

from inference.places.blanking import Buffer, UnreadableError, blank
from inference.places.pictures import xmp
from inference.places.pictures.tiff import blank_tiff

PIXELS = {b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"}
_KEPT = PIXELS | {b"VP8X", b"ICCP"}
_EXIF_MARK = b"Exif\0\0"


def chunks(buffer: Buffer) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each chunk, and where its content begins and ends."""
    at, end = 12, min(len(buffer), 8 + int.from_bytes(buffer[4:8], "little"))
    while at + 8 <= end:
        kind, size = struct.unpack_from("<4sI", buffer, at)
        stop = min(at + 8 + size, len(buffer))
        yield kind, at + 8, stop
        at = stop + size % 2


def blank_webp(buffer: Buffer) -> None:
    """Blank the places of a WebP file, in place."""
    end = 12
    for kind, start, end in chunks(buffer):
        if kind not in _KEPT:
            body = bytearray(buffer[start:end])
            try:
                _blank_body(kind, memoryview(body))
            except UnreadableError:
                body[:] = bytes(len(body))
            buffer[start:end] = bytes(body)
    blank(buffer, end, len(buffer))


def _blank_body(kind: bytes, body: memoryview) -> None:
    if kind == b"EXIF":
        has_mark = bytes(body[: len(_EXIF_MARK)]) == _EXIF_MARK
        blank_tiff(body[len(_EXIF_MARK) :] if has_mark else body)
    elif kind == b"XMP ":
        xmp.blank_xmp(body)
    else:
        raise UnreadableError
