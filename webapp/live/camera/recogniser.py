"""What live sockets of one process share: the engine, channels, places, rosters, the relay."""

import asyncio
import itertools
import logging
from dataclasses import dataclass, field
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error

from webapp.live import queries
from webapp.live.camera.broadcast import Broadcast
from webapp.live.camera.limits import Places
from webapp.live.camera.relay.bus import Bus
from webapp.live.camera.relay.relay import Relay
from webapp.vision.engine.client import EngineClient, engine_client

logger = logging.getLogger(__name__)

ROSTER_SECONDS = 2.0
"""How soon a name given elsewhere shows in the live picture."""


@dataclass
class _Filming:
    """Cameras of one owner, and what their roster looked like when it was last told."""

    gallery: str
    cameras: int = 0
    state: tuple[object, ...] = ()


@dataclass
class Recogniser:
    """Everything that the consumers of one event loop share."""

    engine: EngineClient = field(default_factory=engine_client)
    broadcast: Broadcast = field(default_factory=Broadcast)
    cameras: Places = field(
        default_factory=lambda: Places(
            lambda: settings.LIVE_CAMERAS_PER_USER, lambda: settings.LIVE_CAMERAS
        )
    )
    viewers: Places = field(
        default_factory=lambda: Places(
            lambda: settings.LIVE_VIEWERS_PER_USER, lambda: settings.LIVE_VIEWERS
        )
    )
    guests: Places = field(
        default_factory=lambda: Places(
            lambda: settings.LIVE_GUESTS_PER_USER, lambda: settings.LIVE_GUESTS
        )
    )
    _owners: dict[int, _Filming] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _relaying: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """See that the line to the engine is kept up and rosters are told."""
        self._tasks = {task for task in self._tasks if not task.done()}
        if not self._tasks:
            self._tasks = {
                asyncio.create_task(self.engine.run()),
                asyncio.create_task(self._tell_rosters()),
            }

    def relay_views(self) -> None:
        """See that what is filmed at one web process is seen at the others, if there may be any."""
        if settings.REDIS_URL and (self._relaying is None or self._relaying.done()):
            self._relaying = asyncio.create_task(Relay(self.broadcast, _connect).run())

    async def begin(self, owner_id: int) -> str:
        """Count a camera of an owner; return the name of the owner's gallery."""
        self.wake()
        self.relay_views()
        filming = self._owners.get(owner_id) or _Filming(self._free_gallery())
        filming.cameras += 1
        self._owners[owner_id] = filming
        await self._tell_roster(owner_id)
        return filming.gallery

    def end(self, owner_id: int) -> None:
        """Forget one camera of an owner; with the last one the names leave the engine."""
        filming = self._owners[owner_id]
        filming.cameras -= 1
        if not filming.cameras:
            del self._owners[owner_id]
            self.engine.forget_roster(filming.gallery)

    async def stop(self) -> None:
        """End the tasks; for tests, which open many loops."""
        tasks = self._tasks | ({self._relaying} if self._relaying else set())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks, self._relaying = set(), None

    async def _tell_rosters(self) -> None:
        while True:
            await asyncio.sleep(ROSTER_SECONDS)
            for owner_id in list(self._owners):
                await self._tell_roster(owner_id)

    async def _tell_roster(self, owner_id: int) -> None:
        """Tell the engine who can be named, if that has changed."""
        try:
            state = await database_sync_to_async(queries.roster_state)(owner_id)
            filming = self._owners.get(owner_id)
            if filming is None or filming.state == state:
                return
            roster = await database_sync_to_async(queries.roster_of)(owner_id)
        except Error:
            logger.warning("people could not be read; trying again")
            return
        if owner_id in self._owners:
            filming.state = state
            self.engine.set_roster(filming.gallery, roster)

    def _free_gallery(self) -> str:
        """Return a gallery that no owner holds; names are used again, as the engine keeps few."""
        taken = {filming.gallery for filming in self._owners.values()}
        return next(
            name for number in itertools.count() if (name := f"people-{number}") not in taken
        )


async def _connect() -> Bus:
    """Open a connection to Redis, whose client only installations with Redis need to load."""
    module = await asyncio.to_thread(import_module, "webapp.live.camera.relay.redis_bus")
    bus: Bus = module.RedisBus(settings.REDIS_URL)
    return bus


_recognisers: dict[asyncio.AbstractEventLoop, Recogniser] = {}


def recogniser() -> Recogniser:
    """Return what the sockets of the running event loop share."""
    loop = asyncio.get_running_loop()
    for other in [other for other in _recognisers if other.is_closed()]:
        del _recognisers[other]
    return _recognisers.setdefault(loop, Recogniser())
