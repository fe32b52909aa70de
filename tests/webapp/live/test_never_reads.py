"""A viewer that never reads, over a real network: it costs no memory, holds up nobody, and ends."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import connect

from tests.live import LiveEncore, wait_until
from webapp.live.messages import pack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

FRAMES = 4000
PICTURE = b"\xff\xd8\xff\xe0" + b"\x55" * 20_000
MOST_GROWTH_BYTES = 10_000_000
LONGEST_SECONDS = 30
SET_UP = """
import json
from django.test import Client
from webapp.accounts.models import User
from webapp.live import services, tokens
owner = User.objects.create(username="owner", is_staff=True)
session = services.start_session(owner.pk, "Front row", None)
browser = Client()
browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
key = browser.cookies["sessionid"].value
print(json.dumps([str(session.pk), tokens.make(session.pk), key]))
"""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveEncore]:
    encore = LiveEncore(tmp_path / "var")
    try:
        encore.start()
        yield encore
    finally:
        encore.clean_up()


def _silent_viewer(live: LiveEncore, session: str, key: str) -> socket.socket:
    """Shake hands and never read again."""
    line = socket.create_connection(("127.0.0.1", live.port), timeout=10)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.sendall(
        f"GET /ws/live/view/{session}/ HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\n"
        f"Origin: {live.url}\r\nCookie: sessionid={key}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert line.recv(12) == b"HTTP/1.1 101"
    return line


async def _film(live: LiveEncore, session: str, token: str) -> int:
    """Send all frames, two on the way at most; return how many were answered."""
    camera: Any = connect(
        f"ws://127.0.0.1:{live.port}/ws/live/camera/{session}/",
        origin=live.url,  # type: ignore[arg-type]
        additional_headers={"Authorization": f"Bearer {token}"},
        compression=None,
        proxy=None,
    )
    answered = 0
    async with camera as line:
        for number in range(FRAMES):
            await line.send(pack({"frame": number, "captured_at": number}, PICTURE))
            while True:
                message = json.loads(await line.recv())
                if message["type"] == "dropped":
                    answered += 1
                    break
    return answered


def test_a_viewer_that_never_reads_costs_nothing_and_is_closed(live: LiveEncore) -> None:
    session, token, key = json.loads(live.python(SET_UP).splitlines()[-1])
    web: psutil.Process = wait_until(lambda: live.child("serve"), 10, "no web process")
    viewer = _silent_viewer(live, session, key)
    port = viewer.getsockname()[1]
    before = web.memory_info().rss
    started = time.monotonic()
    assert asyncio.run(_film(live, session, token)) == FRAMES
    assert web.memory_info().rss - before < MOST_GROWTH_BYTES

    def is_gone() -> bool:
        return all(
            not one.raddr or one.raddr.port != port for one in web.net_connections(kind="tcp")
        )

    left = LONGEST_SECONDS - (time.monotonic() - started)
    wait_until(is_gone, left, "the viewer is still connected")
    viewer.close()
