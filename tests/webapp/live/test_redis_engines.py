"""Engines on other machines, through a real Redis: found, shared out, lost, replaced."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.test import Client

from tests.live import REPOSITORY, free_port
from tests.services import Redis
from tests.webapp.live.conftest import JPEG, Camera, film, until
from tests.webapp.live.engine import FakeEngine
from webapp.live.camera.recogniser import Recogniser, recogniser
from webapp.live.health import recogniser_section
from webapp.live.models import LiveSession
from webapp.vision.engine.client import EngineClient
from webapp.vision.engine.engines import local_engine
from webapp.vision.engine.redis_engines import engines_on

NOTICED_SECONDS = 5
Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.kill()


@pytest.fixture
def start(redis: Redis, tmp_path: Path) -> Iterator[Start]:
    """Starts a machine with an inference process of a name."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(name: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.webapp.live.remote_engine"]
        path = tmp_path / f"{name}.sock"
        running.append(subprocess.Popen([*command, redis.url, name, str(path)], cwd=REPOSITORY))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()


class Filmer:
    """Hears the answers to the frames of one camera."""

    def __init__(self) -> None:
        self.results: list[dict[str, Any]] = []
        self.moments: list[dict[str, Any]] = []
        self.changes = 0

    def answered(self, header: dict[str, Any]) -> None:
        """Remember a result."""
        self.results.append(header)

    def chosen(self, header: dict[str, Any]) -> None:
        """Remember a moment."""
        self.moments.append(header)

    def engine_changed(self) -> None:
        """Count."""
        self.changes += 1

    def names(self) -> set[str]:
        """Return the engines that have answered."""
        return {result["faces"][0]["name"] for result in self.results}


class Web:
    """A web process's client and its cameras."""

    def __init__(self, client: EngineClient) -> None:
        self.client = client
        self.filmers: dict[str, Filmer] = {}
        self._numbers = 0

    def open(self, *cameras: str) -> None:
        """Begin cameras."""
        for camera in cameras:
            self.filmers[camera] = Filmer()
            self.client.open(camera, "people-0", self.filmers[camera])

    async def film(self, seconds: float = NOTICED_SECONDS) -> dict[str, set[str]]:
        """Send a frame of each camera until each was answered; return which engine answered."""
        for filmer in self.filmers.values():
            filmer.results.clear()

        def send() -> bool:
            for camera, filmer in self.filmers.items():
                if not filmer.results:
                    self._numbers += 1
                    self.client.send(camera, self._numbers, 1.0, ("names",), JPEG)
            return all(filmer.results for filmer in self.filmers.values())

        await until(send, "a camera got no answer", seconds)
        return {camera: filmer.names() for camera, filmer in self.filmers.items()}


@pytest_asyncio.fixture
async def web(redis: Redis) -> AsyncIterator[Web]:
    client = EngineClient(engines_on(redis.url, {}))
    running = asyncio.create_task(client.run())
    yield Web(client)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def ready(web: Web, engines: int) -> None:
    """Wait for lines to so many engines."""
    await until(lambda: len(web.client._ready()) == engines, f"no {engines} engines", 20)


async def test_a_frame_goes_to_another_machine_and_its_answer_comes_back(
    start: Start, web: Web
) -> None:
    assert web.client.state == "away"
    start("tokyo")
    web.open("camera")
    await ready(web, 1)
    assert await web.film() == {"camera": {"tokyo"}}
    assert web.client.engine is not None
    assert web.client.engine.embedder == "tiny"


async def test_word_that_a_stream_is_over_brings_its_last_moment_from_another_machine(
    start: Start, web: Web
) -> None:
    start("tokyo")
    await ready(web, 1)
    web.open("a", "b")
    await web.film()
    web.client.flush("a")
    await until(lambda: web.filmers["a"].moments, "the last moment did not come")
    assert [moment["camera"] for moment in web.filmers["a"].moments] == ["a"]
    assert web.filmers["b"].moments == []


async def test_cameras_are_spread_evenly_and_each_stays_where_it_is(start: Start, web: Web) -> None:
    start("tokyo")
    start("seoul")
    await ready(web, 2)
    web.open("a", "b", "c", "d")
    first = await web.film()
    assert sorted(str(names) for names in first.values()) == [
        *["{'seoul'}"] * 2,
        *["{'tokyo'}"] * 2,
    ]
    for _ in range(5):
        assert await web.film() == first


async def test_the_cameras_of_a_killed_machine_go_on_with_another_one(
    start: Start, web: Web
) -> None:
    machines = {name: start(name) for name in ("tokyo", "seoul")}
    await ready(web, 2)
    web.open("a", "b")
    before = await web.film()
    (lost,) = before["a"]
    (other,) = before["b"]
    told = web.filmers["a"].changes, web.filmers["b"].changes
    machines[lost].send_signal(signal.SIGKILL)
    started = time.monotonic()
    await until(lambda: web.filmers["a"].changes > told[0], "nobody noticed", NOTICED_SECONDS)
    assert await web.film() == {"a": {other}, "b": {other}}
    assert time.monotonic() - started < NOTICED_SECONDS
    assert web.filmers["b"].changes == told[1], "a camera of the other engine was disturbed"


async def test_the_only_machine_is_killed_and_a_new_one_takes_over(start: Start, web: Web) -> None:
    machine = start("tokyo")
    await ready(web, 1)
    web.open("camera")
    await web.film()
    machine.kill()
    await until(lambda: web.client.state == "away", "nobody noticed", NOTICED_SECONDS)
    assert not web.client.send("camera", 1, 1.0, (), JPEG)
    start("seoul")
    assert await web.film(seconds=20) == {"camera": {"seoul"}}


async def test_a_machine_that_stands_still_counts_as_lost(start: Start, web: Web) -> None:
    machine = start("tokyo")
    await ready(web, 1)
    machine.send_signal(signal.SIGSTOP)
    await until(lambda: web.client.state != "ready", "nobody noticed", NOTICED_SECONDS)
    machine.send_signal(signal.SIGCONT)
    await ready(web, 1)


async def test_after_a_restart_of_redis_everything_goes_on(tmp_path: Path) -> None:
    server = Redis()
    command = [sys.executable, "-m", "tests.webapp.live.remote_engine"]
    machine = subprocess.Popen(
        [*command, server.url, "tokyo", str(tmp_path / "tokyo.sock")], cwd=REPOSITORY
    )
    client = EngineClient(engines_on(server.url, {}))
    running = asyncio.create_task(client.run())
    try:
        web = Web(client)
        web.open("camera")
        await web.film(seconds=20)
        server.kill()
        await until(lambda: client.state == "away", "nobody noticed", NOTICED_SECONDS)
        server.start()
        assert await web.film(seconds=10) == {"camera": {"tokyo"}}
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        machine.kill()
        machine.wait()
        server.kill()


async def test_the_engine_of_this_machine_needs_no_redis(tmp_path: Path) -> None:
    here = FakeEngine(tmp_path / "here.sock")
    await here.start()
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    client = EngineClient(engines_on(nobody, local_engine(here.path)))
    running = asyncio.create_task(client.run())
    try:
        web = Web(client)
        web.open("camera")
        assert await web.film() == {"camera": {"Minji"}}
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await here.kill()


@pytest.fixture
def scaled_out(redis: Redis, settings: Any) -> None:
    settings.REDIS_URL = redis.url
    settings.LIVE_ENGINE = False


@pytest.mark.django_db(transaction=True)
async def test_a_camera_page_does_not_notice_that_its_engine_is_elsewhere_and_was_killed(
    start: Start, scaled_out: None, session: LiveSession, as_owner: Client
) -> None:
    machine = start("tokyo")
    shared: Recogniser = recogniser()
    shared.wake()
    await until(lambda: shared.engine.state == "ready", "no engine", 20)
    camera: Camera = await film(session, as_owner)
    try:
        await camera.send_frame(1)
        assert (await camera.hear("result"))["faces"][0]["name"] == "tokyo"
        start("seoul")
        await until(lambda: len(shared.engine._ready()) == 2, "no second engine", 20)
        machine.kill()
        assert (await camera.hear("engine"))["state"] == "ready"
        await camera.send_frame(2)
        assert (await camera.hear("result"))["faces"][0]["name"] == "seoul"
    finally:
        await camera.disconnect()
        await shared.stop()


async def test_the_health_page_counts_the_machines(
    start: Start, scaled_out: None, web: Web
) -> None:
    start("tokyo")
    await ready(web, 1)
    section = await sync_to_async(recogniser_section, thread_sensitive=False)()
    assert dict(section.rows)["On other machines, by Redis"] == "1"
    assert section.status == "ok"
