"""Web processes in one event loop, joined by a bus in memory that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from tests.webapp.live.conftest import JPEG
from webapp.live.camera.broadcast import Broadcast, Channel, View
from webapp.live.camera.relay import feed, relay
from webapp.live.camera.relay.bus import BusError
from webapp.live.camera.relay.relay import Relay
from webapp.live.messages import Capture


@dataclass
class Hub:
    """What all buses are joined by.

    Attributes:
        is_up: A hub that is down fails whoever uses it, and keeps nothing.
        delay: Seconds that each publication with a picture takes.
        sent: Names of everything that was published, and whether a picture was in it.
    """

    is_up: bool = True
    delay: float = 0.0
    buses: list["MemoryBus"] = field(default_factory=list)
    sent: list[tuple[str, bool]] = field(default_factory=list)

    def pictures(self) -> int:
        return sum(has_picture for _, has_picture in self.sent)

    async def connect(self) -> "MemoryBus":
        bus = MemoryBus(self)
        bus.check()
        self.buses.append(bus)
        return bus

    async def cut(self) -> None:
        self.is_up = False
        for bus in self.buses:
            bus.heard.put_nowait(b"")
        self.buses.clear()


class MemoryBus:
    """One process's connection to the hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._names: set[str] = set()
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def check(self) -> None:
        if not self._hub.is_up:
            raise BusError("the hub is down")

    async def subscribe(self, name: str) -> None:
        self.check()
        self._names.add(name)

    async def unsubscribe(self, name: str) -> None:
        self.check()
        self._names.discard(name)

    async def publish(self, name: str, data: bytes) -> None:
        self.check()
        self._hub.sent.append((name, JPEG in data))
        if name.startswith("encore:live:process:"):
            await asyncio.sleep(self._hub.delay)
        for bus in self._hub.buses:
            if name in bus._names:
                bus.heard.put_nowait(data)

    async def receive(self) -> bytes | None:
        data = await self.heard.get()
        self.check()
        return data

    async def close(self) -> None:
        with suppress(ValueError):
            self._hub.buses.remove(self)


class FakeCamera:
    """A camera that notes whether it was told to leave."""

    def __init__(self, web: "Web", session_id: UUID) -> None:
        self._web = web
        self._session_id = session_id
        self.has_left = False

    def make_way(self) -> None:
        self.has_left = True
        self.leave()

    def leave(self) -> None:
        self._web.broadcast.end(self._session_id, self)

    def ask(self, capture: Capture) -> None:
        raise AssertionError("nobody asks")


class Web:
    """One web process: its channels and its relay."""

    def __init__(self, hub: Hub) -> None:
        self.broadcast = Broadcast()
        self.relay = Relay(self.broadcast, hub.connect)
        self._task = asyncio.create_task(self.relay.run())

    def film(self, session_id: UUID) -> FakeCamera:
        camera = FakeCamera(self, session_id)
        self.broadcast.begin(session_id, camera)
        return camera

    def watch(self, session_id: UUID) -> Channel:
        """Have one more viewer, and return what it looks at."""
        return self.broadcast.enter(session_id, asyncio.Event())

    def show(self, session_id: UUID, number: int) -> None:
        """Show a picture whose frame has this number."""
        now = asyncio.get_running_loop().time()
        view = View(number, 640, 360, [], True, JPEG, now)
        self.broadcast.channel(session_id).show(view)

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


@pytest.fixture
def session_id() -> UUID:
    return uuid4()


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have everything that repeats itself do so in a tenth of the time."""
    monkeypatch.setattr(relay, "ROUND_SECONDS", 0.2)
    monkeypatch.setattr(relay, "PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(feed, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(feed, "AFTER_FAILURE_SECONDS", 0.05)


@pytest_asyncio.fixture
async def webs(hub: Hub) -> AsyncIterator[tuple[Web, Web, Web]]:
    three = Web(hub), Web(hub), Web(hub)
    yield three
    for one in three:
        await one.stop()
