"""A stream of bytes between two processes, both ways, by Redis publish and subscribe.

Publications are never written to disk and leave nothing behind, which suits pictures of faces. But
Redis forgets what nobody hears and cuts off who listens too slowly, so the tunnel counts: data is
numbered, and a gap ends the tunnel; the receiver says what it has read, and no more than
``WINDOW_BYTES`` are ever on the way; both sides beat every second, and silence ends the tunnel.
"""

import asyncio
import logging
import struct
import time
from collections import deque
from contextlib import suppress
from enum import IntEnum

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0
BEAT_SECONDS = 1.0
SILENCE_SECONDS = 3.0
"""A side that says nothing for so long is gone; the page must go on within 5 s."""

WINDOW_BYTES = 6_000_000
"""Redis cuts off a listener whose unread publications stay above 8 MB."""
PIECE_BYTES = 1_000_000

BROKEN = (RedisError, OSError, struct.error)
"""What ends a tunnel, and is no mistake of ours."""

_HEADER = struct.Struct(">BQ")


def redis_client(url: str) -> Redis:
    """Return a client that gives up soon, because whoever uses it begins again by itself."""
    return Redis.from_url(
        url,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        health_check_interval=2,
        retry=Retry(NoBackoff(), 0),
    )


class Kind(IntEnum):
    """What a publication is."""

    DATA = 1
    """Bytes; the number is how many went before them."""
    READ = 2
    """The number is how many bytes were read so far."""
    BEAT = 3
    END = 4


class RedisTunnel:
    """One end of a tunnel.

    Args:
        url: Of the Redis; the tunnel has connections of its own, which end with it.
        hears: Channel on which this end listens.
        speaks: Channel on which the other end listens.
    """

    def __init__(self, url: str, hears: str, speaks: str) -> None:
        self._redis = redis_client(url)
        self._hears, self._speaks = hears, speaks
        self._subscription = self._redis.pubsub(ignore_subscribe_messages=True)
        self._unsent = bytearray()
        self._sent = self._read_there = 0
        self._arrived: deque[bytes] = deque()
        self._heard = self._read_here = self._reported = 0
        self._news, self._due, self._left = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._over = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @property
    def unsent_bytes(self) -> int:
        """How much was written and has not left yet."""
        return len(self._unsent)

    async def listen(self) -> None:
        """Begin to listen: what the other end publishes after this arrives.

        Raises:
            OSError: Redis cannot be reached.
        """
        try:
            await self._subscription.subscribe(self._hears)
            # Redis confirms; what is published before that is lost.
            await self._subscription.get_message(timeout=SILENCE_SECONDS)
        except RedisError as error:
            raise ConnectionError(f"Redis: {error}") from error

    async def await_greeting(self) -> None:
        """Wait until the other end has spoken for the first time.

        Raises:
            OSError: It did not, or Redis cannot be reached.
        """
        try:
            greeting = await self._subscription.get_message(timeout=SILENCE_SECONDS)
        except RedisError as error:
            raise ConnectionError(f"Redis: {error}") from error
        if greeting is None:
            raise ConnectionError("the other end of the tunnel does not answer")

    def start(self) -> None:
        """Begin to speak; the other end listens already."""
        self._running = asyncio.create_task(self._run())

    async def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; none when the tunnel has ended."""
        while not self._arrived:
            if self._over.is_set():
                return b""
            self._news.clear()
            await self._news.wait()
        data = self._arrived.popleft()
        if len(data) > size:
            self._arrived.appendleft(data[size:])
            data = data[:size]
        self._read_here += len(data)
        self._due.set()
        return data

    def write(self, data: bytes) -> None:
        """Send bytes, without waiting; after the end of the tunnel they go nowhere."""
        if not self._over.is_set():
            self._unsent += data
            self._due.set()

    async def drain(self) -> None:
        """Wait until all that was written has left."""
        while self._unsent and not self._over.is_set():
            self._left.clear()
            await self._left.wait()

    async def close(self) -> None:
        """Hang up; the other end hears of it."""
        if self._running is None:
            await self._disconnect()
        else:
            self._end()
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        """Work until one of the tasks ends; the others end by themselves.

        Nothing is cancelled: a command to Redis that is broken off loses its connection.
        """
        works = [
            asyncio.create_task(work)
            for work in (self._hear_forever(), self._send_forever(), self._beat_forever())
        ]
        await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        self._end()
        with suppress(*BROKEN):
            await self._publish(Kind.END, 0)
        with suppress(*BROKEN):
            await self._subscription.unsubscribe()  # Its confirmation wakes the listener.
        for error in await asyncio.gather(*works, return_exceptions=True):
            if isinstance(error, BROKEN):
                logger.info("a tunnel has ended: %r", error)
            elif error is not None:
                logger.error("a tunnel broke", exc_info=error)
        await self._disconnect()

    def _end(self) -> None:
        """Let everything that waits go on, and find that the tunnel has ended."""
        self._over.set()
        self._unsent.clear()
        for waiting in (self._news, self._due, self._left):
            waiting.set()

    async def _disconnect(self) -> None:
        with suppress(*BROKEN):
            await self._subscription.aclose()  # type: ignore[no-untyped-call]
        with suppress(*BROKEN):
            await self._redis.aclose()

    async def _hear_forever(self) -> None:
        heard_at = time.monotonic()
        while not self._over.is_set():
            publication = await self._subscription.get_message(timeout=BEAT_SECONDS)
            if publication is not None and publication["type"] == "message":
                heard_at = time.monotonic()
                self._hear(publication["data"])
            elif time.monotonic() - heard_at > SILENCE_SECONDS:
                raise ConnectionError("the other end is silent")

    def _hear(self, publication: bytes) -> None:
        kind, number = _HEADER.unpack_from(publication)
        if kind == Kind.DATA:
            if number != self._heard:
                raise ConnectionError(f"bytes {self._heard} to {number} were lost")
            self._arrived.append(publication[_HEADER.size :])
            self._heard += len(self._arrived[-1])
            self._news.set()
        elif kind == Kind.READ:
            self._read_there = number
            self._due.set()
        elif kind == Kind.END:
            raise ConnectionError("the other end has hung up")

    async def _send_forever(self) -> None:
        while not self._over.is_set():
            if self._read_here - self._reported >= WINDOW_BYTES // 4:
                self._reported = self._read_here
                await self._publish(Kind.READ, self._reported)
            room = self._read_there + WINDOW_BYTES - self._sent
            if self._unsent and room > 0:
                piece = bytes(self._unsent[: min(room, PIECE_BYTES)])
                del self._unsent[: len(piece)]
                self._sent += len(piece)
                await self._publish(Kind.DATA, self._sent - len(piece), piece)
                continue
            if not self._unsent:
                self._left.set()
            await self._due.wait()
            self._due.clear()

    async def _beat_forever(self) -> None:
        while not self._over.is_set():
            await self._publish(Kind.BEAT, 0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), BEAT_SECONDS)

    async def _publish(self, kind: Kind, number: int, data: bytes = b"") -> None:
        listeners = await self._redis.publish(self._speaks, _HEADER.pack(kind, number) + data)
        if not listeners:
            raise ConnectionError("nobody listens at the other end")
