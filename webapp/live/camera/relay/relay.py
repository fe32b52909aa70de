"""Sessions that are filmed at one web process and watched at another.

Every process listens to the *room* of each session that it films or watches, and to an *inbox* of
its own. In the room a camera's process says that a camera began, and a process with viewers that
it has some; what the session shows goes to the inbox of each that asked, once for all its viewers
and only for as long as it asks. Nothing is kept by whoever carries the publications.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from uuid import UUID, uuid4

from webapp.live.camera.broadcast import Broadcast, Channel
from webapp.live.camera.relay.bus import Bus, BusError
from webapp.live.camera.relay.feed import Feed
from webapp.live.camera.relay.messages import (
    Asked,
    Began,
    NonsenseError,
    Publication,
    Said,
    State,
    read,
)
from webapp.live.camera.relay.sources import Sources
from webapp.live.messages import pack

logger = logging.getLogger(__name__)

ROUND_SECONDS = 2.0
"""Between two times that a process says what it films and watches."""
PAUSE_SECONDS = 1.0
"""Before another try after whoever carries the publications was lost."""


def _room(session_id: UUID) -> str:
    return f"encore:live:session:{session_id}"


def _inbox(process: str) -> str:
    return f"encore:live:process:{process}"


class Relay:
    """Joins the channels of this process with those of the others. Belongs to one event loop.

    Args:
        broadcast: The channels of this process.
        connect: Opens a connection to whoever carries the publications.
    """

    def __init__(self, broadcast: Broadcast, connect: Callable[[], Awaitable[Bus]]) -> None:
        self.process = uuid4().hex
        self._broadcast = broadcast
        self._connect = connect
        self._bus: Bus | None = None
        self._bell = asyncio.Event()
        self._is_round_due = True
        self._next_round = 0.0
        self._rooms: set[UUID] = set()
        self._sources = Sources()
        self._unconfirmed: set[UUID] = set()
        self._feeds: dict[tuple[UUID, str], tuple[Feed, asyncio.Task[None]]] = {}
        self._numbers = itertools.count(1)
        self._has_noted_loss = False
        broadcast.on_change = self._go_round

    async def run(self) -> None:
        """Carry on until cancelled, with another connection whenever one is lost."""
        try:
            while True:
                try:
                    await self._serve()
                except* BusError as lost:
                    self._note_loss(lost.exceptions[0])
                except* Exception:
                    logger.exception("the relay of live pictures broke")
                self._lose_all()
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            tasks = [task for _, task in self._feeds.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self) -> None:
        bus = await self._connect()
        try:
            await bus.subscribe(_inbox(self.process))
            self._begin(bus)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(bus))
                group.create_task(self._say_forever(bus))
        finally:
            self._bus = None
            await bus.close()

    def _begin(self, bus: Bus) -> None:
        """Start anew on a fresh connection; whether a camera films elsewhere will be heard."""
        self._bus, self._rooms, self._has_noted_loss = bus, set(), False
        for _, channel in self._broadcast:
            if channel.is_watched_from_afar and channel.is_cut_off:
                channel.go_off_air()
        self._go_round()

    def _note_loss(self, error: BaseException) -> None:
        """Log once for each outage."""
        if not self._has_noted_loss:
            self._has_noted_loss = True
            logger.warning("live pictures do not reach other web processes: %s", error)

    def _lose_all(self) -> None:
        """Tell viewers whose camera may be elsewhere that it cannot be reached."""
        self._sources.clear()
        for _, channel in self._broadcast:
            if channel.is_watched_from_afar:
                channel.go_off_air(is_cut_off=True)

    # What this process says.

    def _go_round(self) -> None:
        """Say soon what is filmed and watched here."""
        self._is_round_due = True
        self._bell.set()

    async def _say_forever(self, bus: Bus) -> None:
        while True:
            now = time.monotonic()
            if self._is_round_due or now >= self._next_round:
                self._is_round_due = False
                self._next_round = now + ROUND_SECONDS
                await self._say_all(bus)
            else:
                await self._confirm(bus)
            await self._wait()

    async def _say_all(self, bus: Bus) -> None:
        channels = dict(self._broadcast)
        await self._move(bus, set(channels))
        self._sources.tidy(channels)
        self._feeds = {key: one for key, one in self._feeds.items() if not one[1].done()}
        for session_id, channel in channels.items():
            if channel.camera is not None:
                await bus.publish(_room(session_id), pack(self._began(session_id, channel), b""))
            elif channel.bells:
                await bus.publish(_room(session_id), pack(self._asked(session_id), b""))

    async def _move(self, bus: Bus, rooms: set[UUID]) -> None:
        """Listen to these rooms and to no others."""
        for session_id in rooms - self._rooms:
            await bus.subscribe(_room(session_id))
        for session_id in self._rooms - rooms:
            await bus.unsubscribe(_room(session_id))
        self._rooms = rooms

    async def _confirm(self, bus: Bus) -> None:
        """Say which pictures came in, so that the next ones are sent."""
        while self._unconfirmed:
            session_id = self._unconfirmed.pop()
            await bus.publish(_room(session_id), pack(self._asked(session_id), b""))

    def _began(self, session_id: UUID, channel: Channel) -> Began:
        return {
            "type": "began",
            "session": str(session_id),
            "process": self.process,
            "since": channel.since,
        }

    def _asked(self, session_id: UUID) -> Asked:
        source, seen = self._sources.seen(session_id)
        return {
            "type": "asked",
            "session": str(session_id),
            "process": self.process,
            "source": source,
            "seen": seen,
        }

    async def _wait(self) -> None:
        """Wait for something to say, or for the next round."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._next_round - time.monotonic())):
                await self._bell.wait()
        self._bell.clear()

    async def _publish(self, process: str, state: State, image: bytes) -> bool:
        """Send a state to one process; whoever feeds it hears only that it could not be."""
        if self._bus is None:
            return False
        try:
            await self._bus.publish(_inbox(process), pack(state, image))
        except BusError:
            return False
        return True

    # What this process hears.

    async def _listen(self, bus: Bus) -> None:
        while True:
            data = await bus.receive()
            if data is None:
                continue
            try:
                heard = read(data)
            except NonsenseError as error:
                logger.info("a publication about a live session cannot be used: %s", error)
                continue
            if heard.said["process"] != self.process:
                self._hear(heard)
            await asyncio.sleep(0)  # What has come in already must not keep others waiting.

    def _hear(self, heard: Publication) -> None:
        channel = self._broadcast.present(heard.session_id)
        if channel is None:
            return
        said: Said = heard.said
        if said["type"] == "began":
            self._hear_began(heard.session_id, channel, said)
        elif said["type"] == "asked":
            self._hear_asked(heard.session_id, channel, said)
        elif self._sources.take(heard.session_id, channel, said, heard.image):
            self._confirm_soon(heard.session_id)

    def _hear_began(self, session_id: UUID, channel: Channel, said: Began) -> None:
        """Let the newer of two cameras film, wherever they are; ask for pictures at once."""
        if channel.camera is not None:
            if (said["since"], said["process"]) > (channel.since, self.process):
                channel.camera.make_way()
        elif channel.bells and self._sources.seen(session_id)[0] != said["process"]:
            self._confirm_soon(session_id)

    def _confirm_soon(self, session_id: UUID) -> None:
        self._unconfirmed.add(session_id)
        self._bell.set()

    def _hear_asked(self, session_id: UUID, channel: Channel, said: Asked) -> None:
        if channel.camera is None:
            return
        process = said["process"]
        feed, task = self._feeds.get((session_id, process), (None, None))
        if feed is None or task is None or task.done() or feed.channel is not channel:
            publish = partial(self._publish, process)
            feed = Feed(session_id, self.process, channel, publish, self._numbers)
            self._feeds[session_id, process] = feed, asyncio.create_task(feed.work())
        feed.asked(said["seen"] if said["source"] == self.process else 0)
