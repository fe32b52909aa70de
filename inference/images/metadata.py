"""Where a photo was taken, blanked out of the file itself without touching a pixel.

Cameras write coordinates into EXIF (a TIFF structure), into XMP (text), and phones also into the
short film they hang behind a photo. JPEG, WebP and HEIC keep their length and their structure:
values become zeros or blanks. PNG may pack its metadata, see ``png_chunks``.
"""

import re
import struct
import zlib
from collections.abc import Iterator

from inference.images import png_chunks

# The first directory lies in the first 64 KB: that tells the structure from pixels by chance.
_TIFF = re.compile(rb"(?:II\*\x00..\x00\x00|MM\x00\*\x00\x00..)", re.DOTALL)
_EXIF_TIFF = re.compile(rb"Exif\x00\x00((?:II\*\x00|MM\x00\*)....)", re.DOTALL)
_GPS_POINTER = 0x8825
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_MAX_ENTRIES = 1_000
_XMP_ATTRIBUTE = re.compile(
    rb"""[\w-]{1,40}:G[Pp][Ss]\w{0,40}\s?=\s?(?:"[^"]{0,400}"|'[^']{0,400}')"""
)
_XMP_ELEMENT = re.compile(
    rb"<([\w-]{1,40}:G[Pp][Ss]\w{0,40})\b[^>]{0,400}>.{0,2000}?</\1>", re.DOTALL
)
_FILM_PLACE = re.compile(rb"\xa9xyz....[+-][\d.]{1,12}[+-][\d.]{1,12}[^/]{0,20}/", re.DOTALL)


def blank_place_data(data: bytearray) -> bool:
    """Blank every GPS value in a photo file, in place.

    Args:
        data: A whole JPEG, PNG, WebP or HEIC file; the length of a PNG may change.

    Returns:
        Whether anything was changed.
    """
    before = zlib.crc32(data)
    if data.startswith(png_chunks.SIGNATURE):
        png_chunks.blank_chunks(data, _blank_open)
    else:
        _blank_open(data)
    return zlib.crc32(data) != before


def _blank_open(data: bytearray) -> None:
    """Blank what lies in these bytes without being packed."""
    for start in sorted(_tiff_starts(data)):
        _blank_gps_directory(memoryview(data)[start:])
    for pattern in (_XMP_ATTRIBUTE, _XMP_ELEMENT):
        _overwrite(data, pattern, b" ")
    _blank_film_place(data)


def _tiff_starts(data: bytearray) -> set[int]:
    plain = {match.start() for match in _TIFF.finditer(data)}
    return plain | {match.start(1) for match in _EXIF_TIFF.finditer(data)}


def _blank_gps_directory(tiff: memoryview) -> None:
    """Follow the pointer of the first directory to the GPS directory and zero all of that."""
    order = "<" if bytes(tiff[:2]) == b"II" else ">"
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        for tag, _, _, entry in _entries(tiff, first, order):
            if tag == _GPS_POINTER:
                (directory,) = struct.unpack_from(f"{order}I", tiff, entry + 8)
                _zero_directory(tiff, directory, order)
    except struct.error:
        return


def _zero_directory(tiff: memoryview, directory: int, order: str) -> None:
    count = 0
    for _, kind, values, entry in _entries(tiff, directory, order):
        size = _TYPE_BYTES.get(kind, 1) * values
        if size > 4:
            (place,) = struct.unpack_from(f"{order}I", tiff, entry + 8)
            end = min(place + size, len(tiff))
            tiff[place:end] = bytes(max(0, end - place))
        tiff[entry : entry + 12] = bytes(12)
        count += 1
    if count:
        tiff[directory : directory + 2] = bytes(2)


def _entries(tiff: memoryview, directory: int, order: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield tag, type, number of values and position of each entry of a TIFF directory."""
    (count,) = struct.unpack_from(f"{order}H", tiff, directory)
    for index in range(min(count, _MAX_ENTRIES)):
        entry = directory + 2 + 12 * index
        tag, kind, values = struct.unpack_from(f"{order}HHI", tiff, entry)
        if entry + 12 > len(tiff):
            return
        yield tag, kind, values, entry


def _overwrite(data: bytearray, pattern: re.Pattern[bytes], filler: bytes) -> None:
    for start, end in [match.span() for match in pattern.finditer(data)]:
        data[start:end] = filler * (end - start)


def _blank_film_place(data: bytearray) -> None:
    """Turn the digits of a film's coordinates into zeros; its boxes must keep their form."""
    for start, end in [match.span() for match in _FILM_PLACE.finditer(data)]:
        data[start + 8 : end] = re.sub(rb"\d", b"0", bytes(data[start + 8 : end]))
