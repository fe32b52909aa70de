"""A server-side source: what is sent when the reader is slow or quick, and what it refuses."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from websockets.asyncio.server import ServerConnection, serve

from webapp.accounts.models import User
from webapp.live.messages import read_frame
from webapp.live.models import LiveSession
from webapp.live.source import Publisher, Slot, read_into
from webapp.vision.video_sources import SourceError, SourceFrame

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


async def test_a_source_that_ended_says_so_after_its_last_answer_and_hears_of_the_last_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webapp.live.source.LINGER_SECONDS", 0.2)
    heard: list[Any] = []

    async def server(line: ServerConnection) -> None:
        """Answer every frame, and ask for a moment when the stream is over."""
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
    async with serve(server, "127.0.0.1", 0) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        publisher = Publisher(url, uuid4(), slot, delivery=taker)  # type: ignore[arg-type]
        read_into(iter(frames), slot)
        await publisher.run()
    assert heard == ["resume", 1, 2, 3, 4, 5, "over"]
    assert taker.moments == ["last"]
    assert publisher.report.labelled == 5
