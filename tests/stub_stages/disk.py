"""A disk that says it is full while a file named ``full`` lies in the data folder."""

import errno
import os

from django.conf import settings

from webapp.uploads import parts

_write_all = parts.write_all


def pretend() -> None:
    """Put the pretence where upload bytes meet the disk."""
    parts.write_all = write_all


def write_all(handle: int, block: bytes) -> None:
    """Write a piece of the block and fail, or all of it."""
    if (settings.DATA_DIR / "full").exists():
        os.write(handle, block[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    _write_all(handle, block)
