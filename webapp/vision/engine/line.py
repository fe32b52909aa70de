"""One connection of the web process to one inference process, which comes back by itself."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from inference.protocol import wire
from inference.protocol.messages import FromEngine, Hello, ToEngine, Welcome, read_from_engine
from inference.protocol.reading import ShapeError
from webapp.vision.engine.addresses import BEAT_SECONDS, Address

logger = logging.getLogger(__name__)

State: TypeAlias = Literal["away", "starting", "ready"]

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 0.25
"""Short: a look at a socket file costs nothing, and a page may miss names for five seconds only."""
WELCOME_SECONDS = 120.0
"""Models load between the engine's start and its welcome."""
MAX_UNSENT_BYTES = 32_000_000
"""More than two frames of fifty cameras; beyond it the engine does not keep up and frames drop."""


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

    def line_said(self, line: "EngineLine", said: FromEngine) -> None:
        """Take what the engine said."""
        ...


class EngineLine:
    """Keeps one connection up while ``run`` runs.

    Args:
        address: Of the inference process.
    """

    def __init__(self, address: Address, owner: Owner) -> None:
        self.name = address.name
        self.state: State = "away"
        self.engine: Engine | None = None
        self._address = address
        self._owner = owner
        self._writer: asyncio.StreamWriter | None = None
        self._trouble = ""

    async def run(self) -> None:
        """Connect, greet, listen, and begin again, until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._talk()
            except* (OSError, TimeoutError, StopAsyncIteration, wire.WireError) as errors:
                self._tell(f"{errors.exceptions[0]!r}")
            except* Exception:
                logger.exception("the line to the inference process %s broke", self.name)
            finally:
                was_ready = self.state == "ready"
                self._hang_up()
            pause = FIRST_PAUSE_SECONDS if was_ready else min(2 * pause, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)

    @property
    def is_full(self) -> bool:
        """Whether the engine does not keep up with what it is sent."""
        writer = self._writer
        return writer is not None and writer.transport.get_write_buffer_size() > MAX_UNSENT_BYTES

    def say(self, message: ToEngine, payload: bytes = b"") -> None:
        """Send a message; one that is said while the line is down is lost."""
        if self._writer is not None and self.state == "ready":
            self._writer.write(wire.encode(message, payload))

    async def _talk(self) -> None:
        reader, self._writer = await self._address.connect()
        self._change("starting")
        hello: Hello = {"type": "hello", "version": wire.VERSION}
        if self._address.token:
            hello["token"] = self._address.token
        self._writer.write(wire.encode(hello))
        messages = wire.read_messages(reader, silence_seconds=self._address.silence_seconds)
        try:
            async with asyncio.timeout(WELCOME_SECONDS):
                self.engine = _engine(await anext(messages))
            self._trouble = ""
            self._change("ready")
            async with asyncio.TaskGroup() as tasks:
                beating = tasks.create_task(self._beat_forever())
                await self._hear(messages)
                beating.cancel()
        finally:
            await messages.aclose()

    async def _hear(self, messages: AsyncGenerator[wire.Message]) -> None:
        async for message in messages:
            try:
                said = read_from_engine(message.header)
            except ShapeError as error:
                logger.warning("the inference process %s said nonsense: %s", self.name, error)
                continue
            self._owner.line_said(self, said)

    async def _beat_forever(self) -> None:
        """Let an engine of another machine know that this one is there."""
        while self._address.silence_seconds is not None:
            self.say({"type": "beat"})
            await asyncio.sleep(BEAT_SECONDS)

    def _tell(self, trouble: str) -> None:
        """Log why there is no line, once until that changes."""
        if trouble != self._trouble:
            logger.info("no line to the inference process %s: %s", self.name, trouble)
        self._trouble = trouble

    def _hang_up(self) -> None:
        writer, self._writer = self._writer, None
        self.engine = None
        if self.state != "away":
            self._change("away")
        if writer is not None:
            # Not close: what was not sent yet would first have to leave.
            with suppress(OSError, RuntimeError):
                writer.transport.abort()

    def _change(self, state: State) -> None:
        self.state = state
        self._owner.line_changed(self)


def _engine(message: wire.Message) -> Engine:
    """Return what the first message says of an engine.

    Raises:
        ConnectionRefusedError: It is none that we can speak to, or it does not want us.
    """
    try:
        said = read_from_engine(message.header)
    except ShapeError as error:
        raise ConnectionRefusedError(f"it speaks another language: {error}") from error
    if said["type"] == "refused":
        raise ConnectionRefusedError(said["message"])
    if said["type"] != "welcome" or said["version"] != wire.VERSION:
        raise ConnectionRefusedError(f"it speaks another language: {said['type']}")
    return _described(said)


def _described(welcome: Welcome) -> Engine:
    embedder = welcome["models"]["embedder"] or ""
    return Engine(welcome["device"], embedder, tuple(welcome["missing"]))
