"""Inference processes on other machines, found and called through Redis.

Nothing is written down. An engine that can be called listens on a channel of its own, and Redis
tells which channels have a listener; when an engine dies, its channel is gone with its connection.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from functools import partial
from uuid import uuid4

import redis as blocking_redis
from redis.asyncio import Redis
from redis.exceptions import RedisError
from redis.utils import str_if_bytes

from webapp.vision.engine.client import Finder
from webapp.vision.engine.line import Connect, Connection
from webapp.vision.engine.redis_tunnel import ANSWER_SECONDS, RedisTunnel, redis_client

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5


class Channels:
    """Names of channels; channels ignore the number of the database, so it is part of them."""

    def __init__(self, redis: Redis | blocking_redis.Redis) -> None:
        database = redis.connection_pool.connection_kwargs.get("db") or 0
        self._prefix = f"encore:{database}:live"

    def calls_to(self, engine: str) -> str:
        """Where an engine is called; a publication there is the name of a tunnel."""
        return f"{self._prefix}:engine:{engine}"

    def engine_of(self, channel: str) -> str:
        """Return whom a channel of ``calls_to`` calls."""
        return channel.removeprefix(self.calls_to(""))

    def to_engine(self, tunnel: str) -> str:
        """Where the engine's end of a tunnel listens."""
        return f"{self._prefix}:tunnel:{tunnel}:to"

    def from_engine(self, tunnel: str) -> str:
        """Where the web process's end of a tunnel listens."""
        return f"{self._prefix}:tunnel:{tunnel}:from"


def engines_on(url: str, near: Mapping[str, Connect]) -> Finder:
    """Return a finder of the engines that can be called through a Redis.

    Args:
        url: Of the Redis.
        near: Engines that are there in any case, because they need no Redis.
    """

    async def find() -> AsyncIterator[Mapping[str, Connect]]:
        known: set[str] | None = None
        async with redis_client(url) as redis:
            while True:
                # While Redis does not answer, the lines end by themselves and come back with it.
                names = await _callable_engines(redis)
                if names is None:
                    names = known or set()
                if names != known:
                    known = names
                    yield {**near, **{name: partial(_call, url, name) for name in sorted(names)}}
                await asyncio.sleep(LOOK_SECONDS)

    return find


def count_engines(url: str) -> int:
    """Return how many engines can be called; 0 when Redis does not answer. Waits for the answer."""
    client = blocking_redis.Redis.from_url(
        url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
    )
    with client:
        try:
            return len(client.pubsub_channels(Channels(client).calls_to("*")))
        except RedisError:
            return 0


async def _callable_engines(redis: Redis) -> set[str] | None:
    """Return the names of the engines that listen; ``None`` when Redis does not answer."""
    channels = Channels(redis)
    try:
        listening = await redis.pubsub_channels(channels.calls_to("*"))
    except (RedisError, OSError) as error:
        logger.info("Redis does not tell which inference processes there are: %r", error)
        return None
    return {channels.engine_of(str_if_bytes(channel)) for channel in listening}


async def _call(url: str, engine: str) -> Connection:
    """Dig a tunnel to an engine.

    Raises:
        OSError: It, or Redis, does not answer.
    """
    async with redis_client(url) as redis:
        channels, name = Channels(redis), uuid4().hex
        tunnel = RedisTunnel(url, channels.from_engine(name), channels.to_engine(name))
        try:
            await tunnel.listen()
            await redis.publish(channels.calls_to(engine), name)
            await tunnel.await_greeting()
        except BaseException as error:
            await tunnel.close()
            if isinstance(error, RedisError):
                raise ConnectionError(f"Redis: {error}") from error
            raise
    tunnel.start()
    return tunnel
