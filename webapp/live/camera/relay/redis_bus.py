"""Publications carried by Redis. Imported only where ``ENCORE_REDIS_URL`` is set."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from webapp.live.camera.relay.bus import BusError

CONNECT_SECONDS = 2
PATIENCE_SECONDS = 2
"""For one publication; whoever publishes pictures has a newer one by then."""
LISTEN_SECONDS = 1.0
SILENT_SECONDS = 5.0
"""A connection on which not even an answer to our own ping came for so long is dead."""


class RedisBus:
    """Publishes on one connection, in the order of the calls, and listens on another."""

    def __init__(self, url: str) -> None:
        with _as_bus_error():
            self._redis = Redis.from_url(
                url,
                single_connection_client=True,
                socket_connect_timeout=CONNECT_SECONDS,
                socket_timeout=PATIENCE_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
            self._listening = self._redis.pubsub()
        self._heard_at = self._asked_at = time.monotonic()

    async def subscribe(self, name: str) -> None:
        """Hear what is published under a name from now on."""
        with _as_bus_error():
            await self._listening.subscribe(name)

    async def unsubscribe(self, name: str) -> None:
        """Hear it no more."""
        with _as_bus_error():
            await self._listening.unsubscribe(name)

    async def publish(self, name: str, data: bytes) -> None:
        """Tell whoever listens now. Redis keeps nothing of a publication."""
        with _as_bus_error():
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._redis.publish(name, data)

    async def receive(self) -> bytes | None:
        """Wait a second for the next publication; find out whether the connection still lives."""
        with _as_bus_error():
            heard = await self._listening.get_message(timeout=LISTEN_SECONDS)
            now = time.monotonic()
            if heard is not None:
                self._heard_at = now
            elif now - self._heard_at > SILENT_SECONDS:
                raise BusError("Redis has fallen silent")
            if now - self._asked_at > LISTEN_SECONDS:
                self._asked_at = now
                await self._listening.ping()
        is_ours = heard is not None and heard["type"] == "message"
        return heard["data"] if heard is not None and is_ours else None

    async def close(self) -> None:
        """End both connections; those that are broken already are let go of."""
        with suppress(RedisError, OSError, TimeoutError):
            await self._listening.aclose()  # type: ignore[no-untyped-call]
        with suppress(RedisError, OSError, TimeoutError):
            await self._redis.aclose()


@contextmanager
def _as_bus_error() -> Iterator[None]:
    """Call every trouble with Redis by one name; its address, which may hold a password, stays out.

    A wrong address is a ``ValueError`` and no better.
    """
    try:
        yield
    except BusError:
        raise
    except (RedisError, OSError, TimeoutError, ValueError) as error:
        raise BusError(f"Redis does not answer ({type(error).__name__})") from error
