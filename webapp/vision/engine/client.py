"""The web process's way to the inference processes: frames out, answers back to their cameras.

There is one process on this machine, or there are several on other machines (``engines.py``). A
camera belongs to one of them, which follows its faces, and moves only when that one is lost.
Nothing waits for an engine; a frame sent while there is none is simply not taken.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from webapp.vision.engine.line import Connect, Engine, EngineLine, State
from webapp.vision.engine.roster import FLOAT_BYTES, Roster
from webapp.vision.models.loading import model_tag

if TYPE_CHECKING:
    from inference.protocol.wire import Message

logger = logging.getLogger(__name__)

Finder: TypeAlias = Callable[[], AsyncIterator[Mapping[str, Connect]]]
"""Yields the inference processes that exist, by name, now and whenever that changes."""


class Listener(Protocol):
    """Who films: hears the answers to its frames."""

    def answered(self, header: dict[str, Any]) -> None:
        """Take a ``result``, ``dropped`` or ``refused`` of its own camera."""
        ...

    def engine_changed(self) -> None:
        """Hear that the line went down or came up; frames on the way are lost."""
        ...

    def chosen(self, header: dict[str, Any]) -> None:
        """Take a ``moment`` of its own camera (``inference.protocol.messages.MomentChosen``)."""
        ...


@dataclass(eq=False)
class _Camera:
    """An open camera, and the line by which its frames go, if there is one."""

    gallery: str
    listener: Listener
    moments: Mapping[str, Any] | None
    line: EngineLine | None = None


class EngineClient:
    """Sends frames to the engines and hands each answer to its camera.

    Belongs to one event loop. ``run`` keeps the lines up until it is cancelled.
    """

    def __init__(self, find: Finder) -> None:
        self._find = find
        self._lines: dict[str, EngineLine] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._cameras: dict[str, _Camera] = {}
        self._rosters: dict[str, Roster] = {}
        self._revision = 0

    @property
    def state(self) -> State:
        """That of the engine that is furthest; pages name faces as long as one is ready."""
        states = {line.state for line in self._lines.values()}
        return "ready" if "ready" in states else "starting" if "starting" in states else "away"

    @property
    def engine(self) -> Engine | None:
        """What an engine that is ready said of itself; ``None`` while there is none."""
        return next((line.engine for line in self._ready()), None)

    async def run(self) -> None:
        """Keep a line to every engine that exists."""
        try:
            async for engines in self._find():
                await self._settle(engines)
            await asyncio.Event().wait()  # The engines are known; their lines go on.
        finally:
            await self._settle({})

    def open(
        self,
        camera: str,
        gallery: str,
        listener: Listener,
        moments: Mapping[str, Any] | None = None,
    ) -> None:
        """Begin a camera, now and after every reconnection until it is closed.

        Args:
            camera: Its name; no other camera has it.
            gallery: Who can be named.
            listener: Hears the answers.
            moments: Which moments to look for (``inference.protocol.messages.MomentSettings``);
                ``None`` for none.
        """
        self._cameras[camera] = _Camera(gallery, listener, moments)
        self._assign(camera)

    def set_moments(self, camera: str, moments: Mapping[str, Any]) -> None:
        """Change which moments an open camera looks for, now and after every reconnection."""
        known = self._cameras.get(camera)
        if known is None:
            return
        known.moments = moments
        if known.line is not None:
            known.line.say({"type": "moments", "camera": camera, "moments": dict(moments)})

    def flush(self, camera: str) -> None:
        """Have what is undecided of a camera told, as no frame will follow; it stays open."""
        known = self._cameras.get(camera)
        if known is not None and known.line is not None:
            known.line.say({"type": "over", "camera": camera})

    def close(self, camera: str) -> None:
        """End a camera; its answers go nowhere from now on."""
        known = self._cameras.pop(camera, None)
        if known is not None and known.line is not None:
            known.line.say({"type": "close", "camera": camera})

    def set_roster(self, gallery: str, roster: Roster) -> None:
        """Say who can be named, now and after every reconnection."""
        self._rosters[gallery] = roster
        for line in self._ready():
            self._push(line, gallery, roster)

    def forget_roster(self, gallery: str) -> None:
        """Stop repeating a gallery, and empty that of the engines."""
        if self._rosters.pop(gallery, None) is not None:
            for line in self._ready():
                self._push(line, gallery, Roster({}, ()))

    def send(
        self, camera: str, frame: int, captured_at: float, want: Sequence[str], image: bytes
    ) -> bool:
        """Hand over a frame without waiting; ``False`` when the engine cannot take it now."""
        known = self._cameras.get(camera)
        line = known.line if known is not None else None
        if line is None or line.state != "ready" or line.is_full:
            return False
        header = {
            "type": "frame",
            "camera": camera,
            "frame": frame,
            "captured_at": captured_at,
            "want": list(want),
        }
        line.say(header, image)
        return True

    def line_changed(self, line: EngineLine) -> None:
        """Give the cameras of a lost engine to another one, and a new engine what waits for it."""
        if line.state == "ready":
            for gallery, roster in self._rosters.items():
                self._push(line, gallery, roster)
        for name, camera in list(self._cameras.items()):
            if camera.line in {line, None}:
                camera.line = None
                self._assign(name)
                camera.listener.engine_changed()

    def line_said(self, line: EngineLine, message: "Message") -> None:
        """Hand an answer or a moment to its camera."""
        camera = self._cameras.get(str(message.header.get("camera")))
        if message.type == "refused" and message.header.get("camera") is None:
            logger.warning("the engine refused: %s", message.header.get("message"))
        elif camera is None or camera.line is not line:
            return
        elif message.type in {"result", "dropped", "refused"}:
            camera.listener.answered(message.header)
        elif message.type == "moment":
            camera.listener.chosen(message.header)

    def _ready(self) -> list[EngineLine]:
        return [line for line in self._lines.values() if line.state == "ready"]

    def _assign(self, name: str) -> None:
        """Give a camera to the engine that has the fewest of ours; none if no engine is ready."""
        camera = self._cameras[name]
        ready = self._ready()
        if not ready:
            return
        load = Counter(one.line.name for one in self._cameras.values() if one.line is not None)
        camera.line = min(ready, key=lambda line: load[line.name])
        header: dict[str, Any] = {"type": "open", "camera": name, "gallery": camera.gallery}
        if camera.moments is not None:
            header["moments"] = dict(camera.moments)
        camera.line.say(header)

    async def _settle(self, engines: Mapping[str, Connect]) -> None:
        """Begin lines to engines that are new, and end those to engines that are gone."""
        gone = [self._runs.pop(name) for name in list(self._runs) if name not in engines]
        for run in gone:
            run.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        self._lines = {name: line for name, line in self._lines.items() if name in engines}
        for name, connect in engines.items():
            if name not in self._runs:
                self._lines[name] = EngineLine(name, connect, self)
                self._runs[name] = asyncio.create_task(self._lines[name].run())

    def _push(self, line: EngineLine, gallery: str, roster: Roster) -> None:
        """Send one gallery: the references that the engine's own embedder made, and their space."""
        if line.engine is None or not line.engine.embedder:
            return
        # Grows also over restarts of this process, so the engine never takes a new one for old.
        self._revision = max(self._revision + 1, time.time_ns() // 1000)
        tag = model_tag(line.engine.embedder)
        rows = roster.usable(tag)
        space = roster.space_of(tag) if rows else None
        people = list(dict.fromkeys(row.person for row in rows))
        places = {person: place for place, person in enumerate(people)}
        header = {
            "type": "gallery",
            "gallery": gallery,
            "revision": self._revision,
            "people": [{"person": str(one), "name": roster.names[one]} for one in people],
            "dimensions": len(rows[0].embedding) // FLOAT_BYTES if rows else 1,
            "rows": [places[row.person] for row in rows],
            "embedder": line.engine.embedder,
            "threshold": space.threshold if space else None,
            "is_learnt": space is not None,
        }
        numbers = space.numbers if space else b""
        line.say(header, numbers + b"".join(row.embedding for row in rows))
