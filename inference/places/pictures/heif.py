"""Places in HEIC (ISO 23008-12): its EXIF and XMP are items that lie anywhere in the file."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from inference.places.blanking import Buffer, UnreadableError
from inference.places.boxes import Box, boxes
from inference.places.films import mp4
from inference.places.pictures import xmp
from inference.places.pictures.tiff import blank_tiff

_PICTURES = {b"hvc1", b"hev1", b"av01", b"avc1", b"grid", b"iden", b"iovl", b"tmap", b"jpeg"}
_MAX_ITEMS = 20_000


@dataclass(frozen=True, slots=True)
class Item:
    """One item.

    Attributes:
        kind: Its four letters; ``mime`` for XMP and other documents.
        extents: Where its pieces lie in the file, each from its start to its end, outside.
    """

    kind: bytes
    extents: tuple[tuple[int, int], ...]

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, or a rule that puts one together."""
        return self.kind in _PICTURES


def items(buffer: Buffer) -> Iterator[Item]:
    """Return the items of a HEIC file.

    Raises:
        UnreadableError: Its structure is broken.
    """
    meta = next((one for one in boxes(buffer, 0, len(buffer)) if one.kind == b"meta"), None)
    if meta is None:
        raise UnreadableError
    inner = {box.kind: box for box in boxes(buffer, meta.start + 4, meta.end)}
    try:
        kinds = _kinds(buffer, inner[b"iinf"])
        places = _extents(buffer, inner[b"iloc"], inner.get(b"idat"))
    except (struct.error, KeyError) as error:
        raise UnreadableError from error
    for number, kind in kinds.items():
        yield Item(kind, places.get(number, ()))


def blank_heif(buffer: Buffer) -> None:
    """Blank the places of a HEIC file, in place.

    Raises:
        UnreadableError: Its structure is broken.
    """
    for item in list(items(buffer)):
        if not item.is_picture:
            _blank_item(buffer, item)
    for box in boxes(buffer, 0, len(buffer)):
        if box.kind != b"meta":
            mp4.blank_heif_box(buffer, box)


def _blank_item(buffer: Buffer, item: Item) -> None:
    body = bytearray(b"".join(buffer[start:end] for start, end in item.extents))
    view = memoryview(body)
    try:
        _blank_document(item.kind, view)
    except UnreadableError:
        body[:] = bytes(len(body))
    at = 0
    for start, end in item.extents:
        buffer[start:end] = bytes(body[at : at + end - start])
        at += end - start


def _blank_document(kind: bytes, body: memoryview) -> None:
    if kind == b"Exif":
        blank_tiff(body[4 + int.from_bytes(body[:4], "big") :])
    elif kind == b"mime":
        xmp.blank_xmp(body)
    else:
        raise UnreadableError


def _kinds(buffer: Buffer, box: Box) -> dict[int, bytes]:
    start = box.start + (6 if buffer[box.start] == 0 else 8)
    kinds = {}
    for entry in boxes(buffer, start, box.end):
        version = buffer[entry.start]
        if version < 2:
            raise UnreadableError
        form, skipped = (">H", 8) if version == 2 else (">I", 10)
        (number,) = struct.unpack_from(form, buffer, entry.start + 4)
        kinds[number] = bytes(buffer[entry.start + skipped : entry.start + skipped + 4])
    return kinds


def _extents(buffer: Buffer, box: Box, data: Box | None) -> dict[int, tuple[tuple[int, int], ...]]:
    """Read where the items lie (``iloc``, 14496-12, 8.11.3)."""
    version, at = buffer[box.start], box.start + 4
    offset_size, length_size = divmod(buffer[at], 16)
    base_size, index_size = divmod(buffer[at + 1], 16)
    index_size = index_size if version else 0
    number_size = 4 if version == 2 else 2

    def read(size: int) -> int:
        nonlocal at
        if at + size > box.end:
            raise UnreadableError
        at += size
        return int.from_bytes(buffer[at - size : at], "big")

    at += 2
    found = {}
    for _ in range(min(read(number_size), _MAX_ITEMS)):
        number = read(number_size)
        method = read(2) & 15 if version else 0
        read(2)  # Which file it lies in; always this one.
        base = read(base_size) + (data.start if method == 1 and data else 0)
        extents = []
        for _ in range(read(2)):
            read(index_size)
            start = base + read(offset_size)
            length = read(length_size)
            extents.append((min(start, len(buffer)), min(start + length, len(buffer))))
        found[number] = tuple(extents)
    return found
