"""The segments of a JPEG (ITU T.81), and the places in them and behind them.

Of the application segments only those stay that are understood. Further pictures of an MPO, gain
maps and films may hang behind the picture; whatever else does is blanked.
"""

import re
from collections.abc import Iterator

from inference.places.blanking import COORDINATES, Buffer, UnreadableError, blank
from inference.places.films import mp4
from inference.places.pictures import iptc, xmp
from inference.places.pictures.tiff import blank_tiff

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_NEXT_FILE = re.compile(rb"\xff\xd8\xff|(?s:....)ftyp")
_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_APP0, _APP1, _APP2, _APP13, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF
_COMMENT = 0xFE
_EXIF, _XMP = b"Exif\0", b"http://ns.adobe.com/xap/1.0/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_KEPT = {_APP0, _APP14}
_KEPT_APP2 = (b"ICC_PROFILE\0", b"MPF\0", b"urn:iso:std:iso:ts:21496:-1\0")
_MAX_PICTURES = 20


def segments(buffer: Buffer, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield the marker of each segment, and where it begins and ends, up to the picture's end.

    A scan reaches to the marker behind it. Bytes between segments belong to none.
    """
    at = start
    while (match := _MARKER.search(buffer, at)) is not None:
        marker, at = buffer[match.start() + 1], match.start()
        end = at + 2
        if marker not in {_SOI, _EOI, _TEM}:
            if end + 2 > len(buffer):
                return
            end = min(end + max(2, int.from_bytes(buffer[end : end + 2], "big")), len(buffer))
        if marker == _SOS:
            following = _MARKER.search(buffer, end)
            end = following.start() if following else len(buffer)
        yield marker, at, end
        if marker == _EOI:
            return
        at = end


def is_metadata(marker: int) -> bool:
    """Whether a segment says something about the picture rather than being part of it."""
    return _APP0 <= marker <= _APP15 or marker == _COMMENT


def blank_jpeg(buffer: Buffer) -> None:
    """Blank the places of a JPEG file and of all that hangs behind it, in place."""
    at = 0
    for _ in range(_MAX_PICTURES):
        match = _NEXT_FILE.search(buffer, at)
        if match is None:
            break
        blank(buffer, at, match.start())
        if buffer[match.start()] == 0xFF:
            at = _blank_picture(buffer, match.start())
        else:
            at = mp4.blank_boxes(buffer, match.start(), len(buffer))
        at = max(at, match.start() + 1)
    blank(buffer, at, len(buffer))


def _blank_picture(buffer: Buffer, start: int) -> int:
    """Blank the places of one picture; returns where it ends."""
    at = start
    for marker, begin, end in segments(buffer, start):
        blank(buffer, at, begin)
        if is_metadata(marker):
            _blank_segment(buffer, marker, begin + 4, end)
        at = end
    return at


def _blank_segment(buffer: Buffer, marker: int, start: int, end: int) -> None:
    body = bytearray(buffer[start:end])
    try:
        _blank_body(marker, body)
    except UnreadableError:
        body[:] = bytes(len(body))
    if body != buffer[start:end]:
        buffer[start:end] = bytes(body)


def _blank_body(marker: int, body: bytearray) -> None:
    view = memoryview(body)
    if marker == _APP1 and body.startswith(_EXIF):
        blank_tiff(view[6:])
    elif marker == _APP1 and body.startswith(_XMP):
        xmp.blank_xmp(view[len(_XMP) :])
    elif marker == _APP13 and body.startswith(_PHOTOSHOP):
        iptc.blank_photoshop(view[len(_PHOTOSHOP) :])
    elif marker == _COMMENT:
        _blank_text(view)
    elif marker not in _KEPT and not (marker == _APP2 and body.startswith(_KEPT_APP2)):
        raise UnreadableError


def _blank_text(text: memoryview) -> None:
    """Blank a free text that has coordinates in it."""
    if COORDINATES.search(text):
        text[:] = b" " * len(text)
