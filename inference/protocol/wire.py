"""The language between the web process and the inference process: typed headers, then bytes.

Every message is a header length (4 bytes, big-endian), a JSON header in UTF-8, and as many bytes as
the header's ``payload_bytes`` says. Pure standard library, so that the web process can speak it
without loading numpy or torch.

The messages themselves are in ``protocol/messages.py``.
"""

import asyncio
import json
import struct
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Protocol

from inference.protocol.messages import Header

VERSION = 4
MAX_HEADER_BYTES = 4_000_000
"""The largest header is that of a gallery: a name and a row list for ten thousand people."""
MAX_PAYLOAD_BYTES = 128_000_000
MAX_FRAME_BYTES = 1_000_000
MAX_STRANGER_BYTES = 4096
"""Of the header of whoever has not said who they are; they bring no payload."""

_LENGTH = struct.Struct(">I")
_READ_BYTES = 262_144


class WireError(Exception):
    """The other side does not speak this language; the connection cannot go on."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it arrived; its header is checked JSON, its fields are not.

    Attributes:
        header: The JSON object.
        payload: The bytes after it; empty when oversized.
        is_oversized: Whether the payload was larger than its type allows and was thrown away.
    """

    header: dict[str, Any]
    payload: bytes = b""
    is_oversized: bool = False

    @property
    def type(self) -> str:
        """The header's ``type``, empty where it is missing or no text."""
        kind = self.header.get("type")
        return kind if isinstance(kind, str) else ""


def encode(header: Header, payload: bytes = b"") -> bytes:
    """Put a message into bytes; adds ``payload_bytes`` where there is a payload."""
    sized = {**header, "payload_bytes": len(payload)} if payload else header
    text = json.dumps(sized, separators=(",", ":"), allow_nan=False).encode()
    return _LENGTH.pack(len(text)) + text + payload


class Decoder:
    """Turns a stream of bytes, cut anywhere, into messages.

    Attributes:
        is_trusted: Whether it is known who speaks; what a stranger says is short.
    """

    def __init__(self, *, is_trusted: bool = True) -> None:
        self.is_trusted = is_trusted
        self._buffer = bytearray()
        self._header: dict[str, Any] | None = None
        self._payload_bytes = 0
        self._discard_bytes = 0

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes and return the messages they complete.

        Raises:
            WireError: The bytes are no messages; the connection cannot go on.
        """
        self._buffer += data
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> Message | None:
        if self._header is None and not self._begin():
            return None
        if self._discard_bytes:
            return self._discard()
        if len(self._buffer) < self._payload_bytes:
            return None
        return self._complete(bytes(self._buffer[: self._payload_bytes]), is_oversized=False)

    def _begin(self) -> bool:
        """Read a header if it is there whole."""
        if len(self._buffer) < _LENGTH.size:
            return False
        (length,) = _LENGTH.unpack_from(self._buffer)
        most = MAX_HEADER_BYTES if self.is_trusted else MAX_STRANGER_BYTES
        if not 2 <= length <= most:
            raise WireError(f"a header of {length} bytes; 2 to {most} are read")
        if len(self._buffer) < _LENGTH.size + length:
            return False
        self._header = _parse_header(bytes(self._buffer[_LENGTH.size : _LENGTH.size + length]))
        del self._buffer[: _LENGTH.size + length]
        self._payload_bytes = _payload_bytes(self._header)
        if self._payload_bytes and not self.is_trusted:
            raise WireError("a payload before it is known who speaks")
        if self._header.get("type") != "gallery" and self._payload_bytes > MAX_FRAME_BYTES:
            self._discard_bytes, self._payload_bytes = self._payload_bytes, 0
        return True

    def _discard(self) -> Message | None:
        """Throw an oversized payload away as it comes, so that it never fills the memory."""
        gone = min(self._discard_bytes, len(self._buffer))
        del self._buffer[:gone]
        self._discard_bytes -= gone
        return None if self._discard_bytes else self._complete(b"", is_oversized=True)

    def _complete(self, payload: bytes, *, is_oversized: bool) -> Message:
        message = Message(self._header or {}, payload, is_oversized)
        del self._buffer[: len(payload)]
        self._header = None
        return message


class Reader(Protocol):
    """A stream of bytes, such as ``asyncio.StreamReader``."""

    async def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; none at the end."""
        ...


async def read_messages(
    reader: Reader, decoder: Decoder | None = None, silence_seconds: float | None = None
) -> AsyncGenerator[Message]:
    """Yield messages until the other side is gone.

    Args:
        reader: Where the bytes come from.
        decoder: What reads them; by default one that trusts the other side.
        silence_seconds: How long the other side may say nothing; ``None`` for as long as it likes.

    Raises:
        WireError: The bytes are no messages.
        TimeoutError: The other side was silent for too long.
    """
    decoder = decoder or Decoder()
    while True:
        async with asyncio.timeout(silence_seconds):
            data = await reader.read(_READ_BYTES)
        if not data:
            return
        for message in decoder.feed(data):
            yield message


def _parse_header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("the header is no JSON") from error
    if not isinstance(header, dict):
        raise WireError("the header is no JSON object")
    return header


def _payload_bytes(header: dict[str, Any]) -> int:
    size = header.get("payload_bytes", 0)
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MAX_PAYLOAD_BYTES:
        raise WireError(f"a payload of {size!r} bytes; at most {MAX_PAYLOAD_BYTES} are read")
    return size
