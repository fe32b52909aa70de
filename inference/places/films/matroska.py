"""Places in WebM and Matroska films (RFC 9559): tags and attachments become empty space."""

from collections.abc import Iterator

from inference.places.blanking import Buffer, UnreadableError, blank

_SEGMENT, _CLUSTER, _TAGS, _ATTACHMENTS, _VOID = (
    0x18538067,
    0x1F43B675,
    0x1254C367,
    0x1941A469,
    0xEC,
)
_LEVEL_ONE = {
    *(0x114D9B74, 0x1549A966, 0x1654AE6B, _CLUSTER, 0x1C53BB6B, 0x1043A770, _TAGS, _ATTACHMENTS),
    *(_VOID, 0xBF),
}
_MAX_ELEMENTS = 5_000_000


def blank_matroska(buffer: Buffer) -> None:
    """Blank tags, attachments and empty space of a WebM file, in place.

    Raises:
        UnreadableError: Its structure is broken.
    """
    for kind, _, start, end in _elements(buffer, 0, len(buffer)):
        if kind != _SEGMENT:
            continue
        for inner, inner_at, inner_start, inner_end in _elements(buffer, start, end):
            if inner in {_TAGS, _ATTACHMENTS}:
                _void(buffer, inner_at, inner_end)
            elif inner == _VOID:
                blank(buffer, inner_start, inner_end)


def _void(buffer: Buffer, at: int, end: int) -> None:
    """Turn an element into empty space: one byte of name, eight of length, and zeros."""
    if end - at < 9:
        raise UnreadableError
    buffer[at] = _VOID
    buffer[at + 1 : at + 9] = (1 << 56 | end - at - 9).to_bytes(8, "big")
    blank(buffer, at + 9, end)


def _elements(buffer: Buffer, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield name, head, start and end of elements; of unknown length are segments and clusters."""
    for _ in range(_MAX_ELEMENTS):
        if at + 2 > end:
            return
        kind, after = _number(buffer, at, keeps_mark=True)
        size, start = _number(buffer, after, keeps_mark=False)
        is_endless = size == (1 << 7 * (start - after)) - 1
        if is_endless and kind == _CLUSTER:
            at = _end_of_cluster(buffer, start, end)
            continue
        stop = end if is_endless else min(start + size, end)
        yield kind, at, start, stop
        at = stop


def _end_of_cluster(buffer: Buffer, at: int, end: int) -> int:
    while at + 2 <= end:
        kind, after = _number(buffer, at, keeps_mark=True)
        if kind in _LEVEL_ONE - {_VOID, 0xBF}:
            return at
        size, start = _number(buffer, after, keeps_mark=False)
        at = start + size
    return end


def _number(buffer: Buffer, at: int, *, keeps_mark: bool) -> tuple[int, int]:
    """Read a number of one to eight bytes; returns it and where it ends."""
    if at >= len(buffer) or buffer[at] == 0:
        raise UnreadableError
    length = 9 - buffer[at].bit_length()
    value = int.from_bytes(buffer[at : at + length], "big")
    return (value if keeps_mark else value & ((1 << 7 * length) - 1)), at + length
