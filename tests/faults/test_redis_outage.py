"""Redis is killed while pages and a camera are open, and comes back: nothing closes.

The web process of the camera runs beside ``manage.py up``, as on a second machine, with an
inference process of its own. Two watch at the other web process, which only Redis joins with it.
"""

import asyncio
import json
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from webapp.sharing.services import make_share
owner = User.objects.get()
session = services.start_session(owner.pk, "Front row", None)
print(session.pk, make_share(owner, session)[1])
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
    """A user's page that hears events and camera, a viewer at each process, a guest elsewhere."""

    def __init__(
        self, port: int, elsewhere: int, cookie: str, names: str, stack: ExitStack
    ) -> None:
        self._cookie = f"sessionid={cookie}"
        session, token = names.split()
        self.page = stack.enter_context(self._open(port, "ws/events/"))
        self.camera = stack.enter_context(self._open(port, f"ws/live/camera/{session}/"))
        self.viewer = stack.enter_context(self._open(port, f"ws/live/view/{session}/"))
        self.elsewhere = stack.enter_context(self._open(elsewhere, f"ws/live/view/{session}/"))
        self.guest = stack.enter_context(self._open(elsewhere, f"s/{token}/live/"))
        self._frames = 0

    def _open(self, port: int, path: str) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{port}/{path}",
            origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
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

    def is_seen_elsewhere(self) -> bool:
        """Film, and return whether both at the other process see that very picture."""
        self.film()
        named, nameless = self._name_in(self.elsewhere), self._name_in(self.guest)
        assert not nameless, "a guest learns a name"
        return (named, nameless) == ("Minji", None)

    def _name_in(self, socket: ClientConnection) -> str | None:
        """Return whose name the newest frame bears for a viewer; empty where it does not come."""
        deadline = time.monotonic() + 3
        while (left := deadline - time.monotonic()) > 0:
            try:
                message = socket.recv(timeout=left)
            except TimeoutError:
                break
            if not isinstance(message, bytes):
                continue
            (length,) = struct.unpack_from(">I", message)
            header = json.loads(message[4 : 4 + length])
            socket.send(json.dumps({"type": "shown", "frame": header["frame"]}))
            if header["frame"] == self._frames:
                assert message[4 + length :] == JPEG
                name: str | None = header["faces"][0]["name"]
                return name
        return ""

    def wait_for_outage(self) -> str:
        """Return what the viewer at the other process is told when the camera is out of reach."""
        while not (told := self._hear(self.elsewhere, "on_air")).get("message"):
            pass
        assert not told["is_on_air"]
        return str(told["message"])

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
    def _hear(socket: ClientConnection, kind: str) -> dict[str, Any]:
        while True:
            text = socket.recv(timeout=20)
            message = json.loads(text) if isinstance(text, str) else {"type": "view"}
            if message["type"] == kind:
                return dict(message)


def test_a_camera_is_seen_at_both_web_processes_and_nothing_closes_while_redis_is_away(
    encore: LiveEncore, redis: Redis, web: Web
) -> None:
    cookie = encore.python(SIGN_IN)
    session = encore.python(START_SESSION)
    wait_until(lambda: _answers(web), 30, "the second web process does not answer")
    with ExitStack() as stack:
        pages = Pages(web.port, encore.port, cookie, session, stack)
        pages.wait_for_engine()
        assert pages.film() == "Minji"
        wait_until(pages.is_seen_elsewhere, 20, "the other process does not show the camera")
        assert not [key for key in redis.kept() if "live" in key]

        redis.kill()
        assert "cannot be reached" in pages.wait_for_outage()
        away = time.monotonic()
        encore.enqueue("quick")
        while time.monotonic() - away < OUTAGE_SECONDS:
            assert pages.film() == "Minji"
            time.sleep(0.2)
        encore.python(PUBLISH)
        assert pages.hears("told", 5), "a page did not hear what happened meanwhile"

        redis.start()
        assert pages.hears("quick", 60), "nobody woke the workers"
        wait_until(pages.is_seen_elsewhere, 20, "the picture does not come back")
        for socket in (pages.page, pages.camera, pages.viewer, pages.elsewhere):
            assert socket.ping().wait(5)
    assert "Traceback" not in web.log.read_text()


def _answers(web: "Web") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{web.port}/health/live/", timeout=5):
            return True
    except OSError:
        return False
