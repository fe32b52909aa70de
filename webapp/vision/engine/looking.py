"""A short look at the inference processes, for the health page and for those who start them."""

import socket
from dataclasses import dataclass, field
from typing import Literal

from inference.protocol import wire
from inference.protocol.messages import Hello, Stats, Welcome, read_from_engine
from inference.protocol.reading import ShapeError
from webapp.vision.engine.addresses import Address, Local
from webapp.vision.engine.unix_socket import socket_path

LOOK_SECONDS = 1.0
READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class EngineReport:
    """How an inference process is.

    Attributes:
        state: ``starting`` where it listens but says nothing, as it loads its models.
        rows: What it says of itself, as labels and values.
    """

    state: Literal["ready", "starting", "away"]
    missing: tuple[str, ...] = ()
    rows: list[tuple[str, str]] = field(default_factory=list)


def look_at_engine(address: Address | None = None) -> EngineReport:
    """Ask an inference process how it is, by default that of this machine; waits a second."""
    there = address or Local(socket_path())
    try:
        with there.connect_now(LOOK_SECONDS) as line:
            hello: Hello = {"type": "hello", "version": wire.VERSION, "token": there.token}
            line.sendall(wire.encode(hello))
            welcome, stats = _listen(line)
    except TimeoutError:
        return EngineReport("starting")
    except (OSError, wire.WireError, ShapeError):
        return EngineReport("away")
    rows = [("Device", welcome["device"])]
    rows += [(f"Model: {part}", str(name or "missing"))
             for part, name in welcome["models"].items()]  # fmt: skip
    rows += [
        ("Cameras", str(stats["cameras"])),
        ("Frames", str(stats["frames"])),
        ("Dropped frames", str(stats["dropped"])),
        ("Frames from one whole search to the next, at least", str(stats["detect_every"])),
    ]
    return EngineReport("ready", tuple(welcome["missing"]), rows)


def _listen(line: socket.socket) -> tuple[Welcome, Stats]:
    """Read the welcome, ask what happened so far, and read that.

    Raises:
        OSError: The engine hangs up or does not want us.
    """
    decoder = wire.Decoder()
    welcome: Welcome | None = None
    while data := line.recv(READ_BYTES):
        for message in decoder.feed(data):
            said = read_from_engine(message.header)
            if said["type"] == "welcome":
                welcome = said
                line.sendall(wire.encode({"type": "stats"}))
            elif said["type"] == "stats" and welcome is not None:
                return welcome, said
            elif said["type"] == "refused":
                raise ConnectionRefusedError(said["message"])
    raise ConnectionResetError("the inference process hung up")
