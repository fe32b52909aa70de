import asyncio
import json
import struct
from typing import Any, cast

import pytest

from inference.protocol.messages import Header
from inference.protocol.wire import (
    MAX_FRAME_BYTES,
    MAX_HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    MAX_STRANGER_BYTES,
    Decoder,
    Message,
    WireError,
    encode,
    read_messages,
)

HELLO: Header = {"type": "hello", "version": 1}


def header(**fields: Any) -> Header:
    return cast(Header, fields)


def raw(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 1000])
def test_messages_come_out_as_they_went_in_wherever_the_stream_is_cut(cut: int) -> None:
    sent = [
        (HELLO, b""),
        (header(type="frame", camera="한국", frame=1, captured_at=2.5), b"\x00{}\xff" * 50),
        (header(type="close", camera="c"), b""),
    ]
    stream = b"".join(encode(*message) for message in sent)
    decoder = Decoder()
    heard: list[Message] = []
    for start in range(0, len(stream), cut):
        heard += decoder.feed(stream[start : start + cut])

    assert [message.payload for message in heard] == [payload for _, payload in sent]
    assert [message.type for message in heard] == ["hello", "frame", "close"]
    assert heard[1].header["camera"] == "한국"


def test_a_payload_may_look_like_a_message() -> None:
    inner = encode(HELLO)
    heard = Decoder().feed(encode(header(type="frame"), inner) + encode(HELLO))
    assert [message.type for message in heard] == ["frame", "hello"]
    assert heard[0].payload == inner


def test_an_oversized_frame_is_thrown_away_while_it_comes_and_the_next_is_read() -> None:
    decoder = Decoder()
    stream = encode(header(type="frame", frame=7), bytes(MAX_FRAME_BYTES + 1)) + encode(HELLO)
    heard: list[Message] = []
    most = 0
    for start in range(0, len(stream), 65_536):
        heard += decoder.feed(stream[start : start + 65_536])
        most = max(most, len(decoder._buffer))

    assert [(message.type, message.is_oversized) for message in heard] == [
        ("frame", True),
        ("hello", False),
    ]
    assert heard[0].payload == b""
    assert heard[0].header["frame"] == 7
    assert most < 200_000


def test_a_gallery_may_be_larger_than_a_frame() -> None:
    (message,) = Decoder().feed(encode(header(type="gallery"), bytes(MAX_FRAME_BYTES + 1)))
    assert not message.is_oversized
    assert len(message.payload) == MAX_FRAME_BYTES + 1


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(struct.pack(">I", MAX_HEADER_BYTES + 1), id="header too long"),
        pytest.param(struct.pack(">I", 0), id="header of no bytes"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="another language"),
        pytest.param(raw(b"\xff\xfe{}"), id="bad UTF-8"),
        pytest.param(raw(b"[1]"), id="a list"),
        pytest.param(raw(b"{nonsense"), id="no JSON"),
        pytest.param(raw(b"[" * 100_000), id="deeply nested"),
        pytest.param(raw(json.dumps({"payload_bytes": -1}).encode()), id="negative payload"),
        pytest.param(raw(json.dumps({"payload_bytes": "9"}).encode()), id="payload as text"),
        pytest.param(raw(json.dumps({"payload_bytes": True}).encode()), id="payload as truth"),
        pytest.param(
            raw(json.dumps({"payload_bytes": MAX_PAYLOAD_BYTES + 1}).encode()), id="huge payload"
        ),
    ],
)
def test_bytes_that_are_no_message_end_the_connection(stream: bytes) -> None:
    with pytest.raises(WireError):
        Decoder().feed(stream)


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(struct.pack(">I", MAX_STRANGER_BYTES + 1), id="long header"),
        pytest.param(encode(HELLO, b"picture"), id="payload"),
    ],
)
def test_a_stranger_may_not_say_much(stream: bytes) -> None:
    with pytest.raises(WireError):
        Decoder(is_trusted=False).feed(stream)
    Decoder().feed(stream)


async def test_who_is_silent_for_too_long_is_noticed() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(encode(HELLO))
    messages = read_messages(reader, silence_seconds=0.05)
    assert (await anext(messages)).type == "hello"
    with pytest.raises(TimeoutError):
        await anext(messages)


def test_a_type_that_is_no_text_is_no_type() -> None:
    (message,) = Decoder().feed(raw(b'{"type": 5}'))
    assert message.type == ""


def test_numbers_that_json_does_not_have_are_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode(header(type="result", captured_at=float("nan")))


async def test_a_reader_yields_messages_until_the_other_side_is_gone() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(encode(HELLO) + encode(header(type="stats"))[:5])
    reader.feed_eof()
    assert [message.type async for message in read_messages(reader)] == ["hello"]
