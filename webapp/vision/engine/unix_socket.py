"""Where the inference process listens, and a short look whether it does.

The socket lies in the data folder, which only this account may enter. Where that path is too long
for a socket, a private folder of the system's temporary one takes its place.
"""

import hashlib
import os
import socket
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

if TYPE_CHECKING:
    from inference.protocol.messages import Header

LONGEST_PATH = 100
"""Bytes; the kernel allows 107."""
LOOK_SECONDS = 1.0
READ_BYTES = 65_536


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


@dataclass(frozen=True, slots=True)
class EngineReport:
    """How the inference process is.

    Attributes:
        state: ``ready``, ``starting`` (it listens but loads) or ``away``.
        rows: What it says of itself, as labels and values.
    """

    state: str
    missing: tuple[str, ...] = ()
    rows: list[tuple[str, str]] = field(default_factory=list)


def look_at_engine() -> EngineReport:
    """Ask the inference process of this machine how it is; waits a second at most."""
    from inference.protocol import wire

    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(LOOK_SECONDS)
            line.connect(str(socket_path()))
            line.sendall(wire.encode({"type": "hello", "version": wire.VERSION}))
            line.sendall(wire.encode(cast("Header", {"type": "stats"})))
            said = _listen(line, {"welcome", "stats"})
    except TimeoutError:
        return EngineReport("starting")
    except (OSError, wire.WireError):
        return EngineReport("away")
    welcome, stats = said["welcome"], said["stats"]
    models = welcome.get("models") or {}
    rows = [("Device", str(welcome.get("device", "")))]
    rows += [(f"Model: {part}", str(name or "missing")) for part, name in models.items()]
    rows += [(label, str(stats.get(key, ""))) for label, key in STATISTICS]
    return EngineReport("ready", tuple(map(str, welcome.get("missing") or ())), rows)


STATISTICS = (
    ("Cameras", "cameras"),
    ("Frames", "frames"),
    ("Dropped frames", "dropped"),
    ("Frames from one whole search to the next, at least", "detect_every"),
)


def _listen(line: socket.socket, kinds: set[str]) -> dict[str, dict[str, Any]]:
    """Read until one message of each kind has come; return their headers."""
    from inference.protocol import wire

    decoder = wire.Decoder()
    said: dict[str, dict[str, Any]] = {}
    while not kinds <= said.keys():
        data = line.recv(READ_BYTES)
        if not data:
            raise ConnectionResetError("the inference process hung up")
        said |= {message.type: message.header for message in decoder.feed(data)}
    return said
