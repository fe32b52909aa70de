"""Where the files of photos live, and how bytes get there without ever being half there.

A photo has one folder, named by its id; nothing a user writes becomes part of a path. A file is
written under another name, synced and renamed, so a reader sees all of it or nothing, and what was
acknowledged survives a power cut.
"""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from webapp.core import orphans

RESERVED_BYTES = 100_000_000
"""Kept free, so that the database can still commit when photos have filled the disk."""


class PartBusyError(Exception):
    """Another request is writing to this upload."""


class PartTooLongError(Exception):
    """More bytes came than were announced."""


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """The files of one photo. Which of them exist depends on how far it has come.

    Attributes:
        original: As uploaded, any format; leaves the site only as attachment.
        full: Upright sRGB JPEG of full size without metadata; what the vision stages read.
        display: At most 2,048 pixels on the long side.
        thumb: At most 512 pixels on the long side.
        alpha: Soft person mask of the size of ``full``, 8-bit grey PNG.
        portrait: ``full`` with its background blurred; ``portrait_display`` likewise.
    """

    folder: Path

    @property
    def original(self) -> Path:
        """The uploaded file."""
        return self.folder / "original"

    @property
    def full(self) -> Path:
        """The upright photo."""
        return self.folder / "full.jpg"

    @property
    def display(self) -> Path:
        """The photo for a screen."""
        return self.folder / "display.jpg"

    @property
    def thumb(self) -> Path:
        """The photo for a grid."""
        return self.folder / "thumb.jpg"

    @property
    def alpha(self) -> Path:
        """The person mask."""
        return self.folder / "alpha.png"

    @property
    def portrait(self) -> Path:
        """The portrait version."""
        return self.folder / "portrait.jpg"

    @property
    def portrait_display(self) -> Path:
        """The portrait version for a screen."""
        return self.folder / "portrait-display.jpg"


def files_of(photo_id: UUID) -> PhotoFiles:
    """Return where the files of a photo are, whether they exist or not."""
    return PhotoFiles(_photos_root() / photo_id.hex[:2] / str(photo_id))


def part_of(upload_id: UUID) -> Path:
    """Return where the bytes of an unfinished upload are kept."""
    return Path(settings.MEDIA_ROOT) / "incoming" / f"{upload_id}.part"


def write_synced(path: Path, content: bytes) -> None:
    """Write a new private file and wait until it is on the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def adopt(part: Path, photo_id: UUID) -> None:
    """Make finished upload bytes the original of a photo; durable when this returns.

    The part's bytes must have been synced already.
    """
    files = files_of(photo_id)
    is_new_shelf = not files.folder.parent.exists()
    files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part.replace(files.original)
    sync_folder(files.folder)
    sync_folder(files.folder.parent)
    if is_new_shelf:
        sync_folder(files.folder.parent.parent)


def give_back(photo_id: UUID, part: Path) -> None:
    """Undo ``adopt``, so that the upload can be finished again later."""
    with suppress(FileNotFoundError):
        files_of(photo_id).original.replace(part)
    remove_photo(photo_id)


def remove_photo(photo_id: UUID) -> bool:
    """Remove every file of a photo; returns whether the folder is gone.

    A worker that is just writing there may put a file back; the next try finds it.
    """
    return orphans.erase(files_of(photo_id).folder)


def check_room(wanted_bytes: int) -> None:
    """Refuse early what the disk cannot hold.

    Raises:
        OSError: ``ENOSPC``; only the reserve is left.
    """
    free = shutil.disk_usage(settings.MEDIA_ROOT).free - RESERVED_BYTES
    if wanted_bytes > free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def open_part(path: Path) -> Iterator[int]:
    """Open an upload's bytes for one writer; yields the file descriptor.

    The lock belongs to the open file, so it ends with the process that dies.

    Raises:
        PartBusyError: Somebody else has it open.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _lock(handle)
        yield handle
    finally:
        os.close(handle)


@contextmanager
def hold(*places: Path) -> Iterator[None]:
    """Keep others from a file that may be at any of these places and move between them.

    The lock is on the file, not on its name, so it holds through a rename.

    Raises:
        PartBusyError: Somebody else holds it, or it is nowhere.
    """
    for place in places:
        with suppress(FileNotFoundError):
            handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
            break
    else:
        raise PartBusyError
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise PartBusyError from error


def append(handle: int, blocks: Iterable[bytes], *, offset: int, limit: int) -> int:
    """Write blocks behind ``offset`` and sync them; return the new offset.

    Whatever interrupts the blocks, those that came are kept.

    Raises:
        PartTooLongError: The blocks go beyond ``limit``.
        OSError: The disk is full, for example.
    """
    end = offset
    os.lseek(handle, offset, os.SEEK_SET)
    try:
        for block in blocks:
            end += len(block)
            if end > limit:
                raise PartTooLongError
            write_all(handle, block)
    finally:
        os.fsync(handle)
    return end


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _photos_root() -> Path:
    return Path(settings.MEDIA_ROOT) / "photos"


def cut(handle: int, offset: int) -> None:
    """Shorten an upload to what it was before a request."""
    os.ftruncate(handle, offset)
    os.fsync(handle)


def write_all(handle: int, block: bytes) -> None:
    """Write a block to the end; the one place where upload bytes meet the disk."""
    view = memoryview(block)
    while view:
        view = view[os.write(handle, view) :]
