"""Places in IPTC-IIM, which JPEG keeps among the resources of Photoshop."""

import struct
from collections.abc import Iterator

from inference.places.blanking import UnreadableError

_PLACES = {26, 27, 90, 92, 95, 100, 101}
"""Of record 2: content location code and name, city, sublocation, state, country code and name."""
_IPTC, _XMP, _EXIF_1, _EXIF_3 = 0x0404, 0x0424, 0x0422, 0x0423
_SIGNATURES = {b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR"}


def blank_photoshop(resources: memoryview) -> None:
    """Blank the places of Photoshop's resources, in place; what cannot be read goes as a whole."""
    try:
        for kind, start, end in _resources(resources):
            part = resources[start:end]
            if kind == _IPTC:
                blank_iptc(part)
            elif kind in {_XMP, _EXIF_1, _EXIF_3}:  # A second copy of what has its own segment.
                part[:] = bytes(len(part))
    except (UnreadableError, struct.error):
        resources[:] = bytes(len(resources))


def _resources(resources: memoryview) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at + 12 <= len(resources):
        if bytes(resources[at : at + 4]) not in _SIGNATURES:
            if any(resources[at:]):
                raise UnreadableError
            return
        kind, name = struct.unpack_from(">HB", resources, at + 4)
        start = at + 6 + (name + 2) // 2 * 2 + 4
        (size,) = struct.unpack_from(">I", resources, start - 4)
        if start + size > len(resources):
            raise UnreadableError
        yield kind, start, start + size
        at = start + size + size % 2


def blank_iptc(records: memoryview) -> None:
    """Blank the places of IPTC records, in place; what cannot be read goes as a whole."""
    at = 0
    while at + 5 <= len(records) and records[at] == 0x1C:
        record, dataset, size = struct.unpack_from(">BBH", records, at + 1)
        start = at + 5
        if size & 0x8000:  # A long one: its length has this many bytes itself.
            start += size & 0x7FFF
            size = int.from_bytes(records[at + 5 : start], "big")
        end = start + size
        if end > len(records):
            break
        if record == 2 and dataset in _PLACES:
            records[start:end] = b" " * size
        at = end
    records[at:] = bytes(len(records) - at)
