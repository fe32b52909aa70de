"""Lets web processes on other machines call the inference process of this one, through Redis.

The bridge understands nothing of what it carries: bytes that come out of a tunnel go into the
engine's socket, and back. It takes calls only while the engine answers, so nobody calls in vain.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from redis.utils import str_if_bytes

from webapp.vision.engine.engines import SocketConnection, connect_to_socket
from webapp.vision.engine.line import WELCOME_SECONDS
from webapp.vision.engine.redis_engines import Channels
from webapp.vision.engine.redis_tunnel import RedisTunnel, redis_client

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.25
LISTEN_SECONDS = 5.0
READ_BYTES = 262_144


class EngineBridge:
    """Carries calls to one engine until it is cancelled.

    Args:
        url: Of the Redis.
        name: Of the engine; no other one may have it.
        path: Socket of the engine, which need not listen yet.
    """

    def __init__(self, url: str, name: str, path: Path) -> None:
        self._url = url
        self._name = name
        self._path = path

    async def run(self) -> None:
        """Take calls whenever engine and Redis are both there."""
        told = ""
        while True:
            try:
                await self._serve()
            except* (OSError, EOFError, TimeoutError, RedisError) as errors:
                reason = repr(errors.exceptions[0])
                if reason != told:
                    logger.info("no calls are taken: %s", reason)
                told = reason
            await asyncio.sleep(PAUSE_SECONDS)

    async def _serve(self) -> None:
        engine = await connect_to_socket(self._path)
        try:
            await _greet(engine)
            async with redis_client(self._url) as redis, asyncio.TaskGroup() as tasks:
                tasks.create_task(_fail_when_gone(engine))
                tasks.create_task(self._take_calls(redis, tasks))
        finally:
            await engine.close()

    async def _take_calls(self, redis: Redis, tasks: asyncio.TaskGroup) -> None:
        async with redis.pubsub(ignore_subscribe_messages=True) as calls:
            await calls.subscribe(Channels(redis).calls_to(self._name))
            logger.info("inference process %s can be called", self._name)
            while True:
                call = await calls.get_message(timeout=LISTEN_SECONDS)
                if call is not None and call["type"] == "message":
                    tasks.create_task(self._carry(redis, str_if_bytes(call["data"])))

    async def _carry(self, redis: Redis, name: str) -> None:
        """Serve one call until either side is gone."""
        channels = Channels(redis)
        tunnel = RedisTunnel(self._url, channels.to_engine(name), channels.from_engine(name))
        try:
            await tunnel.listen()
            engine = await connect_to_socket(self._path)
        except OSError as error:
            logger.info("a call was not taken: %r", error)
            await tunnel.close()
            return
        tunnel.start()
        logger.info("a web process has called")
        pumps = {
            asyncio.create_task(_pump(tunnel.read, engine.write, engine.drain)),
            asyncio.create_task(_pump(engine.read, tunnel.write, tunnel.drain)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            await tunnel.close()
            await engine.close()


async def _greet(engine: SocketConnection) -> None:
    """Wait until the engine has loaded its models.

    Raises:
        OSError: It is gone.
        TimeoutError: It says nothing.
    """
    from inference.protocol import wire

    engine.write(wire.encode({"type": "hello", "version": wire.VERSION}))
    async with asyncio.timeout(WELCOME_SECONDS):
        if not await engine.read(READ_BYTES):
            raise ConnectionError("the inference process has hung up")


async def _fail_when_gone(engine: SocketConnection) -> None:
    while await engine.read(READ_BYTES):
        pass
    raise ConnectionError("the inference process is gone")


async def _pump(
    read: Callable[[int], Awaitable[bytes]],
    write: Callable[[bytes], None],
    drain: Callable[[], Awaitable[None]],
) -> None:
    """Move bytes; the reader waits for the writer, so that none pile up here."""
    while data := await read(READ_BYTES):
        write(data)
        await drain()
