"""Part files: the bytes of uploads that are under way, one writer at a time, synced to the disk.

The length of a part is the truth about how much has arrived.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings

RESERVED_BYTES = 100_000_000
"""Kept free, so that the database can still commit when uploads have filled the disk."""


class PartBusyError(Exception):
    """Another request is writing to this upload."""


class PartTooLongError(Exception):
    """More bytes came than were announced."""


def part_of(upload_id: UUID) -> Path:
    """Return where the bytes of an unfinished upload are kept."""
    return Path(settings.MEDIA_ROOT) / "incoming" / f"{upload_id}.part"


def check_room(wanted_bytes: int) -> None:
    """Refuse early what the disk cannot hold.

    Raises:
        OSError: ``ENOSPC``; only the reserve is left.
    """
    free = shutil.disk_usage(settings.MEDIA_ROOT).free - RESERVED_BYTES
    if wanted_bytes > free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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


def cut(handle: int, offset: int) -> None:
    """Shorten an upload to what it was before a request."""
    os.ftruncate(handle, offset)
    os.fsync(handle)


def write_all(handle: int, block: bytes) -> None:
    """Write a block to the end; the one place where upload bytes meet the disk."""
    view = memoryview(block)
    while view:
        view = view[os.write(handle, view) :]
