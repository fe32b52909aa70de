"""Places in MP4 and QuickTime films.

Recorders write them as ``©xyz`` or ``loci``, as keys of QuickTime, as XMP, and some as a track
that follows every step. Only boxes that are known to hold no place stay; another one becomes free
space of the same length, so that every offset into the film holds.
"""

import struct

from inference.places.blanking import PLACE_WORDS, Buffer, UnreadableError, blank
from inference.places.boxes import Box, boxes
from inference.places.films import tracks
from inference.places.films.fragments import blank_fragment

_FILM = {b"ftyp", b"mdat", b"moov", b"moof", b"mfra", b"sidx", b"styp", b"ssix", b"prft", b"pnot"}
_EMPTY = {b"free", b"skip", b"wide"}
_USER = {b"udta", b"meta", b"uuid", b"emsg", b"PICT", b"mpvd", b"pdin", b"meco", b"udat"}
_TOP = _FILM | _EMPTY | _USER
_MOVIE = {b"mvhd", b"mvex", b"iods", b"pssh", b"clip", b"ctab", b"prfl", b"rmra"}
_TRACK = {
    *(b"tkhd", b"edts", b"tref", b"mdia", b"load", b"imap", b"tapt", b"trgr", b"clip"),
    *(b"crgn", b"matt", b"kmat", b"txas"),
}
_USER_DATA = {
    *(b"\xa9nam", b"\xa9day", b"\xa9mak", b"\xa9mod", b"\xa9swr", b"\xa9too", b"\xa9ART"),
    *(b"\xa9enc", b"\xa9fmt", b"\xa9cpy", b"\xa9alb", b"\xa9gen", b"\xa9wrt", b"\xa9req"),
    *(b"titl", b"auth", b"perf", b"gnre", b"yrrc", b"cprt", b"name", b"date", b"tagc", b"kind"),
    *(b"hnti", b"hinf", b"WLOC", b"LOOP", b"SelO", b"AllF", b"TAGS"),
}
_META = {b"hdlr", b"keys", b"ilst"}
_TAGS = {
    *(b"\xa9nam", b"\xa9day", b"\xa9too", b"\xa9ART", b"\xa9alb", b"\xa9gen", b"\xa9wrt"),
    *(b"aART", b"covr", b"cprt", b"trkn", b"disk", b"tmpo", b"gnre", b"cpil", b"pgap", b"hdvd"),
}


def blank_film(buffer: Buffer) -> None:
    """Blank the places of a whole MP4 or QuickTime file, in place; unknown boxes go as a whole.

    Raises:
        UnreadableError: Its structure is broken, or packed so that nobody can look into it.
    """
    at = 0
    while at < len(buffer):
        at = blank_boxes(buffer, at, len(buffer))
        try:
            box = next(boxes(buffer, at, len(buffer)))
        except (StopIteration, UnreadableError):  # Only the end of a box that breaks off is left.
            blank(buffer, at, len(buffer))
            break
        if box.kind not in _TOP:
            box.blank(buffer)
        at = box.end


def blank_boxes(buffer: Buffer, start: int, end: int) -> int:
    """Blank the places of the film that begins here; returns where it ends.

    A film that breaks off keeps what is there of its last box of pictures and sounds.
    """
    walk = boxes(buffer, start, end)
    hidden = set[int]()
    while True:
        try:
            box = next(walk, None)
        except UnreadableError:
            return _end_of_cut_off(buffer, start, end)
        if box is None or box.kind not in _TOP:
            return start
        if box.kind == b"moov":
            hidden = _blank_movie(buffer, box)
        elif box.kind == b"moof":
            blank_fragment(buffer, box, hidden)
        elif box.kind in _USER:
            _blank_user_box(buffer, box)
        elif box.kind in _EMPTY and box.end < end:
            blank(buffer, box.start, box.end)
        start = box.end


def blank_heif_box(buffer: Buffer, box: Box) -> None:
    """Blank the places of one box that stands beside the items of a HEIC file."""
    if box.kind == b"moov":
        _blank_movie(buffer, box)
    elif box.kind in _EMPTY:
        blank(buffer, box.start, box.end)
    elif box.kind in _USER or box.kind not in _FILM:
        _blank_user_box(buffer, box)


def _end_of_cut_off(buffer: Buffer, start: int, end: int) -> int:
    return end if bytes(buffer[start + 4 : start + 8]) == b"mdat" else start


def _blank_movie(buffer: Buffer, movie: Box) -> set[int]:
    """Blank the places of a movie's head; returns the numbers of its hidden tracks."""
    hidden = set[int]()
    for box in boxes(buffer, movie.start, movie.end):
        if box.kind == b"cmov":
            raise UnreadableError
        if box.kind == b"trak":
            if not tracks.shows_or_sounds(buffer, box):
                tracks.blank_samples(buffer, box)
                hidden.add(tracks.number_of(buffer, box))
            _blank_track(buffer, box)
        elif box.kind in {b"udta", b"meta"}:
            _blank_user_box(buffer, box)
        elif box.kind not in _MOVIE:
            box.blank(buffer)
    return hidden


def _blank_track(buffer: Buffer, track: Box) -> None:
    for box in boxes(buffer, track.start, track.end):
        if box.kind in {b"udta", b"meta"}:
            _blank_user_box(buffer, box)
        elif box.kind == b"mdia":
            for inner in boxes(buffer, box.start, box.end):
                if inner.kind in {b"udta", b"meta", b"uuid"}:
                    _blank_user_box(buffer, inner)
        elif box.kind not in _TRACK:
            box.blank(buffer)


def _blank_user_box(buffer: Buffer, box: Box) -> None:
    """Blank the places of user data or metadata; all of it when it cannot be read."""
    try:
        if box.kind == b"udta":
            _blank_children(buffer, box.start, box.end, _USER_DATA)
        elif box.kind == b"meta":
            _blank_meta(buffer, box)
        elif box.kind == b"mpvd":  # The film within a HEIC.
            blank_boxes(buffer, box.start, box.end)
        else:
            box.blank(buffer)
    except (UnreadableError, struct.error):
        box.blank(buffer)


def _blank_children(buffer: Buffer, start: int, end: int, kept: set[bytes]) -> None:
    for box in boxes(buffer, start, end):
        if box.kind == b"meta":
            _blank_user_box(buffer, box)
        elif box.kind not in kept:
            box.blank(buffer)


def _blank_meta(buffer: Buffer, meta: Box) -> None:
    """Blank tags named after a place: of QuickTime by their keys, of iTunes by their letters."""
    start = meta.start
    if bytes(buffer[start + 4 : start + 8]) != b"hdlr":  # ISO has version and flags here.
        start += 4
    inner = list(boxes(buffer, start, meta.end))
    keys = next((_keys(buffer, box) for box in inner if box.kind == b"keys"), [])
    for box in inner:
        if box.kind == b"ilst":
            _blank_tags(buffer, box, keys)
        elif box.kind not in _META:
            box.blank(buffer)


def _keys(buffer: Buffer, box: Box) -> list[bytes]:
    """Return the names that tags refer to, the first being number 1."""
    names = boxes(buffer, box.start + 8, box.end)
    return [bytes(buffer[name.start : name.end]) for name in names]


def _blank_tags(buffer: Buffer, tags: Box, keys: list[bytes]) -> None:
    for tag in boxes(buffer, tags.start, tags.end):
        number = int.from_bytes(tag.kind, "big")
        if 1 <= number <= len(keys):
            is_place = bool(PLACE_WORDS.search(keys[number - 1]))
        elif tag.kind == b"----":
            is_place = bool(PLACE_WORDS.search(buffer[tag.start : tag.end]))
        else:
            is_place = tag.kind not in _TAGS
        if is_place:
            _blank_value(buffer, tag)


def _blank_value(buffer: Buffer, tag: Box) -> None:
    """Blank the values of a tag; it stays a tag, so that the others keep their numbers."""
    for box in boxes(buffer, tag.start, tag.end):
        # Type and language of a value stand before it.
        blank(buffer, box.start + (8 if box.kind == b"data" else 0), box.end, b" ")
