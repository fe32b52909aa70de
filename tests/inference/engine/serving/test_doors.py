"""The door to other machines: who proves who they are is served, all others are sent away."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from inference.engine.live.engine import LiveEngine
from inference.engine.serving import server as serving
from inference.engine.serving.doors import DoorError, RemoteDoor
from inference.engine.serving.server import EngineServer
from inference.protocol.messages import Header
from inference.protocol.wire import VERSION, Message, encode, read_messages
from tests.inference.engine.fakes import FakeModels, jpeg, picture
from tests.live import free_port
from tests.tls import CA, TOKEN, certificate, client_context

HELLO = {"type": "hello", "version": VERSION}
SECONDS = 10


def door(**changes: Any) -> RemoteDoor:
    shown, key = certificate("engine")
    return RemoteDoor("127.0.0.1", free_port(), shown, key, **({"token": TOKEN} | changes))


@contextlib.asynccontextmanager
async def open_door(path: Path, entry: RemoteDoor) -> AsyncIterator[LiveEngine]:
    engine = LiveEngine(FakeModels())
    task = asyncio.create_task(EngineServer(engine, "cpu").serve(path, entry))
    try:
        async with asyncio.timeout(SECONDS):
            while not path.exists():
                await asyncio.sleep(0.01)
        yield engine
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Client:
    """Somebody at the door."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._messages = read_messages(reader)
        self.writer = writer

    def say(self, header: dict[str, Any], payload: bytes = b"") -> None:
        self.writer.write(encode(cast(Header, header), payload))

    async def hear(self) -> dict[str, Any] | None:
        """Return the next message but beats; ``None`` when the engine has hung up."""
        with contextlib.suppress(StopAsyncIteration, OSError):
            while True:
                message: Message = await asyncio.wait_for(anext(self._messages), SECONDS)
                if message.type != "beat":
                    return message.header
        return None


@contextlib.asynccontextmanager
async def knock(entry: RemoteDoor, context: ssl.SSLContext | None = None) -> AsyncIterator[Client]:
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                streams = await asyncio.open_connection(
                    entry.host, entry.port, ssl=context or client_context()
                )
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
                continue
            break
    client = Client(*streams)
    try:
        yield client
    finally:
        client.writer.transport.abort()
        await asyncio.sleep(0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine.sock"


async def test_who_says_the_token_is_welcomed_and_its_frames_are_read(path: Path) -> None:
    entry = door()
    async with open_door(path, entry) as engine, knock(entry) as client:
        client.say(HELLO | {"token": TOKEN})
        welcome = await client.hear()
        assert welcome is not None
        assert (welcome["type"], welcome["device"]) == ("welcome", "cpu")
        client.say({"type": "open", "camera": "stage"})
        frame = {"type": "frame", "camera": "stage", "frame": 3, "captured_at": 1.0}
        client.say(frame, jpeg(picture(("red", 100, 100))))
        result = await client.hear()
        assert result is not None
        assert (result["type"], result["frame"]) == ("result", 3)
        assert engine.cameras == 1


@pytest.mark.parametrize("said", [{}, {"token": ""}, {"token": TOKEN + "!"}, {"token": "…"}])
async def test_who_says_another_token_hears_why_and_is_sent_away(
    path: Path, said: dict[str, str]
) -> None:
    entry = door()
    async with open_door(path, entry) as engine, knock(entry) as client:
        client.say(HELLO | said)
        refused = await client.hear()
        assert refused is not None
        assert (refused["type"], refused["code"]) == ("refused", "unknown_client")
        assert TOKEN not in str(refused)
        assert await client.hear() is None
        assert engine.cameras == 0


NO_HELLO = {
    "a camera": encode(cast(Header, {"type": "open", "camera": "stage"})),
    "a hello without a version": encode(cast(Header, {"type": "hello", "token": TOKEN})),
    "a payload": encode(cast(Header, HELLO | {"token": TOKEN}), b"\0" * 100),
    "a long header": encode(cast(Header, HELLO | {"token": "x" * 5000})),
    "a header of four gigabytes": b"\xff\xff\xff\xff",
    "another language": b"GET / HTTP/1.1\r\nHost: engine\r\n\r\n",
    "nothing but zeros": bytes(100_000),
    "deeply nested": b"\0\0\x0f\xff" + b"[" * 0xFFF,
}


@pytest.mark.parametrize("said", NO_HELLO.values(), ids=NO_HELLO.keys())
async def test_what_is_no_hello_ends_the_connection_and_the_next_one_is_served(
    path: Path, said: bytes
) -> None:
    entry = door()
    async with open_door(path, entry) as engine:
        async with knock(entry) as client:
            client.writer.write(said)
            while (answer := await client.hear()) is not None:
                assert answer["type"] == "refused"
        assert engine.cameras == 0
        async with knock(entry) as client:
            client.say(HELLO | {"token": TOKEN})
            assert (await client.hear() or {})["type"] == "welcome"


async def test_who_says_nothing_does_not_keep_the_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "STRANGER_SECONDS", 0.3)
    entry = door()
    async with open_door(path, entry), knock(entry) as client:
        assert await client.hear() is None


async def test_strangers_take_no_place_of_those_who_are_known(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MAX_STRANGERS", 1)
    entry = door()
    async with open_door(path, entry), knock(entry) as known:
        known.say(HELLO | {"token": TOKEN})
        assert (await known.hear() or {})["type"] == "welcome"
        async with knock(entry), knock(entry) as crowded:
            assert await crowded.hear() is None
        known.say({"type": "stats"})
        assert (await known.hear() or {})["type"] == "stats"


async def test_a_client_that_falls_silent_is_let_go_with_its_cameras(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SILENCE_SECONDS", 0.5)
    entry = door()
    async with open_door(path, entry) as engine, knock(entry) as client:
        client.say(HELLO | {"token": TOKEN})
        client.say({"type": "open", "camera": "stage"}) if await client.hear() else None
        assert await client.hear() is None
        assert engine.cameras == 0


@pytest.mark.parametrize("name", [None, "stranger"])
async def test_without_a_certificate_of_the_authority_nobody_comes_in(
    path: Path, name: str | None
) -> None:
    entry = door(token="", client_ca=CA)
    async with open_door(path, entry) as engine:
        with contextlib.suppress(OSError):
            async with knock(entry, client_context(name)) as client:
                client.say(HELLO)
                assert await client.hear() is None
        assert engine.cameras == 0


async def test_with_a_certificate_of_the_authority_no_token_is_needed(path: Path) -> None:
    entry = door(token="", client_ca=CA)
    async with open_door(path, entry), knock(entry, client_context("web")) as client:
        client.say(HELLO)
        assert (await client.hear() or {})["type"] == "welcome"


async def test_a_client_without_encryption_is_not_understood(path: Path) -> None:
    entry = door()
    async with open_door(path, entry):
        async with knock(entry):
            pass
        reader, writer = await asyncio.open_connection(entry.host, entry.port)
        writer.write(encode(cast(Header, HELLO | {"token": TOKEN})))
        with contextlib.suppress(OSError):
            assert b"welcome" not in await asyncio.wait_for(reader.read(), SECONDS)
        writer.close()


def test_a_door_that_asks_for_nothing_is_not_opened() -> None:
    with pytest.raises(DoorError, match="needs a token or a client certificate"):
        door(token="").context()


def test_a_door_says_which_file_it_misses(tmp_path: Path) -> None:
    shown, _ = certificate("engine")
    with pytest.raises(DoorError, match="cannot be used"):
        RemoteDoor("127.0.0.1", 0, shown, tmp_path / "no.key", token=TOKEN).context()
