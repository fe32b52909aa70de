"""A server-side source: what is sent when the reader is slow or quick, and what it refuses."""

import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from webapp.accounts.models import User
from webapp.live.models import LiveSession
from webapp.live.source import Slot, read_into
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
