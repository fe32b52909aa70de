"""A browser that stops reading costs no memory and is cut off."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.live import LiveEncore, wait_until

SIGN_IN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from webapp.accounts.models import User
user = User.objects.create_user("owner", is_staff=True)
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(session.session_key)
"""
PUBLISH = """
from django.db import transaction
from webapp.accounts.models import User
from webapp.core import events
user = User.objects.get()
for _ in range(10):
    with transaction.atomic():
        for _ in range(200):
            events.publish(user.pk, "large", {"text": "x" * 20_000})
"""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveEncore]:
    encore = LiveEncore(tmp_path / "var")
    try:
        encore.start()
        yield encore
    finally:
        encore.clean_up()


def _open_socket(live: LiveEncore, session: str) -> socket.socket:
    """Shake hands for a websocket and read nothing but the answer."""
    client = socket.create_connection(("127.0.0.1", live.port))
    host = f"127.0.0.1:{live.port}"
    client.sendall(
        f"GET /ws/events/?since=0 HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
        f"Cookie: sessionid={session}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    assert b" 101 " in client.recv(100)
    return client


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_client_that_never_reads_is_cut_off_and_costs_no_memory(live: LiveEncore) -> None:
    session = live.python(SIGN_IN)
    web = wait_until(lambda: live.child("serve"), 10, "no web process")
    with _open_socket(live, session) as warm_up:
        warm_up.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    before = web.memory_info().rss
    with _open_socket(live, session) as client:
        ours = client.getsockname()[1]

        def is_open() -> bool:
            return any(
                connection.raddr and connection.raddr.port == ours
                for connection in web.net_connections("tcp")
                if connection.status == psutil.CONN_ESTABLISHED
            )

        assert is_open()
        live.python(PUBLISH)
        started = time.monotonic()
        peak = before
        while is_open():
            assert time.monotonic() - started < 30
            peak = max(peak, web.memory_info().rss)
            time.sleep(0.2)
    print(f"cut off after {time.monotonic() - started:.1f} s; {peak - before} bytes more")  # noqa: T201
    assert peak - before <= 10_000_000, f"grew by {(peak - before) / 1e6:.1f} MB"
