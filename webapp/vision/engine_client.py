"""The web process's line to the inference process: one unix socket for all cameras.

The line comes back by itself: with a pause that doubles, and with every camera and gallery told
again. Nothing waits for it; a frame sent while it is down is simply not taken.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

from webapp.vision.loading import model_tag
from webapp.vision.roster import FLOAT_BYTES, Roster

if TYPE_CHECKING:
    from inference.live_messages import Header
    from inference.wire import Message

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


class Listener(Protocol):
    """Who films: hears the answers to its frames."""

    def answered(self, header: dict[str, Any]) -> None:
        """Take a ``result``, ``dropped`` or ``refused`` of its own camera."""
        ...

    def engine_changed(self) -> None:
        """Hear that the line went down or came up; frames on the way are lost."""
        ...

    def chosen(self, header: dict[str, Any]) -> None:
        """Take a ``moment`` of its own camera (``inference.live_messages.MomentChosen``)."""
        ...


@dataclass(slots=True)
class _Camera:
    """What has to be told again after every reconnection."""

    gallery: str
    listener: Listener
    moments: Mapping[str, Any] | None


class EngineClient:
    """Sends frames to the engine and hands each answer to its camera.

    Belongs to one event loop. ``run`` keeps the line up until it is cancelled.
    """

    def __init__(self, path: Path) -> None:
        self.state: State = "away"
        self.engine: Engine | None = None
        self._path = path
        self._writer: asyncio.StreamWriter | None = None
        self._cameras: dict[str, _Camera] = {}
        self._rosters: dict[str, Roster] = {}
        self._revision = 0

    async def run(self) -> None:
        """Keep the line up: connect, greet, tell all cameras again, listen."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._talk()
            except (OSError, EOFError, TimeoutError, StopAsyncIteration) as error:
                logger.info("no line to the inference process: %r", error)
            except Exception:
                logger.exception("the line to the inference process broke")
            finally:
                was_ready = self.state == "ready"
                self._hang_up()
            pause = FIRST_PAUSE_SECONDS if was_ready else min(2 * pause, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)

    def open(
        self,
        camera: str,
        gallery: str,
        listener: Listener,
        moments: Mapping[str, Any] | None = None,
    ) -> None:
        """Begin a camera, now and after every reconnection until it is closed.

        Args:
            camera: Its name on this line.
            gallery: Who can be named.
            listener: Hears the answers.
            moments: Which moments to look for (``inference.live_messages.MomentSettings``);
                ``None`` for none.
        """
        self._cameras[camera] = _Camera(gallery, listener, moments)
        self._open(camera)

    def set_moments(self, camera: str, moments: Mapping[str, Any]) -> None:
        """Change which moments an open camera looks for, now and after every reconnection."""
        held = self._cameras.get(camera)
        if held is not None:
            held.moments = moments
            self._say({"type": "moments", "camera": camera, "moments": dict(moments)})

    def close(self, camera: str) -> None:
        """End a camera; its answers go nowhere from now on."""
        if self._cameras.pop(camera, None) is not None:
            self._say({"type": "close", "camera": camera})

    def set_roster(self, gallery: str, roster: Roster) -> None:
        """Say who can be named, now and after every reconnection."""
        self._rosters[gallery] = roster
        self._push(gallery)

    def forget_roster(self, gallery: str) -> None:
        """Stop repeating a gallery, and empty the engine's."""
        if self._rosters.pop(gallery, None) is not None:
            self._push(gallery, Roster({}, ()))

    def send(
        self, camera: str, frame: int, captured_at: float, want: Sequence[str], image: bytes
    ) -> bool:
        """Hand over a frame without waiting; ``False`` when the engine cannot take it now."""
        if self._writer is None or self.state != "ready":
            return False
        if self._writer.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            return False
        header = {
            "type": "frame",
            "camera": camera,
            "frame": frame,
            "captured_at": captured_at,
            "want": list(want),
        }
        self._say(header, image)
        return True

    async def _talk(self) -> None:
        from inference import wire

        reader, self._writer = await asyncio.open_unix_connection(self._path)
        self._change("starting")
        self._writer.write(wire.encode({"type": "hello", "version": wire.VERSION}))
        messages = wire.read_messages(reader)
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
        self.state = "ready"
        for gallery in self._rosters:
            self._push(gallery)
        for camera in self._cameras:
            self._open(camera)
        self._change("ready")
        async for message in messages:
            self._hear(message)

    def _hear(self, message: "Message") -> None:
        held = self._cameras.get(str(message.header.get("camera")))
        if message.type in {"result", "dropped", "refused"} and held is not None:
            held.listener.answered(message.header)
        elif message.type == "moment" and held is not None:
            held.listener.chosen(message.header)
        elif message.type == "refused" and message.header.get("camera") is None:
            logger.warning("the engine refused: %s", message.header.get("message"))

    def _open(self, camera: str) -> None:
        held = self._cameras[camera]
        header: dict[str, Any] = {"type": "open", "camera": camera, "gallery": held.gallery}
        if held.moments is not None:
            header["moments"] = dict(held.moments)
        self._say(header)

    def _say(self, header: dict[str, Any], payload: bytes = b"") -> None:
        from inference import wire

        if self._writer is not None and self.state == "ready":
            self._writer.write(wire.encode(cast("Header", header), payload))

    def _push(self, gallery: str, roster: Roster | None = None) -> None:
        """Send one gallery: the references that the engine's own embedder made."""
        if self.state != "ready" or self.engine is None or not self.engine.embedder:
            return
        # Grows also over restarts of this process, so the engine never takes a new one for old.
        self._revision = max(self._revision + 1, time.time_ns() // 1000)
        held = roster or self._rosters[gallery]
        rows = held.usable(model_tag(self.engine.embedder))
        people = list(dict.fromkeys(row.person for row in rows))
        places = {person: place for place, person in enumerate(people)}
        header = {
            "type": "gallery",
            "gallery": gallery,
            "revision": self._revision,
            "people": [{"person": str(one), "name": held.names[one]} for one in people],
            "dimensions": len(rows[0].embedding) // FLOAT_BYTES if rows else 1,
            "rows": [places[row.person] for row in rows],
            "embedder": self.engine.embedder,
            "threshold": None,
        }
        self._say(header, b"".join(row.embedding for row in rows))

    def _hang_up(self) -> None:
        if self._writer is not None:
            with suppress(OSError, RuntimeError):
                self._writer.close()
        self._writer = None
        self.engine = None
        self._change("away")

    def _change(self, state: State) -> None:
        self.state = state
        for held in list(self._cameras.values()):
            held.listener.engine_changed()
