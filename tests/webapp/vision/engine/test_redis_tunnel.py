"""A stream of bytes through a real Redis: whole, in order, bounded, and with a noticed end."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.services import Redis
from webapp.vision.engine import redis_tunnel
from webapp.vision.engine.redis_tunnel import RedisTunnel, redis_client

Ends = tuple[RedisTunnel, RedisTunnel]


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    started = Redis()
    yield started
    started.kill()


@asynccontextmanager
async def tunnel(server: Redis) -> AsyncIterator[Ends]:
    """Two ends that are connected."""
    near, far = (
        RedisTunnel(server.url, hears, speaks)
        for hears, speaks in (("near", "far"), ("far", "near"))
    )
    await near.listen()
    await far.listen()
    near.start()
    far.start()
    yield near, far
    await near.close()
    await far.close()


async def take(end: RedisTunnel, count: int) -> bytes:
    """Read as many bytes as expected, or fail after some seconds."""
    taken = b""
    async with asyncio.timeout(20):
        while len(taken) < count:
            piece = await end.read(65_536)
            assert piece, f"the tunnel ended after {len(taken)} bytes"
            taken += piece
    return taken


async def test_bytes_arrive_whole_and_in_order_both_ways(server: Redis) -> None:
    async with tunnel(server) as (near, far):
        sent = [bytes([number]) * (1000 * number + 1) for number in range(1, 200)]
        for piece in sent:
            near.write(piece)
        far.write(b"answer")
        assert await take(far, sum(map(len, sent))) == b"".join(sent)
        assert await take(near, 6) == b"answer"


async def test_more_than_the_window_goes_through_while_the_other_end_reads(server: Redis) -> None:
    size = 3 * redis_tunnel.WINDOW_BYTES + 17
    async with tunnel(server) as (near, far):
        near.write(bytes(size))
        assert len(await take(far, size)) == size
        async with asyncio.timeout(5):
            await near.drain()


async def test_an_end_that_does_not_read_gets_no_more_than_the_window(server: Redis) -> None:
    size = redis_tunnel.WINDOW_BYTES + 2_000_000
    async with tunnel(server) as (near, far):
        near.write(bytes(size))
        await asyncio.sleep(1)
        assert near.unsent_bytes == 2_000_000
        assert len(await take(far, size)) == size


async def test_hanging_up_ends_the_other_end_at_once(server: Redis) -> None:
    async with tunnel(server) as (near, far):
        near.write(b"last words")
        await near.drain()
        await near.close()
        assert await take(far, 10) == b"last words"
        async with asyncio.timeout(1):
            assert await far.read(10) == b""


async def test_what_is_written_after_the_end_goes_nowhere_and_waits_for_nothing(
    server: Redis,
) -> None:
    async with tunnel(server) as (near, far):
        await far.close()
        async with asyncio.timeout(2):
            assert await near.read(10) == b""
        near.write(b"too late")
        assert near.unsent_bytes == 0
        async with asyncio.timeout(1):
            await near.drain()


async def test_a_gap_ends_the_tunnel_instead_of_garbling_the_stream(server: Redis) -> None:
    async with tunnel(server) as (near, far), redis_client(server.url) as redis:
        near.write(b"one")
        assert await take(far, 3) == b"one"
        await redis.publish("far", redis_tunnel._HEADER.pack(redis_tunnel.Kind.DATA, 1000) + b"x")
        async with asyncio.timeout(2):
            assert await far.read(10) == b""
            assert await near.read(10) == b""


async def test_what_is_no_publication_of_a_tunnel_ends_it(server: Redis) -> None:
    async with tunnel(server) as (_, far), redis_client(server.url) as redis:
        await redis.publish("far", b"?")
        async with asyncio.timeout(2):
            assert await far.read(10) == b""


async def test_silence_ends_the_tunnel(server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that loses its power says no goodbye; Redis may not notice for minutes."""
    monkeypatch.setattr(redis_tunnel, "SILENCE_SECONDS", 1.0)
    monkeypatch.setattr(redis_tunnel, "BEAT_SECONDS", 0.3)
    async with redis_client(server.url) as redis:
        mute, alone = redis.pubsub(), RedisTunnel(server.url, "alone", "mute")
        await mute.subscribe("mute")
        await alone.listen()
        alone.start()
        started = time.monotonic()
        assert await alone.read(10) == b""
        assert 0.5 < time.monotonic() - started < 2.5
        await alone.close()
        await mute.aclose()  # type: ignore[no-untyped-call]


async def test_a_killed_redis_ends_both_ends() -> None:
    server = Redis()
    async with tunnel(server) as (near, far):
        server.kill()
        async with asyncio.timeout(5):
            assert await near.read(10) == b""
            assert await far.read(10) == b""


async def test_nothing_of_it_is_kept_in_redis(server: Redis) -> None:
    async with tunnel(server) as (near, far), redis_client(server.url) as redis:
        near.write(b"a picture of a face")
        await take(far, 19)
        assert await redis.dbsize() == 0
