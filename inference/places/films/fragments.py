"""Samples of hidden tracks in films that are written fragment by fragment (14496-12, 8.8)."""

import struct
from dataclasses import dataclass

from inference.places.blanking import Buffer, UnreadableError, blank
from inference.places.boxes import Box, boxes

_BASE, _DESCRIPTION, _DURATION, _SIZE = 0x1, 0x2, 0x8, 0x10
_RUN_OFFSET, _RUN_FIRST, _RUN_SIZE = 0x1, 0x4, 0x200
_RUN_FIELDS = (0x100, _RUN_SIZE, 0x400, 0x800)


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What the head of a track's fragment says: its number, and where and how long samples are."""

    track: int
    base: int
    size: int | None


def blank_fragment(buffer: Buffer, fragment: Box, hidden: set[int]) -> None:
    """Blank the samples that hidden tracks have in one ``moof``.

    Raises:
        UnreadableError: Its tables are broken, or do not say where the samples lie.
    """
    try:
        for track in boxes(buffer, fragment.start, fragment.end):
            if track.kind == b"traf":
                _blank_runs(buffer, fragment, track, hidden)
    except struct.error as error:
        raise UnreadableError from error


def _blank_runs(buffer: Buffer, fragment: Box, track: Box, hidden: set[int]) -> None:
    inner = list(boxes(buffer, track.start, track.end))
    head = next((box for box in inner if box.kind == b"tfhd"), None)
    if head is None:
        raise UnreadableError
    defaults = _defaults(buffer, head, fragment.at)
    if defaults.track not in hidden:
        return
    end: int | None = None
    for run in inner:
        if run.kind == b"trun":
            start, end = _range_of(buffer, run, defaults, end)
            blank(buffer, start, end)


def _defaults(buffer: Buffer, head: Box, fragment_at: int) -> _Defaults:
    flags, track = struct.unpack_from(">II", buffer, head.start)
    at, base, size = head.start + 8, fragment_at, None
    if flags & _BASE:
        (base,) = struct.unpack_from(">Q", buffer, at)
        at += 8
    at += 4 * (bool(flags & _DESCRIPTION) + bool(flags & _DURATION))
    if flags & _SIZE:
        (size,) = struct.unpack_from(">I", buffer, at)
    return _Defaults(track, base, size)


def _range_of(buffer: Buffer, run: Box, defaults: _Defaults, before: int | None) -> tuple[int, int]:
    """Return where the samples of a run lie, which follow those of the run before."""
    flags, count = struct.unpack_from(">II", buffer, run.start)
    at = run.start + 8
    start = before
    if flags & _RUN_OFFSET:
        (offset,) = struct.unpack_from(">i", buffer, at)
        start, at = defaults.base + offset, at + 4
    if start is None or not 0 <= start <= len(buffer):
        raise UnreadableError
    at += 4 * bool(flags & _RUN_FIRST)
    if not flags & _RUN_SIZE:
        if defaults.size is None:
            raise UnreadableError
        return start, start + count * defaults.size
    step = 4 * sum(bool(flags & field) for field in _RUN_FIELDS)
    at += 4 * bool(flags & _RUN_FIELDS[0])
    sizes = (struct.unpack_from(">I", buffer, at + step * index)[0] for index in range(count))
    return start, start + sum(sizes)
