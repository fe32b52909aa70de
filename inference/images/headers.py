"""What a picture file says about itself in its first bytes, without decoding a pixel.

A bomb is a small file that unpacks into gigabytes. Its header gives it away, so the header is read
first, with nothing but ``struct``: in milliseconds, in any process, before a decoder sees the file.
The formats are JPEG (ITU T.81), PNG (W3C), WebP (RFC 9649) and HEIF (ISO 23008-12).
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from inference.errors import ImageError

Format: TypeAlias = Literal["JPEG", "PNG", "WEBP", "HEIF"]

MAX_FILE_BYTES = 60_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE = 16_000
MAX_JPEG_PIXELS = 200_000_000
"""JPEG can be decoded at half size, so phone photos of 200 megapixels are readable."""
MAX_JPEG_SIDE = 2 * MAX_SIDE
MAX_PROGRESSIVE_PIXELS = MAX_PIXELS
"""A progressive JPEG keeps all its coefficients in memory at any scale."""

_MAX_JPEG_SEGMENTS = 1_000
_MAX_PNG_CHUNKS = 20_000
_MAX_PNG_EXTRA_CHUNKS = 500
_MAX_HEIF_BOXES = 5_000
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_CUT_OFF = "The file is cut off: it ends before the picture does. Upload it again."

_Buffer: TypeAlias = mmap.mmap | bytes


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Format and stored size of a picture, as its header claims them.

    Attributes:
        format: One of the four formats that are read; MPO counts as JPEG.
        width: Pixels of a stored row, before any rotation.
        height: Stored rows.
        is_progressive: Whether a JPEG is stored in several passes.
    """

    format: Format
    width: int
    height: int
    is_progressive: bool = False


def read_header(path: Path) -> ImageHeader:
    """Read the header of a photo and hold it against the limits.

    The content decides; the file's name and its claimed type are never looked at.

    Raises:
        ImageError: The file is empty, cut off, no photo, or larger than the limits.
    """
    size = path.stat().st_size
    if size == 0:
        raise ImageError("The file is empty.")
    if size > MAX_FILE_BYTES:
        raise ImageError(
            f"The file has {size / 1e6:.0f} MB; the limit is {MAX_FILE_BYTES // 1_000_000} MB."
        )
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            header = _parse(data)
        except (struct.error, IndexError) as error:
            raise ImageError(_CUT_OFF) from error
    check_limits(header)
    return header


def parse_header(data: bytes) -> ImageHeader:
    """Read the header of a picture in memory, without holding it against the photo limits.

    Raises:
        ImageError: It is cut off or no picture.
    """
    try:
        return _parse(data)
    except (struct.error, IndexError) as error:
        raise ImageError(_CUT_OFF) from error


def check_limits(header: ImageHeader) -> None:
    """Refuse a picture that is too large to be decoded.

    Raises:
        ImageError: With the size and the limit in words.
    """
    width, height = header.width, header.height
    if width < 1 or height < 1:
        raise ImageError("The file says that the picture has no width or no height.")
    size = f"The photo is {width:,} x {height:,} pixels"
    is_jpeg = header.format == "JPEG" and not header.is_progressive
    max_side = MAX_JPEG_SIDE if header.format == "JPEG" else MAX_SIDE
    max_pixels = MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS
    kind = "progressive JPEG" if header.is_progressive else header.format
    if max(width, height) > max_side:
        raise ImageError(f"{size}; the limit for {kind} is {max_side:,} pixels on the long side.")
    if width * height > max_pixels:
        raise ImageError(
            f"{size} ({width * height / 1e6:.0f} megapixels); "
            f"the limit for {kind} is {max_pixels // 1_000_000} megapixels."
        )


def _parse(data: _Buffer) -> ImageHeader:
    start = data[:16]
    if start[:3] == b"\xff\xd8\xff":
        return _parse_jpeg(data)
    if start[:8] == b"\x89PNG\r\n\x1a\n":
        return _parse_png(data)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return _parse_webp(data)
    if start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS:
        return _parse_heif(data)
    raise ImageError("This is not a photo that can be read. JPEG, PNG, WebP and HEIC are.")


def _parse_jpeg(data: _Buffer) -> ImageHeader:
    position = 2
    for _ in range(_MAX_JPEG_SEGMENTS):
        while data[position] == 0xFF and data[position + 1] == 0xFF:
            position += 1
        if data[position] != 0xFF:
            raise ImageError("The file is broken: no JPEG segment where one must be.")
        marker = data[position + 1]
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            position += 2
            continue
        if marker in {0xD9, 0xDA}:
            break
        (length,) = struct.unpack_from(">H", data, position + 2)
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return ImageHeader("JPEG", width, height, is_progressive=marker in {0xC2, 0xC6, 0xCA})
        position += 2 + max(length, 2)
    raise ImageError("The file is broken: this JPEG has no picture header.")


def _parse_png(data: _Buffer) -> ImageHeader:
    if data[12:16] != b"IHDR":
        raise ImageError("The file is broken: this PNG does not begin with its header.")
    width, height = struct.unpack_from(">II", data, 16)
    header = ImageHeader("PNG", width, height)
    check_limits(header)
    position = 8
    extras = 0
    for _ in range(_MAX_PNG_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, position)
        if position + 12 + length > len(data):
            raise ImageError(_CUT_OFF)
        if kind == b"IEND":
            return header
        extras += kind not in {b"IDAT", b"fdAT"}
        if extras > _MAX_PNG_EXTRA_CHUNKS:
            break
        position += 12 + length
    raise ImageError("The file is broken: this PNG is cut into far too many chunks.")


def _parse_webp(data: _Buffer) -> ImageHeader:
    (riff_size,) = struct.unpack_from("<I", data, 4)
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        if len(data) < 30:
            raise ImageError(_CUT_OFF)
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise ImageError("The file is broken: this WebP does not begin with a picture.")
    header = ImageHeader("WEBP", width, height)
    check_limits(header)
    if riff_size + 8 > len(data):
        raise ImageError(_CUT_OFF)
    return header


def _parse_heif(data: _Buffer) -> ImageHeader:
    """Take the largest ``ispe`` property: of a tiled picture that is the grid, not a tile."""
    sizes = []
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind != b"meta":
            continue
        for inner, inner_start, inner_end in _boxes(data, start + 4, end):
            if inner == b"iprp":
                sizes += list(_spatial_extents(data, inner_start, inner_end))
    if not sizes:
        raise ImageError("The file is broken: this HEIC does not say how large its picture is.")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return ImageHeader("HEIF", width, height)


def _spatial_extents(data: _Buffer, start: int, end: int) -> Iterator[tuple[int, int]]:
    for kind, inner_start, inner_end in _boxes(data, start, end):
        if kind != b"ipco":
            continue
        for inner, property_start, _ in _boxes(data, inner_start, inner_end):
            if inner == b"ispe":
                yield struct.unpack_from(">II", data, property_start + 4)


def _boxes(data: _Buffer, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Walk ISO boxes; yields kind and the range of the content, end outside."""
    for _ in range(_MAX_HEIF_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        content = start + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, content)
            content += 8
        elif size == 0:
            size = end - start
        if size < content - start or start + size > end:
            raise ImageError(_CUT_OFF)
        yield kind, content, start + size
        start += size
    raise ImageError("The file is broken: this HEIC is cut into far too many boxes.")
