"""A session, a fake engine behind the product's own client, and sockets of cameras and viewers."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from django.test import Client

from tests.sockets import Socket
from tests.webapp.live.engine import FakeEngine
from tests.webapp.photos.conftest import picture
from webapp.accounts.models import User
from webapp.asgi import application
from webapp.live import services
from webapp.live.camera.recogniser import recogniser
from webapp.live.messages import pack
from webapp.live.models import LiveSession
from webapp.vision.engine.unix_socket import socket_path

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 100 + b"\xff\xd9"


@pytest.fixture
def session(owner: User) -> LiveSession:
    """An open session of the owner."""
    return services.start_session(owner.pk, "Front row", None)


@pytest.fixture(autouse=True)
def run_folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of its own, so that no engine of another test answers."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest_asyncio.fixture
async def engine(run_folder: Path) -> AsyncIterator[FakeEngine]:
    """An engine that listens where the product looks for it."""
    fake = FakeEngine(socket_path())
    await fake.start()
    yield fake
    await fake.kill()
    await recogniser().stop()


async def until(condition: Callable[[], Any], what: str, seconds: float = 5) -> Any:
    """Return the first true answer of ``condition``; fail with ``what`` when time is up."""
    try:
        async with asyncio.timeout(seconds):
            while not (answer := condition()):
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"after {seconds} s: {what}") from None
    return answer


class Camera(Socket):
    """A camera's socket."""

    def __init__(self, session: LiveSession, client: Client | None, **options: Any) -> None:
        super().__init__(application, f"/ws/live/camera/{session.pk}/", client, **options)

    async def send_frame(self, number: int, image: bytes = JPEG, captured_at: float = 1.0) -> None:
        """Send one frame."""
        await self.send_bytes(pack({"frame": number, "captured_at": captured_at}, image))

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        await self.send_input({"type": "websocket.receive", "bytes": data})

    async def say(self, text: str) -> None:
        """Send a text message."""
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, kind: str, seconds: float = 5) -> dict[str, Any]:
        """Return the next message of a kind, passing over others."""
        async with asyncio.timeout(seconds):
            while True:
                message: dict[str, Any] = await self.receive_json(timeout=seconds)
                if message["type"] == kind:
                    return message

    async def wait_until_ready(self) -> None:
        """Wait until the recogniser is there."""
        while (await self.hear("engine"))["state"] != "ready":
            pass


class Viewer(Socket):
    """A viewer's socket."""

    def __init__(self, session: LiveSession, client: Client | None, **options: Any) -> None:
        super().__init__(application, f"/ws/live/view/{session.pk}/", client, **options)

    async def see(self, seconds: float = 5) -> tuple[dict[str, Any], bytes]:
        """Return header and picture of the next view, passing over texts."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.receive_output(timeout=seconds)
                assert message["type"] == "websocket.send", message
                if (data := message.get("bytes")) is not None:
                    (length,) = struct.unpack_from(">I", data)
                    return json.loads(data[4 : 4 + length]), data[4 + length :]

    async def has_shown(self, frame: int) -> None:
        """Ask for more."""
        text = json.dumps({"type": "shown", "frame": frame})
        await self.send_input({"type": "websocket.receive", "text": text})


async def film(session: LiveSession, client: Client) -> Camera:
    """Open a camera and wait until the recogniser is there."""
    socket = Camera(session, client)
    assert await socket.connect()
    await socket.wait_until_ready()
    return socket


@pytest.fixture
def make_picture() -> Callable[..., bytes]:
    """Return a maker of small pictures."""
    return picture
