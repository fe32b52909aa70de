"""One running Encore per data folder, and the port it listens on."""

import errno
import fcntl
import hashlib
import os
import socket
from pathlib import Path
from typing import IO

PORTS_TO_TRY = 50


class AlreadyRunningError(Exception):
    """Another instance uses this data folder; the text says which."""


class NoPortError(Exception):
    """No port could be opened; the text says what to do."""


class InstanceLock:
    """A lock on the data folder, held as long as this object and its process live.

    The kernel drops it with the process, so a crash leaves nothing to clean up.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "encore.lock"
        self._file: IO[str] = self._path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            where = self._file.read().strip() or "another terminal"
            self._file.close()
            raise AlreadyRunningError(
                f"Encore already runs on {folder} ({where}). Stop it first, or set "
                "ENCORE_DATA_DIR to another folder."
            ) from error

    def describe(self, text: str) -> None:
        """Leave a line for the instance that is refused."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(text)
        self._file.flush()

    def close(self) -> None:
        """Let others have the folder."""
        self._file.close()


def installation_name(folder: Path) -> str:
    """Return a name of this data folder on this machine: the same after every restart.

    The lock keeps two supervisors from having the same one at the same time, also where several
    of them share one database.
    """
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    return f"{digest}@{_host()}"


def process_name() -> str:
    """Return a name that no other process has or had, not even one with the same number."""
    return f"{os.getpid()}-{os.urandom(3).hex()}@{_host()}"


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket on ``port``, or on the next free one after it.

    Raises:
        NoPortError: None of the ports can be opened.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TO_TRY, 65_536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(1024)
        except OSError as error:
            listener.close()
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                continue
            raise NoPortError(f"cannot listen on {host}: {error.strerror}") from error
        return listener
    raise NoPortError(
        f"ports {port} to {port + PORTS_TO_TRY - 1} of {host} are taken; set ENCORE_PORT to another"
    )


def _host() -> str:
    """Return the machine's own name without its domain, short enough for the job table."""
    return socket.gethostname().partition(".")[0][:40]
