"""One connection of the web process to one inference process, which comes back by itself."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

if TYPE_CHECKING:
    from inference.protocol.messages import Header
    from inference.protocol.wire import Message

logger = logging.getLogger(__name__)

State: TypeAlias = Literal["away", "starting", "ready"]

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 0.25
"""Short: a look at a socket file costs nothing, and a page may miss names for five seconds only."""
WELCOME_SECONDS = 120.0
"""Models load between the engine's start and its welcome."""
MAX_UNSENT_BYTES = 32_000_000
"""More than two frames of fifty cameras; beyond it the engine does not keep up and frames drop."""


class Connection(Protocol):
    """A stream of bytes to an inference process and back."""

    @property
    def unsent_bytes(self) -> int:
        """How much was written and has not left yet."""
        ...

    async def read(self, size: int) -> bytes:
        """Return some bytes; none when the other side is gone."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes, without waiting."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


Connect: TypeAlias = Callable[[], Awaitable[Connection]]
"""Calls an inference process; raises ``OSError`` where it cannot be reached."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engine said of itself.

    Attributes:
        missing: Parts that cannot work, such as ``emotions``.
    """

    device: str
    embedder: str
    missing: tuple[str, ...]


class Owner(Protocol):
    """Who uses a line."""

    def line_changed(self, line: "EngineLine") -> None:
        """Hear that the line went down or came up; what was on the way is lost."""
        ...

    def line_said(self, line: "EngineLine", message: "Message") -> None:
        """Take what the engine said."""
        ...


class EngineLine:
    """Keeps one connection up while ``run`` runs.

    Args:
        name: Of the inference process, for the log.
    """

    def __init__(self, name: str, connect: Connect, owner: Owner) -> None:
        self.name = name
        self.state: State = "away"
        self.engine: Engine | None = None
        self._connect = connect
        self._owner = owner
        self._connection: Connection | None = None

    async def run(self) -> None:
        """Connect, greet, listen, and begin again, until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._talk()
            except (OSError, EOFError, TimeoutError, StopAsyncIteration) as error:
                logger.info("no line to the inference process %s: %r", self.name, error)
            except Exception:
                logger.exception("the line to the inference process %s broke", self.name)
            finally:
                was_ready = self.state == "ready"
                await self._hang_up()
            pause = FIRST_PAUSE_SECONDS if was_ready else min(2 * pause, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)

    @property
    def is_full(self) -> bool:
        """Whether the engine does not keep up with what it is sent."""
        return self._connection is not None and self._connection.unsent_bytes > MAX_UNSENT_BYTES

    def say(self, header: dict[str, Any], payload: bytes = b"") -> None:
        """Send a message; one that is said while the line is down is lost."""
        from inference.protocol import wire

        if self._connection is not None and self.state == "ready":
            self._connection.write(wire.encode(cast("Header", header), payload))

    async def _talk(self) -> None:
        from inference.protocol import wire

        connection = self._connection = await self._connect()
        self._change("starting")
        connection.write(wire.encode({"type": "hello", "version": wire.VERSION}))
        messages = wire.read_messages(connection)
        async with asyncio.timeout(WELCOME_SECONDS):
            welcome = await anext(messages)
        if welcome.type != "welcome" or welcome.header.get("version") != wire.VERSION:
            raise OSError(f"the engine speaks another language: {welcome.type}")
        models = welcome.header.get("models") or {}
        self.engine = Engine(
            device=str(welcome.header.get("device") or ""),
            embedder=str(models.get("embedder") or ""),
            missing=tuple(str(part) for part in welcome.header.get("missing") or ()),
        )
        self._change("ready")
        async for message in messages:
            self._owner.line_said(self, message)

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        self.engine = None
        if self.state != "away":
            self._change("away")
        if connection is not None:
            with suppress(OSError, RuntimeError):
                await connection.close()

    def _change(self, state: State) -> None:
        self.state = state
        self._owner.line_changed(self)
