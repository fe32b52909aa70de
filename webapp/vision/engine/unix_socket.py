"""Where the inference process of this machine listens.

The socket lies in the data folder, which only this account may enter. Where that path is too long
for a socket, a private folder of the system's temporary one takes its place.
"""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from django.conf import settings

LONGEST_PATH = 100
"""Bytes; the kernel allows 107."""


def socket_path(name: str = "engine.sock") -> Path:
    """Return the address of an inference process, in a folder that only this account may enter.

    Raises:
        PermissionError: Somebody else made the folder in the temporary directory.
    """
    path = Path(settings.DATA_DIR) / "run" / name
    if len(os.fsencode(path)) > LONGEST_PATH:
        digest = hashlib.sha256(os.fsencode(settings.DATA_DIR)).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"encore-{digest}" / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = path.parent.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid():
        raise PermissionError(f"{path.parent} belongs to another account")
    if state.st_mode & 0o077:
        path.parent.chmod(0o700)
    return path
