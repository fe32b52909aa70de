"""ZIP files made while they are sent: no temporary file, little memory, and a length known before.

Pictures are compressed already, so they are stored as they are; that makes the length of the whole
a sum. Nothing in a ZIP depends on when it is made, so a download that broke off can go on.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from webapp.core.words.names import folded

BLOCK_BYTES = 512 * 1024
_LOCAL, _DESCRIPTOR, _CENTRAL, _END, _END_64 = 30, 16, 46, 22, 76
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""A ZIP knows no time before, and none after 2107."""
_UNIX_TIMES = range(0, 2**31)
_MOST_BYTES, _MOST_ENTRIES = 2**31 - 1, 65_535


class EntryGoneError(Exception):
    """A file is not there any more, or has another length than was said; the ZIP must break off."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a ZIP.

    Attributes:
        name: Under which it lies in it, with folders before a slash; ASCII or not.
        size: Its length in bytes.
        at: When what it shows was; programs that unpack it date the file so.
        read: Yields its bytes.
    """

    name: str
    size: int
    at: datetime
    read: Callable[[], Iterator[bytes]]

    def info(self) -> zipfile.ZipInfo:
        """Return what the ZIP says of it: the clock of the place, and the instant besides."""
        info = zipfile.ZipInfo(self.name, max(self.at, _EARLIEST).timetuple()[:6])
        info.file_size = self.size
        info.external_attr = 0o644 << 16
        if (seconds := int(self.at.timestamp())) in _UNIX_TIMES:
            info.extra = struct.pack("<HHBl", 0x5455, 5, 1, seconds)
        return info


def text_entry(name: str, text: str, at: datetime) -> Entry:
    """Return a file made of a text."""
    content = text.encode()
    return Entry(name, len(content), at, lambda: iter((content,)))


def file_entry(name: str, path: Path, at: datetime) -> Entry:
    """Return a file of the disk.

    Raises:
        OSError: It is not there.
    """
    return Entry(name, path.stat().st_size, at, lambda: _blocks(path))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def length_of(entries: Sequence[Entry]) -> int:
    """Return how many bytes the ZIP of these files has."""
    offset = central = 0
    for entry in entries:
        info = entry.info()
        named = len(info.filename.encode()) + len(info.extra)
        far = 12 if offset > _MOST_BYTES else 0
        central += _CENTRAL + named + far
        offset += _LOCAL + named + entry.size + _DESCRIPTOR
    is_large = len(entries) > _MOST_ENTRIES or offset > _MOST_BYTES or central > _MOST_BYTES
    return offset + central + _END + (_END_64 if is_large else 0)


def stream(entries: Iterable[Entry], skip: int = 0) -> Iterator[bytes]:
    """Yield the ZIP piece by piece, without its first bytes.

    Raises:
        EntryGoneError: A file has changed since it was listed.
    """
    for piece in _whole(entries):
        if skip >= len(piece):
            skip -= len(piece)
            continue
        yield piece[skip:]
        skip = 0


def _whole(entries: Iterable[Entry]) -> Iterator[bytes]:
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            written = 0
            with archive.open(entry.info(), "w") as target:
                try:
                    for block in entry.read():
                        target.write(block)
                        written += len(block)
                        yield sink.take()
                except OSError as error:
                    raise EntryGoneError(f"a file of {entry.size} bytes is gone") from error
            if written != entry.size:
                raise EntryGoneError(f"{written} bytes came where {entry.size} were listed")
    yield sink.take()


def unused(name: str, taken: set[str]) -> str:
    """Return a file's name, numbered if it is taken; some systems do not tell spellings apart."""
    folder, _, last = name.rpartition("/")
    path = Path(last)
    number, chosen = 1, name
    while folded(chosen) in taken:
        number += 1
        chosen = f"{folder}/{path.stem} {number}{path.suffix}".lstrip("/")
    taken.add(folded(chosen))
    return chosen


class Sink(io.RawIOBase):
    """What a ZIP is written to: keeps only what was not taken yet, and cannot go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def write(self, piece: object) -> int:
        """Keep a piece until it is taken."""
        content = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(content)
        return len(content)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content
