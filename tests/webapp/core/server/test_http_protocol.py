"""What a web process takes from a client before it knows what is asked for."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from tests.server import Server
from webapp.core.server import http_protocol

pytestmark = pytest.mark.django_db(transaction=True)

GET = "GET /health/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HANDSHAKE = (
    "GET /ws/events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    running = Server()
    yield running
    running.stop()


def _open(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def _send(wire: socket.socket, *pieces: str, pause: float = 0.0) -> bytes:
    """Send piece by piece; return what the server says until it hangs up or has answered."""
    with suppress(OSError):
        for piece in pieces:
            wire.sendall(piece.encode())
            time.sleep(pause)
    return Server.answer(wire)


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def _filled(start: str, size: int) -> str:
    """Return a head of so many bytes: one header makes it as long as that."""
    rest = size - len(start) - len("X: \r\n\r\n")
    return f"{start}X: {'x' * rest}\r\n\r\n"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param(http_protocol.HEAD_BYTES - 1, 200, id="as long as it may be"),
        pytest.param(http_protocol.HEAD_BYTES + 1, 431, id="a byte more"),
        pytest.param(20 * http_protocol.HEAD_BYTES, 431, id="twenty times as long"),
    ],
)
def test_a_head_has_a_greatest_length(server: Server, size: int, expected: int) -> None:
    with _open(server) as wire:
        told = _status(_send(wire, _filled(GET, size)))
        # Who goes on sending may find the connection gone before the answer was read.
        assert told == expected or (expected == 431 and told == 0)


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param("x" * 1000, id="one line without end"),
        pytest.param("X: y\r\n" * 100, id="lines without end"),
    ],
)
@pytest.mark.parametrize("start", [GET + "Y: ", HANDSHAKE + "Y: ", "GET /", ""])
def test_what_never_ends_is_cut_off(server: Server, start: str, endless: str) -> None:
    with _open(server) as wire:
        wire.sendall(start.encode())
        sent = 0
        with suppress(OSError):
            while sent < 50 * http_protocol.HEAD_BYTES:
                sent += wire.send(endless.encode())
                time.sleep(0.0005)
        assert sent < 50 * http_protocol.HEAD_BYTES, "the server read all of it"


def test_trailers_of_a_body_count_like_headers(server: Server) -> None:
    head = "POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    with _open(server) as wire:
        wire.sendall(f"{head}0\r\nX: ".encode())
        sent = 0
        with suppress(OSError):
            while sent < 50 * http_protocol.HEAD_BYTES:
                sent += wire.send(b"x" * 1000)
                time.sleep(0.0005)
        assert sent < 50 * http_protocol.HEAD_BYTES


def test_a_head_that_comes_in_two_packets_is_answered(server: Server) -> None:
    with _open(server) as wire:
        assert _status(_send(wire, GET, "\r\n", pause=0.3)) == 200


@pytest.mark.parametrize("start", [GET, HANDSHAKE])
def test_a_head_that_drips_is_told_408(
    server: Server, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.6)
    with _open(server) as wire:
        assert _status(_send(wire, start, *["x"] * 12, pause=0.1)) == 408


def test_a_head_that_stops_in_the_middle_is_told_408(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "SILENT_SECONDS", 0.3)
    with _open(server) as wire:
        assert _status(_send(wire, GET)) == 408


def test_blank_lines_before_a_request_do_not_hold_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.6)
    with _open(server) as wire:
        assert _status(_send(wire, *["\r\n"] * 12, pause=0.1)) == 408


def test_a_connection_that_asks_for_nothing_is_closed_without_a_word(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Browsers open connections in advance, and would take a 408 for the answer to what follows.
    monkeypatch.setattr(http_protocol, "SILENT_SECONDS", 0.3)
    with _open(server) as wire:
        started = time.monotonic()
        assert wire.recv(100) == b""
        assert time.monotonic() - started < 5


def test_a_second_request_on_a_connection_has_its_own_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "SILENT_SECONDS", 0.5)
    with _open(server) as wire:
        for _ in range(3):
            assert _status(_send(wire, GET + "\r\n")) == 200
            time.sleep(0.7)


def test_of_too_many_connections_that_ask_for_nothing_the_oldest_ends(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "MOST_WAITING", 3)
    with ExitStack() as wires:
        asked = wires.enter_context(_open(server))
        assert _status(_send(asked, GET + "\r\n")) == 200
        idle = [wires.enter_context(_open(server)) for _ in range(3)]
        assert asked.recv(1) == b""  # It had its answer and waited longest.
        for wire in idle:
            assert _status(_send(wire, GET + "\r\n")) == 200


def test_connections_that_are_gone_or_upgraded_wait_for_nothing(server: Server) -> None:
    for start in (GET, HANDSHAKE):
        with _open(server) as wire:
            _send(wire, start + "\r\n")
    deadline = time.monotonic() + 5
    while http_protocol._waiting and time.monotonic() < deadline:
        time.sleep(0.05)
    assert http_protocol._waiting == {}


def test_a_body_that_was_answered_may_not_drip_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.4)
    head = "POST /upload/tus/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\n"
    with _open(server) as wire:
        assert _status(_send(wire, head)) in {302, 401, 403}
        started = time.monotonic()
        with suppress(OSError):
            while time.monotonic() - started < 8:
                wire.sendall(b"x")
                time.sleep(0.1)
        assert time.monotonic() - started < 5
