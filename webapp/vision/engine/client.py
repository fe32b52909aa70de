"""The web process's way to the inference processes: frames out, answers back to their cameras.

There is one process on this machine, and there may be others elsewhere (``addresses.py``). A camera
belongs to one of them, which follows its faces, and moves only when that one is lost. Nothing waits
for an engine; a frame sent while there is none is simply not taken.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.protocol.messages import (
    Answer,
    FrameMessage,
    FromEngine,
    GalleryUpdate,
    Label,
    MomentChosen,
    OpenCamera,
    Taste,
)
from webapp.vision.engine.addresses import Address, addresses
from webapp.vision.engine.line import Engine, EngineLine, State
from webapp.vision.engine.roster import FLOAT_BYTES, Roster
from webapp.vision.models.loading import model_tag

logger = logging.getLogger(__name__)


class Listener(Protocol):
    """Who films: hears the answers to its frames."""

    def answered(self, answer: Answer) -> None:
        """Take the answer to a frame of its own camera."""
        ...

    def engine_changed(self) -> None:
        """Hear that the line went down or came up; frames on the way are lost."""
        ...

    def chosen(self, moment: MomentChosen) -> None:
        """Take a moment of its own camera."""
        ...


@dataclass(eq=False)
class _Camera:
    """An open camera, and the line by which its frames go, if there is one."""

    gallery: str
    listener: Listener
    taste: Taste | None
    line: EngineLine | None = None


class EngineClient:
    """Sends frames to the engines and hands each answer to its camera.

    Belongs to one event loop. ``run`` keeps the lines up until it is cancelled.

    Args:
        engines: Where they are.
    """

    def __init__(self, engines: Sequence[Address]) -> None:
        self._lines = [EngineLine(address, self) for address in engines]
        self._cameras: dict[str, _Camera] = {}
        self._rosters: dict[str, Roster] = {}
        self._revision = 0

    @property
    def state(self) -> State:
        """That of the engine that is furthest; pages name faces as long as one is ready."""
        states = {line.state for line in self._lines}
        return "ready" if "ready" in states else "starting" if "starting" in states else "away"

    @property
    def engine(self) -> Engine | None:
        """What an engine that is ready said of itself; ``None`` while there is none."""
        return next((line.engine for line in self._ready()), None)

    async def run(self) -> None:
        """Keep a line to every engine."""
        async with asyncio.TaskGroup() as tasks:
            for line in self._lines:
                tasks.create_task(line.run())

    def open(
        self,
        camera: str,
        gallery: str,
        listener: Listener,
        taste: Taste | None = None,
    ) -> None:
        """Begin a camera, now and after every reconnection until it is closed.

        Args:
            camera: Its name; no other camera has it.
            gallery: Who can be named.
            listener: Hears the answers.
            taste: Which moments to look for; ``None`` for none.
        """
        self._cameras[camera] = _Camera(gallery, listener, taste)
        self._assign(camera)

    def set_taste(self, camera: str, taste: Taste) -> None:
        """Change which moments an open camera looks for, now and after every reconnection."""
        known = self._cameras.get(camera)
        if known is None:
            return
        known.taste = taste
        if known.line is not None:
            known.line.say({"type": "taste", "camera": camera, "taste": taste})

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
        self, camera: str, frame: int, captured_at: float, want: Sequence[Label], image: bytes
    ) -> bool:
        """Hand over a frame without waiting; ``False`` when the engine cannot take it now."""
        known = self._cameras.get(camera)
        line = known.line if known is not None else None
        if line is None or line.state != "ready" or line.is_full:
            return False
        message: FrameMessage = {
            "type": "frame",
            "camera": camera,
            "frame": frame,
            "captured_at": captured_at,
            "want": list(want),
        }
        line.say(message, image)
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

    def line_said(self, line: EngineLine, said: FromEngine) -> None:
        """Hand an answer or a moment to its camera."""
        if said["type"] == "refused" and said["camera"] is None:
            logger.warning("the inference process %s refused: %s", line.name, said["message"])
        elif said["type"] == "result" or said["type"] == "dropped" or said["type"] == "refused":
            camera = self._cameras.get(said["camera"] or "")
            if camera is not None and camera.line is line:
                camera.listener.answered(said)
        elif said["type"] == "moment":
            camera = self._cameras.get(said["camera"])
            if camera is not None and camera.line is line:
                camera.listener.chosen(said)

    def _ready(self) -> list[EngineLine]:
        return [line for line in self._lines if line.state == "ready"]

    def _assign(self, name: str) -> None:
        """Give a camera to the engine that has the fewest of ours; none if no engine is ready."""
        camera = self._cameras[name]
        ready = self._ready()
        if not ready:
            return
        load = Counter(one.line.name for one in self._cameras.values() if one.line is not None)
        camera.line = min(ready, key=lambda line: load[line.name])
        message: OpenCamera = {"type": "open", "camera": name, "gallery": camera.gallery}
        if camera.taste is not None:
            message["taste"] = camera.taste
        camera.line.say(message)

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
        message: GalleryUpdate = {
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
        line.say(message, numbers + b"".join(row.embedding for row in rows))


def engine_client() -> EngineClient:
    """Return a client for this installation's inference processes, not running yet."""
    return EngineClient(addresses())
