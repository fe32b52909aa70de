"""What a websocket takes from a client before the page's own code sees it."""

import logging
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn

from webapp.core.server import socket_protocol

TEXT, BINARY, CONTINUED, FINAL = 0x1, 0x2, 0x0, 0x80
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


async def _count(_scope: Any, receive: Any, send: Any) -> None:
    """Answer each message with its length."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        data = message.get("text") or message.get("bytes") or b""
        await send({"type": "websocket.send", "text": str(len(data))})


@pytest.fixture
def wire() -> Iterator[socket.socket]:
    """A client's end of an open websocket."""
    config = uvicorn.Config(
        _count, ws=socket_protocol.ImpatientWebSocket, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: server.run([listening]))
    thread.start()
    with socket.create_connection(listening.getsockname(), timeout=10) as client:
        client.sendall(HANDSHAKE)
        assert b" 101 " in client.recv(65_536)
        yield client
    server.should_exit = True
    thread.join(20)


def _frame(kind: int, content: bytes = b"") -> bytes:
    """A short frame of a client, masked by zeros."""
    return struct.pack(">BB4x", kind, 0x80 | len(content)) + content


def _answer(wire: socket.socket) -> tuple[int, bytes]:
    """Return kind and content of the next frame."""
    kind, length = struct.unpack(">BB", wire.recv(2, socket.MSG_WAITALL))
    return kind, wire.recv(length, socket.MSG_WAITALL)


def _close_code(wire: socket.socket) -> int:
    kind, content = _answer(wire)
    assert kind == FINAL | 0x8
    return int(struct.unpack(">H", content[:2])[0])


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([_frame(FINAL | TEXT, b"\xff\xfe")], id="whole"),
        pytest.param(
            [_frame(TEXT, b"a\xc3"), _frame(FINAL | CONTINUED, b"\xc3")], id="in fragments"
        ),
    ],
)
def test_text_that_is_no_utf_8_ends_the_socket_with_a_code_and_no_traceback(
    wire: socket.socket, frames: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    wire.sendall(b"".join(frames))

    assert _close_code(wire) == 1007
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_a_letter_that_is_cut_between_two_fragments_is_text(wire: socket.socket) -> None:
    wire.sendall(_frame(TEXT, b"a\xc3") + _frame(FINAL | CONTINUED, b"\xa9"))

    assert _answer(wire) == (FINAL | TEXT, b"2")


@pytest.mark.parametrize("kind", [TEXT, BINARY])
def test_fragments_without_end_are_cut_off(wire: socket.socket, kind: int) -> None:
    with suppress(OSError):
        wire.sendall(_frame(kind))
        for _ in range(3):
            wire.sendall(_frame(CONTINUED) * socket_protocol.MOST_FRAGMENTS)

    assert _close_code(wire) == 1009


def test_a_message_of_many_fragments_arrives(wire: socket.socket) -> None:
    wire.sendall(_frame(BINARY, b"x") + _frame(CONTINUED, b"x") * 900 + _frame(FINAL | CONTINUED))

    assert _answer(wire) == (FINAL | TEXT, b"901")
