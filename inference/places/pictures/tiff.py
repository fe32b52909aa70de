"""Places in EXIF, which is a TIFF structure (CIPA DC-008).

The GPS directory goes, wherever it hangs, and with it the notes of the camera's maker, which nobody
can vouch for: Panasonic, Nikon and Pentax write cities and coordinates there.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from inference.places.blanking import UnreadableError
from inference.places.pictures import iptc, xmp

_GPS, _EXIF, _INTEROP, _SUB_DIRECTORIES = 0x8825, 0x8769, 0xA005, 0x014A
_MAKER_NOTE, _DNG_PRIVATE, _XMP, _IPTC, _PHOTOSHOP = 0x927C, 0xC634, 0x02BC, 0x83BB, 0x8649
_LINKS = {_EXIF, _INTEROP, _SUB_DIRECTORIES}
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_MAX_ENTRIES = 1_000
_MAX_DIRECTORIES = 50


@dataclass(frozen=True, slots=True)
class _Entry:
    """One field of a directory; its value, from ``start`` to ``end``, may lie elsewhere."""

    tag: int
    at: int
    start: int
    end: int


def blank_tiff(tiff: memoryview) -> None:
    """Blank the places of a TIFF structure, in place.

    Raises:
        UnreadableError: It is none, or broken.
    """
    order = {b"II": "<", b"MM": ">"}.get(bytes(tiff[:2]))
    if order is None:
        raise UnreadableError
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        _blank_directories(tiff, order, first)
    except (struct.error, ValueError) as error:
        raise UnreadableError from error


def _blank_directories(tiff: memoryview, order: str, first: int) -> None:
    waiting, seen = [first], set[int]()
    while waiting and len(seen) < _MAX_DIRECTORIES:
        directory = waiting.pop()
        if directory in seen or directory == 0:
            continue
        seen.add(directory)
        entries = list(_entries(tiff, directory, order))
        for entry in entries:
            if entry.tag == _GPS:
                (place,) = struct.unpack_from(f"{order}I", tiff, entry.start)
                _zero_directory(tiff, place, order)
            elif entry.tag in _LINKS:
                count = (entry.end - entry.start) // 4
                waiting += struct.unpack_from(f"{order}{count}I", tiff, entry.start)
            else:
                _blank_value(tiff, entry)
        after = directory + 2 + 12 * len(entries)
        if after + 4 <= len(tiff):
            waiting += struct.unpack_from(f"{order}I", tiff, after)


def _blank_value(tiff: memoryview, entry: _Entry) -> None:
    value = tiff[entry.start : entry.end]
    if entry.tag in {_MAKER_NOTE, _DNG_PRIVATE}:
        value[:] = bytes(len(value))
    elif entry.tag == _XMP:
        xmp.blank_xmp(value)
    elif entry.tag == _IPTC:
        iptc.blank_iptc(value)
    elif entry.tag == _PHOTOSHOP:
        iptc.blank_photoshop(value)


def _zero_directory(tiff: memoryview, directory: int, order: str) -> None:
    entries = list(_entries(tiff, directory, order))
    for entry in entries:
        tiff[entry.start : entry.end] = bytes(max(0, entry.end - entry.start))
        tiff[entry.at : entry.at + 12] = bytes(12)
    if entries:
        tiff[directory : directory + 2] = bytes(2)


def _entries(tiff: memoryview, directory: int, order: str) -> Iterator[_Entry]:
    (count,) = struct.unpack_from(f"{order}H", tiff, directory)
    for index in range(min(count, _MAX_ENTRIES)):
        at = directory + 2 + 12 * index
        tag, kind, values = struct.unpack_from(f"{order}HHI", tiff, at)
        if at + 12 > len(tiff):
            return
        size = _TYPE_BYTES.get(kind, 1) * values
        start = at + 8
        if size > 4:
            (start,) = struct.unpack_from(f"{order}I", tiff, at + 8)
        yield _Entry(tag, at, min(start, len(tiff)), min(start + size, len(tiff)))
