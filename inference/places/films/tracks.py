"""Tracks of a film that neither show nor sound, such as the way of an action camera or a drone.

What they hold cannot be vouched for, so their samples are blanked where they lie.
"""

import struct

from inference.places.blanking import Buffer, UnreadableError, blank
from inference.places.boxes import Box, boxes

_PICTURES_AND_SOUNDS = {b"vide", b"soun", b"auxv", b"pict", b"tmcd", b"hint", b"MPEG", b"clcp"}
_MAX_CHUNKS = 5_000_000


def shows_or_sounds(buffer: Buffer, track: Box) -> bool:
    """Whether the handler of a track is one of pictures, sounds or time code."""
    media = _find(buffer, track, b"mdia")
    handler = _find(buffer, media, b"hdlr")
    return bytes(buffer[handler.start + 8 : handler.start + 12]) in _PICTURES_AND_SOUNDS


def number_of(buffer: Buffer, track: Box) -> int:
    """Return the number by which fragments call a track."""
    head = _find(buffer, track, b"tkhd")
    at = head.start + (20 if buffer[head.start] == 1 else 12)
    return int.from_bytes(buffer[at : at + 4], "big")


def blank_samples(buffer: Buffer, track: Box) -> None:
    """Blank the samples of a track, each chunk where its table says it lies.

    Raises:
        UnreadableError: The tables are broken.
    """
    table = _find(buffer, _find(buffer, _find(buffer, track, b"mdia"), b"minf"), b"stbl")
    inner = {box.kind: box for box in boxes(buffer, table.start, table.end)}
    try:
        sizes = _sample_sizes(buffer, inner)
        offsets = _chunk_offsets(buffer, inner)
        counts = _samples_per_chunk(buffer, inner, len(offsets))
    except (struct.error, KeyError) as error:
        raise UnreadableError from error
    sample = 0
    for offset, count in zip(offsets, counts, strict=True):
        size = sum(sizes[sample : sample + count])
        blank(buffer, offset, offset + size)
        sample += count


def _find(buffer: Buffer, parent: Box, kind: bytes) -> Box:
    for box in boxes(buffer, parent.start, parent.end):
        if box.kind == kind:
            return box
    raise UnreadableError


def _sample_sizes(buffer: Buffer, table: dict[bytes, Box]) -> list[int]:
    if b"stsz" not in table:
        raise UnreadableError
    start = table[b"stsz"].start
    same, count = struct.unpack_from(">II", buffer, start + 4)
    _check(count)
    return [same] * count if same else list(struct.unpack_from(f">{count}I", buffer, start + 12))


def _chunk_offsets(buffer: Buffer, table: dict[bytes, Box]) -> list[int]:
    letter, box = ("I", table[b"stco"]) if b"stco" in table else ("Q", table[b"co64"])
    (count,) = struct.unpack_from(">I", buffer, box.start + 4)
    _check(count)
    return list(struct.unpack_from(f">{count}{letter}", buffer, box.start + 8))


def _samples_per_chunk(buffer: Buffer, table: dict[bytes, Box], chunks: int) -> list[int]:
    start = table[b"stsc"].start
    (count,) = struct.unpack_from(">I", buffer, start + 4)
    _check(count)
    runs = [struct.unpack_from(">III", buffer, start + 8 + 12 * run) for run in range(count)]
    per_chunk: list[int] = []
    for (first, samples, _), after in zip(runs, [*runs[1:], (chunks + 1, 0, 0)], strict=True):
        per_chunk += [samples] * max(0, min(after[0] - first, chunks - len(per_chunk)))
    return per_chunk + [0] * (chunks - len(per_chunk))


def _check(count: int) -> None:
    if count > _MAX_CHUNKS:
        raise UnreadableError
