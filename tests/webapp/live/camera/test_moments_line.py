"""Moments on their way between the inference process and a camera's stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from inference.protocol.messages import MomentChosen, Taste
from tests.webapp.live.conftest import until
from tests.webapp.live.engine import FakeEngine
from webapp.live.camera.broadcast import Broadcast
from webapp.live.camera.stream import CameraStream
from webapp.vision.engine.addresses import Local
from webapp.vision.engine.client import EngineClient

WANTED: Taste = {
    "wanted": True,
    "anyone": False,
    "weights": {},
    "favourites": [],
    "per_minute": 6,
}


class Letters:
    """Keeps what a camera is told."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    def put(self, message: Any) -> None:
        self.messages.append(message)


@pytest.fixture
def fake(tmp_path: Path) -> FakeEngine:
    return FakeEngine(tmp_path / "engine.sock")


@pytest_asyncio.fixture
async def client(fake: FakeEngine) -> AsyncIterator[EngineClient]:
    await fake.start()
    client = EngineClient([Local(fake.path)])
    line = asyncio.create_task(client.run())
    await until(lambda: client.state == "ready", "the line did not come up")
    yield client
    line.cancel()
    with suppress(asyncio.CancelledError):
        await line
    await fake.kill()


def stream(client: EngineClient, heard: list[MomentChosen] | None) -> CameraStream:
    on_moment = None if heard is None else heard.append
    return CameraStream("one", client, Broadcast().channel(uuid4()), Letters(), on_moment=on_moment)


async def test_a_moment_reaches_whoever_asked_for_it(
    client: EngineClient, fake: FakeEngine
) -> None:
    heard: list[MomentChosen] = []
    client.open("one", "fans", stream(client, heard), WANTED)
    client.open("two", "fans", stream(client, None))
    await until(lambda: len(fake.open_cameras) == 2, "the cameras did not open")
    fake.choose("two")
    moment = fake.choose("one")
    await until(lambda: heard, "the moment did not arrive")
    assert [one["key"] for one in heard] == [moment["key"]]
    assert heard[0]["camera"] == "one"


async def test_what_moments_are_wanted_is_told_again_to_a_new_engine(
    client: EngineClient, fake: FakeEngine
) -> None:
    client.open("one", "fans", stream(client, None), WANTED)
    client.open("two", "fans", stream(client, None))
    client.set_taste("one", {**WANTED, "per_minute": 2})
    await until(lambda: (fake.tastes.get("one") or {}).get("per_minute") == 2, "no taste came")
    assert fake.tastes["two"] is None
    await fake.kill()
    fake.tastes.clear()
    await fake.start()
    await until(lambda: fake.tastes.get("one"), "the taste was not repeated")
    assert (fake.tastes["one"] or {})["per_minute"] == 2
