"""Which inference processes there are: the one of this machine, and those that Redis knows."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from django.conf import settings

from webapp.vision.engine.client import EngineClient, Finder
from webapp.vision.engine.line import Connect, Connection
from webapp.vision.engine.unix_socket import socket_path

HERE = "here"


class SocketConnection:
    """A unix socket to the inference process of this machine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @property
    def unsent_bytes(self) -> int:
        """How much was written and has not left yet."""
        return self._writer.transport.get_write_buffer_size()

    async def read(self, size: int) -> bytes:
        """Return some bytes; none when the other side is gone."""
        return await self._reader.read(size)

    def write(self, data: bytes) -> None:
        """Send bytes, without waiting."""
        self._writer.write(data)

    async def drain(self) -> None:
        """Wait until the other side has taken most of what was written."""
        await self._writer.drain()

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def connect_to_socket(path: Path) -> SocketConnection:
    """Call the inference process that listens there.

    Raises:
        OSError: None does.
    """
    return SocketConnection(*await asyncio.open_unix_connection(path))


def local_engine(path: Path) -> dict[str, Connect]:
    """Return the one process that listens, or will listen, on a socket."""

    async def connect() -> Connection:
        return await connect_to_socket(path)

    return {HERE: connect}


def only(engines: Mapping[str, Connect]) -> Finder:
    """Return a finder of engines that never change."""

    async def find() -> AsyncIterator[Mapping[str, Connect]]:
        yield engines

    return find


def engine_client() -> EngineClient:
    """Return a client for this installation's inference processes, not running yet."""
    here = local_engine(socket_path())
    if not settings.REDIS_URL:
        return EngineClient(only(here))
    # Here and not above: without Redis its library is not loaded.
    from webapp.vision.engine.redis_engines import engines_on

    return EngineClient(engines_on(settings.REDIS_URL, here if settings.LIVE_ENGINE else {}))


def remote_engines() -> int:
    """Return how many engines of other machines can be called now; waits for Redis's answer."""
    from webapp.vision.engine.redis_engines import count_engines

    return count_engines(settings.REDIS_URL)
