"""The way to a camera: what passes, what is cut, and that nothing leads elsewhere."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from webapp.live.source import relay as relays
from webapp.live.source.relay import MovedError, relay_to


@contextmanager
def camera_saying(*pieces: bytes) -> Iterator[int]:
    """Listen, answer the first word with these pieces, then hang up; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listener.accept()
        line.settimeout(5)
        with line:
            line.recv(100)
            for piece in pieces:
                line.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
    thread.join(5)


def answer_by_relay(*pieces: bytes) -> tuple[bytes, Exception | None]:
    """Ask a camera by a relay; returns all that came, and the relay's trouble."""
    with (
        camera_saying(*pieces) as port,
        relay_to(["127.0.0.1"], port, "cam.example", is_secure=False) as relay,
    ):
        with socket.create_connection(("127.0.0.1", relay.port), timeout=5) as line:
            line.sendall(b"OPTIONS")
            came = b""
            while piece := line.recv(1000):
                came += piece
        return came, relay.trouble


def test_what_a_camera_says_passes_as_it_is() -> None:
    told = b"RTSP/1.0 200 OK\r\nContent-Location: here\r\n\r\n$\0\0\4\0\1\2\3"
    assert answer_by_relay(told) == (told, None)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((b"RTSP/1.0 302 Found\r\nLocation: rtsp://10.0.0.1/\r\n\r\n",), id="at once"),
        pytest.param((b"RTSP/1.0 302 x\r\nLOC", b"ATION: rtsp://10.0.0.1/\r\n\r\n"), id="in two"),
        pytest.param((b"RTSP/1.0 302 x\nLo\r\rcation: rtsp://a/\n\n",), id="as FFmpeg reads it"),
    ],
)
def test_a_camera_that_sends_elsewhere_is_cut_off(pieces: tuple[bytes, ...]) -> None:
    came, trouble = answer_by_relay(*pieces)
    assert b"10.0.0.1" not in came
    assert isinstance(trouble, MovedError)


def test_a_camera_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "SILENT_SECONDS", 0.1)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        relay_to(["127.0.0.1"], silent.getsockname()[1], "a", is_secure=False) as relay,
        socket.create_connection(("127.0.0.1", relay.port), timeout=5) as line,
    ):
        assert line.recv(1) == b""
    assert isinstance(relay.trouble, TimeoutError)


def test_only_one_comes_in_and_nobody_once_it_is_over() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as camera,
        relay_to(["127.0.0.1"], camera.getsockname()[1], "a", is_secure=False) as relay,
    ):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", relay.port), timeout=5)


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    with (
        camera_saying(b"here") as port,
        relay_to(["127.255.255.254", "127.0.0.1"], port, "a", is_secure=False) as relay,
        socket.create_connection(("127.0.0.1", relay.port), timeout=5) as line,
    ):
        line.sendall(b"?")
        assert line.recv(10) == b"here"


def test_a_camera_that_is_not_there_is_an_error_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        pytest.raises(ConnectionRefusedError),
        relay_to(["127.0.0.1"], port, "a", is_secure=False),
    ):
        pass
