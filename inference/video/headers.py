"""What kind of video a file is, from its first bytes and nothing else.

The answer decides which one demuxer may open the file. Left to guess, FFmpeg would also take a
text file for a playlist, and open what is named in it.
"""

from pathlib import Path
from typing import Literal

from inference.errors import VideoError

Demuxer = Literal["mov", "matroska"]

HEAD_BYTES = 4096
NOT_A_VIDEO = "This is no video that Encore takes. It takes MP4, MOV and WebM."
_MATROSKA = b"\x1aE\xdf\xa3"
_DOCUMENT_TYPES = (b"webm", b"matroska")
_ATOMS = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"})


def demuxer_of(path: Path) -> Demuxer:
    """Return which demuxer reads this file.

    Raises:
        VideoError: It is no MP4, MOV or WebM file.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(_MATROSKA) and any(name in head[:64] for name in _DOCUMENT_TYPES):
        return "matroska"
    size, atom, brand = int.from_bytes(head[:4], "big"), head[4:8], head[8:12]
    is_picture = atom == b"ftyp" and brand in _PICTURE_BRANDS
    if atom in _ATOMS and not is_picture and (size in {0, 1} or size >= 8):
        return "mov"
    raise VideoError(NOT_A_VIDEO)
