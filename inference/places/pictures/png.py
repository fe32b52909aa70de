"""Places in a PNG, blanked chunk by chunk, also where it lies packed.

PNG keeps EXIF in ``eXIf`` and text in ``tEXt``, ``zTXt`` (packed) and ``iTXt`` (packed or not).
Programs such as ImageMagick also write EXIF, XMP and IPTC as hexadecimal text, a "raw profile". A
chunk that is not known, or cannot be read, is dropped, as nobody can say what it holds; pixels are
never touched.
"""

import re
import struct
import zlib
from collections.abc import Iterator

from inference.places.blanking import COORDINATES, PLACE_WORDS, Buffer, UnreadableError
from inference.places.pictures import iptc, xmp
from inference.places.pictures.tiff import blank_tiff

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TEXT_BYTES = 1_000_000
"""So much is unpacked at most; the decoder reads no longer text either."""
PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"fcTL", b"fdAT"})

_KEPT = PIXELS | {
    *(b"IEND", b"acTL", b"cHRM", b"cICP", b"cLLI", b"cLLi", b"gAMA", b"iCCP", b"mDCV", b"mDCv"),
    *(b"sBIT", b"sRGB", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"tIME", b"oFFs", b"pCAL", b"sCAL"),
    *(b"sTER", b"iDOT", b"CgBI"),
}
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_RAW_PROFILE = re.compile(rb"(\s*\w+\s+\d+\s)([0-9A-Fa-f\s]*)\Z")
_HEX_BYTES_PER_LINE = 36
_EXIF_MARK, _XMP_MARK = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"


def blank_png(data: bytearray) -> None:
    """Blank the places of a PNG file, in place; what hangs behind it goes."""
    blanked = bytearray(SIGNATURE)
    for kind, start, end in chunks(data):
        blanked += data[start:end] if kind in _KEPT else _blanked_chunk(kind, data[start:end])
    data[:] = blanked


def chunks(data: Buffer) -> Iterator[tuple[bytes, int, int]]:
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


def _blanked_chunk(kind: bytes, chunk: bytearray) -> bytes:
    """Return a chunk without places; empty for one that has to go, itself if it has none."""
    body = bytes(chunk[8:-4])
    try:
        if kind == b"eXIf":
            clean = _blanked_exif(body)
        elif kind in _TEXTS:
            clean = _blanked_text(kind, body)
        else:
            return b""
    except UnreadableError:
        return b""
    if clean == body:
        return bytes(chunk)
    checksum = zlib.crc32(kind + clean)
    return struct.pack(">I", len(clean)) + kind + clean + struct.pack(">I", checksum)


def _blanked_exif(body: bytes) -> bytes:
    clean = bytearray(body)
    view = memoryview(clean)
    blank_tiff(view[len(_EXIF_MARK) :] if body.startswith(_EXIF_MARK) else view)
    return bytes(clean)


def _blanked_text(kind: bytes, body: bytes) -> bytes:
    """Return the body of a text chunk without places.

    Raises:
        UnreadableError: It has to go: it cannot be read, or is a place itself.
    """
    keyword, _, content = body.partition(b"\x00")
    if PLACE_WORDS.search(keyword):
        raise UnreadableError
    head, packed, is_packed = _parts(kind, content)
    text = _unpack(packed) if is_packed else packed
    clean = _blanked_content(keyword, text)
    if clean == text:
        return body
    return keyword + b"\x00" + head + (zlib.compress(clean) if is_packed else clean)


def _blanked_content(keyword: bytes, text: bytes) -> bytes:
    if keyword.lower().startswith(b"raw profile type"):
        return _blanked_profile(text)
    if keyword == b"XML:com.adobe.xmp" or text.lstrip().startswith((b"<?xpacket", b"<x:xmpmeta")):
        clean = bytearray(text)
        xmp.blank_xmp(clean)
        return bytes(clean)
    if COORDINATES.search(text):
        raise UnreadableError
    return text


def _parts(kind: bytes, content: bytes) -> tuple[bytes, bytes, bool]:
    """Return what stands before the text of a chunk, the text, and whether it is packed."""
    if kind == b"tEXt":
        return b"", content, False
    if kind == b"zTXt":
        return content[:1], content[1:], True
    fields = content[2:].split(b"\x00", 2)
    if len(fields) < 3:
        raise UnreadableError
    head = content[: len(content) - len(fields[2])]
    return head, fields[2], content[:1] != b"\x00"


def _unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, MAX_TEXT_BYTES)
    except zlib.error as error:
        raise UnreadableError from error
    if not unpacker.eof:
        raise UnreadableError
    return text


def _blanked_profile(text: bytes) -> bytes:
    """Blank the bytes that a text spells in hexadecimal."""
    match = _RAW_PROFILE.match(text)
    try:
        profile = bytearray.fromhex(match[2].decode("ascii")) if match else None
    except ValueError:
        profile = None
    if match is None or profile is None:
        raise UnreadableError
    clean = bytearray(profile)
    _blank_profile(memoryview(clean))
    if clean == profile:
        return text
    lines = [
        clean[start : start + _HEX_BYTES_PER_LINE].hex().encode()
        for start in range(0, len(clean), _HEX_BYTES_PER_LINE)
    ]
    return match[1] + b"\n".join(lines) + b"\n"


def _blank_profile(profile: memoryview) -> None:
    """Blank a profile by what it begins with: EXIF, XMP, IPTC or colours."""
    start = bytes(profile[:40])
    if start.startswith(_EXIF_MARK):
        blank_tiff(profile[len(_EXIF_MARK) :])
    elif start.startswith((b"II*\0", b"MM\0*")):
        blank_tiff(profile)
    elif start.startswith(_XMP_MARK):
        xmp.blank_xmp(profile[len(_XMP_MARK) :])
    elif start.lstrip().startswith(b"<"):
        xmp.blank_xmp(profile)
    elif start.startswith(b"8BIM"):
        iptc.blank_photoshop(profile)
    elif start.startswith(b"\x1c"):
        iptc.blank_iptc(profile)
    elif start[36:40] != b"acsp":
        raise UnreadableError
