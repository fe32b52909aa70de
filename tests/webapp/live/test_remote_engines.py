"""Engines of other machines, called by TLS: cameras are shared out, and go on when one is lost."""

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

from inference.protocol.messages import Answer, MomentChosen
from tests.inference.engine.fakes import jpeg, picture
from tests.live import REPOSITORY, free_port
from tests.tls import CA, TOKEN
from tests.webapp.live.conftest import Camera, film, until
from webapp.live.camera.recogniser import Recogniser, recogniser
from webapp.live.health import recogniser_section
from webapp.live.models import LiveSession
from webapp.vision.engine.addresses import remote_addresses
from webapp.vision.engine.client import EngineClient

NOTICED_SECONDS = 5
START_SECONDS = 30
PICTURE = jpeg(picture(("red", 100, 100)))
Start = Callable[[int], "subprocess.Popen[bytes]"]


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture(autouse=True)
def listed(ports: tuple[int, int], settings: Any) -> None:
    """Two engines stand in the settings, and none is started here."""
    settings.ENGINES = [("127.0.0.1", port) for port in ports]
    settings.ENGINE_CA, settings.ENGINE_TOKEN = CA, TOKEN
    settings.LIVE_ENGINE = False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the engine of a port."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(port: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.webapp.live.remote_engine"]
        path = tmp_path / f"{len(running)}.sock"
        running.append(subprocess.Popen([*command, str(path), str(port)], cwd=REPOSITORY))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()


class Filmer:
    """Hears the answers to the frames of one camera."""

    def __init__(self) -> None:
        self.results: list[Answer] = []
        self.changes = 0

    def answered(self, answer: Answer) -> None:
        """Remember a result; frames are sent faster than they are read, so some are replaced."""
        if answer["type"] == "result":
            self.results.append(answer)

    def chosen(self, moment: MomentChosen) -> None:
        """Look for none."""

    def engine_changed(self) -> None:
        """Count."""
        self.changes += 1


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

    async def film(self, seconds: float = NOTICED_SECONDS) -> dict[str, str]:
        """Send a frame of each camera until each was answered; return the engine of each."""
        for filmer in self.filmers.values():
            filmer.results.clear()

        def send() -> bool:
            for camera, filmer in self.filmers.items():
                if not filmer.results:
                    self._numbers += 1
                    self.client.send(camera, self._numbers, 1.0, ("names",), PICTURE)
            return all(filmer.results for filmer in self.filmers.values())

        await until(send, "a camera got no answer", seconds)
        return {camera: self._engine_of(camera) for camera in self.filmers}

    def _engine_of(self, camera: str) -> str:
        line = self.client._cameras[camera].line
        assert line is not None
        return line.name

    async def ready(self, engines: int) -> None:
        """Wait for lines to so many engines."""
        there = lambda: len(self.client._ready()) == engines  # noqa: E731
        await until(there, f"no {engines} engines", START_SECONDS)


@pytest_asyncio.fixture
async def web() -> AsyncIterator[Web]:
    client = EngineClient(remote_addresses())
    running = asyncio.create_task(client.run())
    yield Web(client)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_cameras_are_spread_evenly_and_go_on_within_five_seconds_when_an_engine_is_killed(
    start: Start, web: Web, ports: tuple[int, int]
) -> None:
    machines = {f"127.0.0.1:{port}": start(port) for port in ports}
    await web.ready(2)
    web.open("a", "b", "c", "d")
    before = await web.film()
    assert sorted(before.values()) == sorted([*machines, *machines])
    assert await web.film() == before, "a camera did not stay where its faces are followed"
    lost = before["a"]
    (other,) = machines.keys() - {lost}
    stayed = next(camera for camera, engine in before.items() if engine == other)
    changes, told = web.filmers[stayed].changes, web.filmers["a"].changes
    started = time.monotonic()
    machines[lost].send_signal(signal.SIGKILL)
    await until(lambda: web.filmers["a"].changes > told, "nobody noticed", NOTICED_SECONDS)
    assert set((await web.film()).values()) == {other}
    assert time.monotonic() - started < NOTICED_SECONDS
    assert web.filmers[stayed].changes == changes, "a camera of the other engine was disturbed"


async def test_an_engine_that_stands_still_is_lost_and_comes_back(
    start: Start, web: Web, ports: tuple[int, int]
) -> None:
    machine = start(ports[0])
    await web.ready(1)
    machine.send_signal(signal.SIGSTOP)
    await until(lambda: web.client.state != "ready", "nobody noticed", NOTICED_SECONDS)
    machine.send_signal(signal.SIGCONT)
    await web.ready(1)
    web.open("camera")
    assert await web.film() == {"camera": f"127.0.0.1:{ports[0]}"}


async def test_the_only_engine_is_killed_and_the_other_one_takes_over_once_it_starts(
    start: Start, web: Web, ports: tuple[int, int]
) -> None:
    machine = start(ports[0])
    await web.ready(1)
    web.open("camera")
    await web.film()
    machine.kill()
    await until(lambda: web.client.state == "away", "nobody noticed", NOTICED_SECONDS)
    assert not web.client.send("camera", 1, 1.0, (), PICTURE)
    start(ports[1])
    assert await web.film(START_SECONDS) == {"camera": f"127.0.0.1:{ports[1]}"}


@pytest.mark.parametrize("is_listed", [True, False], ids=["another token", "another authority"])
async def test_an_engine_that_does_not_know_us_or_is_another_one_gets_no_frames(
    start: Start,
    ports: tuple[int, int],
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    is_listed: bool,
) -> None:
    if is_listed:
        settings.ENGINE_TOKEN = "another"
    else:
        settings.ENGINE_CA = None
    start(ports[0])
    client = EngineClient(remote_addresses())
    running = asyncio.create_task(client.run())
    reason = "does not know you" if is_listed else "CERTIFICATE_VERIFY_FAILED"
    try:
        with caplog.at_level("INFO", "webapp.vision.engine.line"):
            await until(lambda: reason in caplog.text, "no reason was told", START_SECONDS)
        assert client.state != "ready"
        assert TOKEN not in caplog.text
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.django_db(transaction=True)
async def test_a_camera_page_goes_on_when_its_engine_is_killed_and_the_health_page_says_who_is_left(
    start: Start, ports: tuple[int, int], session: LiveSession, as_owner: Client
) -> None:
    machines = {f"127.0.0.1:{port}": start(port) for port in ports}
    shared: Recogniser = recogniser()
    shared.wake()
    await until(lambda: len(shared.engine._ready()) == 2, "no engines", START_SECONDS)
    camera: Camera = await film(session, as_owner)
    try:
        await camera.send_frame(1, PICTURE)
        assert len((await camera.hear("result"))["faces"]) == 1
        (known,) = shared.engine._cameras.values()
        assert known.line is not None
        lost = known.line.name
        machines[lost].kill()
        assert (await camera.hear("engine"))["state"] == "ready"
        await camera.send_frame(2, PICTURE)
        assert (await camera.hear("result"))["frame"] == 2
        section = await sync_to_async(recogniser_section, thread_sensitive=False)()
    finally:
        await camera.disconnect()
        await shared.stop()
    rows = dict(section.rows)
    assert section.status == "ok"
    (left,) = machines.keys() - {lost}
    assert (rows[lost], rows[left]) == ("does not answer", "runs")
