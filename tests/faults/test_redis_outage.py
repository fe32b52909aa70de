"""Redis is killed while pages and a camera are open, and comes back: nothing closes.

The web process under test runs beside ``manage.py up``, as on a second machine, with an inference
process of its own.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import override_settings
from websockets.sync.client import ClientConnection, connect

from tests.live import REPOSITORY, LiveEncore, free_port, wait_until
from tests.services import Redis
from tests.webapp.core.server.test_slow_reader import SIGN_IN
from tests.webapp.live.conftest import JPEG
from tests.webapp.live.engine import FakeEngine
from webapp.live.messages import pack
from webapp.vision.engine.unix_socket import socket_path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

OUTAGE_SECONDS = 8
"""Longer than any pause in which a socket could have asked Redis for something."""
START_SESSION = """
from webapp.accounts.models import User
from webapp.live import services
print(services.start_session(User.objects.get().pk, "Front row", None).pk)
"""
PUBLISH = """
from django.db import transaction
from webapp.accounts.models import User
from webapp.core import events
with transaction.atomic():
    events.publish(User.objects.get().pk, "told", {})
"""


@pytest.fixture
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.kill()


@pytest.fixture
def encore(redis: Redis, tmp_path: Path) -> Iterator[LiveEncore]:
    running = LiveEncore(tmp_path / "var", ENCORE_REDIS_URL=redis.url)
    try:
        running.start()
        yield running
    finally:
        running.clean_up()


@pytest.fixture
def engine(encore: LiveEncore) -> Iterator[None]:
    """A fake engine on this machine, in an event loop of its own."""
    with override_settings(DATA_DIR=encore.folder):
        fake = FakeEngine(socket_path())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(fake.start(), loop).result(10)
    yield
    asyncio.run_coroutine_threadsafe(fake.kill(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def web(encore: LiveEncore, engine: None, tmp_path: Path) -> Iterator["Web"]:
    """A web process that uses the engine of this machine."""
    port = free_port()
    environment = encore.environment | {"ENCORE_PORT": str(port), "ENCORE_LIVE_ENGINE": "true"}
    path = tmp_path / "web.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=REPOSITORY,
            env=environment,
            stdout=log,
            stderr=log,
        )
    yield Web(port, path)
    process.terminate()
    process.wait(20)


@dataclass
class Web:
    """A web process and what it logs."""

    port: int
    log: Path


class Pages:
    """What one user has open: a page that hears events, a camera and a viewer."""

    def __init__(self, port: int, cookie: str, session: str, stack: ExitStack) -> None:
        self._port, self._cookie = port, f"sessionid={cookie}"
        self.page = stack.enter_context(self._open("events/"))
        self.camera = stack.enter_context(self._open(f"live/camera/{session}/"))
        self.viewer = stack.enter_context(self._open(f"live/view/{session}/"))
        self._frames = 0

    def _open(self, path: str) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self._port}/ws/{path}",
            origin=f"http://127.0.0.1:{self._port}",  # type: ignore[arg-type]
            additional_headers={"Cookie": self._cookie},
        )

    def film(self) -> str:
        """Send a frame; return whose name came back, and see it as a viewer."""
        self._frames += 1
        self.camera.send(pack({"frame": self._frames, "captured_at": 1.0}, JPEG))
        answer = self._hear(self.camera, "result")
        while not isinstance(self.viewer.recv(timeout=5), bytes):
            pass
        self.viewer.send(json.dumps({"type": "shown", "frame": self._frames}))
        return str(answer["faces"][0]["name"])

    def wait_for_engine(self) -> None:
        """Wait until frames get names."""
        while self._hear(self.camera, "engine")["state"] != "ready":
            pass

    def hears(self, kind: str, seconds: float) -> bool:
        """Wait for an event."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if json.loads(self.page.recv(timeout=left))["kind"] == kind:
                return True
        return False

    @staticmethod
    def _hear(socket: ClientConnection, kind: str) -> dict[str, list[dict[str, str]]]:
        while True:
            message = json.loads(socket.recv(timeout=20))
            if message["type"] == kind:
                return dict(message)


def test_pages_and_cameras_stay_while_redis_is_away_and_work_goes_on_when_it_is_back(
    encore: LiveEncore, redis: Redis, web: Web
) -> None:
    cookie = encore.python(SIGN_IN)
    session = encore.python(START_SESSION)
    wait_until(lambda: _answers(web), 30, "the second web process does not answer")
    with ExitStack() as stack:
        pages = Pages(web.port, cookie, session, stack)
        pages.wait_for_engine()
        assert pages.film() == "Minji"

        redis.kill()
        away = time.monotonic()
        encore.enqueue("quick")
        while time.monotonic() - away < OUTAGE_SECONDS:
            assert pages.film() == "Minji"
            time.sleep(0.2)
        encore.python(PUBLISH)
        assert pages.hears("told", 5), "a page did not hear what happened meanwhile"

        redis.start()
        assert pages.hears("quick", 60), "nobody woke the workers"
        assert pages.film() == "Minji"
        for socket in (pages.page, pages.camera, pages.viewer):
            socket.ping().wait(5)
    assert "Traceback" not in web.log.read_text()


def _answers(web: "Web") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{web.port}/health/live/", timeout=5):
            return True
    except OSError:
        return False
