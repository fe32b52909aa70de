"""Blanking the metadata of a PNG chunk by chunk, also where it lies packed.

PNG keeps EXIF in ``eXIf`` and text in ``tEXt``, ``zTXt`` (packed) and ``iTXt`` (packed or not).
Programs such as ImageMagick also write EXIF and XMP as hexadecimal text, a "raw profile". A chunk
that cannot be read is dropped, as nobody can say what it holds; pixels are never touched.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TEXT_BYTES = 1_000_000
"""So much is unpacked at most; the decoder reads no longer text either."""

_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"fdAT", b"IEND"})
_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_EXIF_MARK = b"Exif\x00\x00"
_RAW_PROFILE = re.compile(rb"(\s*\w+\s+\d+\s)([0-9A-Fa-f\s]*)\Z")
_HEX_BYTES_PER_LINE = 36

Blank = Callable[[bytearray], None]
"""Blanks the place data that lies open in some bytes, in place; their length stays."""


class _UnreadableChunkError(Exception):
    """A chunk is packed wrongly, or too long unpacked."""


def blank_chunks(data: bytearray, blank: Blank) -> None:
    """Blank the metadata of a whole PNG file, in place; its length may change.

    What follows the last chunk, or a chunk that is cut off, is blanked as it lies.
    """
    blanked = bytearray(SIGNATURE)
    end = len(SIGNATURE)
    for kind, start, end in _chunks(data):
        blanked += _blanked_chunk(kind, data[start:end], blank)
    rest = data[end:]
    blank(rest)
    data[:] = blanked + rest


def _chunks(data: bytearray) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each whole chunk, and where it begins and ends."""
    start = len(SIGNATURE)
    while start + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, start)
        end = start + 12 + length
        if end > len(data):
            return
        kind = bytes(data[start + 4 : start + 8])
        yield kind, start, end
        if kind == b"IEND":
            return
        start = end


def _blanked_chunk(kind: bytes, chunk: bytearray, blank: Blank) -> bytes:
    """Return the chunk without place data; empty for one that has to go, itself if it has none."""
    if kind in _PIXEL_CHUNKS:
        return bytes(chunk)
    body = bytes(chunk[8:-4])
    try:
        clean = _blanked_text(kind, body, blank) if kind in _TEXT_CHUNKS else _open(body, blank)
    except _UnreadableChunkError:
        return b""
    if clean == body:
        return bytes(chunk)
    if clean is None:
        return b""
    checksum = zlib.crc32(kind + clean)
    return struct.pack(">I", len(clean)) + kind + clean + struct.pack(">I", checksum)


def _open(body: bytes, blank: Blank) -> bytes:
    """Blank bytes that may be a TIFF structure from their beginning on, wherever it starts."""
    marked = bytearray(_EXIF_MARK + body)
    blank(marked)
    return bytes(marked[len(_EXIF_MARK) :])


def _blanked_text(kind: bytes, body: bytes, blank: Blank) -> bytes | None:
    """Return the body of a text chunk without place data, ``None`` when its name is a place's."""
    keyword, _, content = body.partition(b"\x00")
    if b"gps" in keyword.lower():
        return None
    head, packed, is_packed = _parts(kind, content)
    text = _unpack(packed) if is_packed else packed
    clean = _blanked_profile(keyword, text, blank)
    if clean == text:
        return body
    return keyword + b"\x00" + head + (zlib.compress(clean) if is_packed else clean)


def _parts(kind: bytes, content: bytes) -> tuple[bytes, bytes, bool]:
    """Return what stands before the text of a chunk, the text, and whether it is packed."""
    if kind == b"tEXt":
        return b"", content, False
    if kind == b"zTXt":
        return content[:1], content[1:], True
    fields = content[2:].split(b"\x00", 2)
    if len(fields) < 3:
        raise _UnreadableChunkError
    head = content[: len(content) - len(fields[2])]
    return head, fields[2], content[:1] != b"\x00"


def _unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, MAX_TEXT_BYTES)
    except zlib.error as error:
        raise _UnreadableChunkError from error
    if not unpacker.eof:
        raise _UnreadableChunkError
    return text


def _blanked_profile(keyword: bytes, text: bytes, blank: Blank) -> bytes:
    """Blank a text, or the bytes that it spells in hexadecimal."""
    if not keyword.lower().startswith(b"raw profile type"):
        return _open(text, blank)
    match = _RAW_PROFILE.match(text)
    try:
        profile = bytes.fromhex(match[2].decode("ascii")) if match else None
    except ValueError:
        profile = None
    if match is None or profile is None:
        raise _UnreadableChunkError
    clean = _open(profile, blank)
    if clean == profile:
        return text
    lines = [
        clean[start : start + _HEX_BYTES_PER_LINE].hex().encode()
        for start in range(0, len(clean), _HEX_BYTES_PER_LINE)
    ]
    return match[1] + b"\n".join(lines) + b"\n"
