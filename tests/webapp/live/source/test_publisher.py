"""A server-side source: what is sent when the reader is slow or quick, and what it refuses."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from websockets.asyncio.server import ServerConnection, serve

from webapp.accounts.models import User
from webapp.live.messages import read_frame
from webapp.live.models import LiveSession
from webapp.live.source.publisher import Publisher, Slot, read_into
from webapp.vision.films.sources import SourceError, SourceFrame

HELLO = json.dumps({"type": "hello"})
FRAMES = [SourceFrame(float(number), b"") for number in range(5)]


def test_a_live_slot_holds_the_newest_picture_only() -> None:
    slot = Slot(waits=False)
    for frame in FRAMES:
        slot.put(frame)
    assert slot.take() == FRAMES[-1]
    assert slot.take() is None


def test_a_waiting_slot_hands_over_every_picture_in_order() -> None:
    slot = Slot(waits=True)
    read_into(iter(FRAMES), slot)
    taken: list[SourceFrame] = []
    deadline = time.monotonic() + 5
    while len(taken) < len(FRAMES) and time.monotonic() < deadline:
        if (frame := slot.take()) is not None:
            taken.append(frame)
        time.sleep(0.001)
    assert taken == FRAMES


def test_a_source_that_breaks_says_so_and_ends() -> None:
    def broken() -> object:
        raise SourceError("The cable is out.")
        yield

    slot = Slot(waits=False)
    read_into(broken(), slot).join(5)  # type: ignore[arg-type]
    assert slot.is_over
    assert str(slot.error) == "The cable is out."


def test_a_reader_does_not_hang_when_the_publisher_has_left() -> None:
    slot = Slot(waits=True)
    thread = read_into(iter(FRAMES), slot)
    slot.end()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("nothing.mp4",), "There is no file nothing.mp4", id="missing file"),
        pytest.param(("0", "--fast"), "--fast is for files", id="fast camera"),
        pytest.param((__file__, "--owner", "nobody"), "no user called nobody", id="unknown owner"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_starts(
    arguments: tuple[str, ...], words: str, owner: User, run_folder: Path
) -> None:
    (run_folder / "encore.lock").write_text("http://localhost:8000")
    with pytest.raises(CommandError, match=words):
        call_command("watch", *arguments, "--concert", "Rehearsal")
    assert not LiveSession.objects.exists()


def test_without_a_running_encore_it_says_what_to_start(owner: User) -> None:
    with pytest.raises(CommandError, match=r"manage\.py up"):
        call_command("watch", __file__, "--concert", "Rehearsal")


class Taker:
    """Notes which captures a source hears of."""

    def __init__(self) -> None:
        self.moments: list[str] = []

    def take(self, capture: dict[str, Any]) -> None:
        self.moments.append(capture["moment"])


@asynccontextmanager
async def serving(server: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[str]:
    """Run a server; gives its address."""
    async with serve(server, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{next(iter(listening.sockets)).getsockname()[1]}"


async def test_a_source_that_ended_says_so_after_its_last_answer_and_hears_of_the_last_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webapp.live.source.publisher.LINGER_SECONDS", 0.2)
    heard: list[Any] = []

    async def server(line: ServerConnection) -> None:
        """Answer every frame, and ask for a moment when the stream is over."""
        await line.send(HELLO)
        async for message in line:
            if isinstance(message, bytes):
                heard.append(read_frame(message).number)
                await line.send(json.dumps({"type": "result", "frame": heard[-1]}))
                continue
            heard.append(json.loads(message)["type"])
            if heard[-1] == "over":
                await line.send(json.dumps({"type": "capture", "moment": "last"}))

    frames = [SourceFrame(float(number), b"", number=number) for number in range(1, 6)]
    slot, taker = Slot(waits=True), Taker()
    async with serving(server) as url:
        publisher = Publisher(url, uuid4(), slot, delivery=taker)  # type: ignore[arg-type]
        read_into(iter(frames), slot)
        await publisher.run()
    assert heard == ["resume", 1, 2, 3, 4, 5, "over"]
    assert taker.moments == ["last"]
    assert publisher.report.labelled == 5


class Doorkeeper:
    """A server that lets a source in or closes, as told for each connection, and notes when.

    Args:
        codes: Close code of each connection; with ``None`` the source films until it ends.
        greeted: How many of the last connections are told hello and have a frame answered.
    """

    def __init__(self, *codes: int | None, greeted: int = 1) -> None:
        self.came: list[float] = []
        self.frames: list[int] = []
        self._codes = codes
        self._greeted_from = len(codes) - greeted

    @property
    def pauses(self) -> list[float]:
        return [after - before for before, after in zip(self.came, self.came[1:], strict=False)]

    async def __call__(self, line: ServerConnection) -> None:
        self.came.append(time.monotonic())
        code = self._codes[len(self.came) - 1]
        if len(self.came) > self._greeted_from:
            await line.send(HELLO)
            await self._answer(line, until_frame=code is not None)
        if code is not None:
            await line.close(code)

    async def _answer(self, line: ServerConnection, *, until_frame: bool) -> None:
        async for message in line:
            if isinstance(message, bytes):
                self.frames.append(read_frame(message).number)
                await line.send(json.dumps({"type": "result", "frame": self.frames[-1]}))
                if until_frame:
                    return


async def publish_to(server: Doorkeeper, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    """Publish nine pictures, every one of them, with short pauses."""
    monkeypatch.setattr("webapp.live.source.publisher.LINGER_SECONDS", 0.01)
    monkeypatch.setattr("webapp.live.source.publisher.FIRST_PAUSE_SECONDS", 0.05)
    slot = Slot(waits=True)
    read_into(iter([SourceFrame(1.0, b"", number=number) for number in range(1, 10)]), slot)
    async with serving(server) as url:
        publisher = Publisher(url, uuid4(), slot)
        async with asyncio.timeout(20):
            await publisher.run()
    return publisher


async def test_a_source_without_a_place_comes_back_more_and_more_rarely_and_loses_no_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Doorkeeper(4429, 4429, 4429, 4429, 4429, None)
    publisher = await publish_to(server, monkeypatch)
    least = [0.05, 0.1, 0.2, 0.4, 0.8]
    assert all(pause >= short for pause, short in zip(server.pauses, least, strict=True))
    assert server.frames == list(range(1, 10))
    assert publisher.report.sent == 9


async def test_after_a_hello_the_next_pause_is_short_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Doorkeeper(4429, 4429, 4429, 4429, 4429, 1011, None, greeted=2)
    await publish_to(server, monkeypatch)
    assert server.pauses[-1] < 0.8 <= server.pauses[-2]


async def test_what_keeps_a_source_from_filming_is_said_once_in_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "webapp.live.source.publisher")
    await publish_to(Doorkeeper(4429, 4429, 4429, 1011, 1011, None), monkeypatch)
    no_place, broken = [record.getMessage() for record in caplog.records]
    assert no_place.startswith("the server has no free place for another camera")
    assert broken == "the line broke (1011); trying again until the source ends"
