"""A server-side source keeps its last seconds whole and brings what it is asked for."""

import errno
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from webapp.live.models import LiveSession
from webapp.live.source.delivery import Delivery, bring
from webapp.live.source.ring import SourceRing
from webapp.photos.models import Photo
from webapp.photos.storage import files_of
from webapp.uploads.parts import part_of
from webapp.uploads.tus import UploadRefusedError
from webapp.vision.films.sources import SourceFrame

STEP_MS = 40.0


def ring_of(count: int, size: int = 10, **limits: Any) -> SourceRing:
    ring = SourceRing(**limits)
    for number in range(1, count + 1):
        ring.add(SourceFrame(STEP_MS * number, b"", b"x" * size, number))
    return ring


def capture(*numbers: int, **changes: Any) -> dict[str, Any]:
    frames = [{"frame": number, "captured_at": STEP_MS * number} for number in numbers]
    return {
        "moment": str(UUID(int=1)),
        "frames": frames,
        "near": [],
        "is_repeated": False,
    } | changes


class Shelf:
    """Notes what is brought, after as many troubles as it is told."""

    def __init__(self, *troubles: Exception) -> None:
        self.brought: list[dict[str, str]] = []
        self.troubles = list(troubles)
        self.is_begun = threading.Event()
        self.is_open = threading.Event()
        self.is_open.set()

    def bring(self, session_id: UUID, frame: SourceFrame, about: dict[str, str]) -> None:
        self.is_begun.set()
        assert self.is_open.wait(10)
        if self.troubles:
            raise self.troubles.pop(0)
        self.brought.append(about)

    @property
    def numbers(self) -> list[int]:
        return [int(about["frame"]) for about in self.brought]


def delivery_of(ring: SourceRing, shelf: Shelf, **limits: Any) -> Delivery:
    return Delivery(uuid4(), ring, bring=shelf.bring, pause_seconds=0.01, **limits)


def test_the_ring_is_bounded_by_time_and_by_bytes() -> None:
    assert len(ring_of(1000, seconds=2.0)) == 51
    small = ring_of(1000, size=1000, max_bytes=10_000)
    assert (len(small), small.bytes) == (10, 10_000)


def test_a_frame_is_known_by_its_number_and_its_time() -> None:
    ring = ring_of(10)
    assert ring.find({"frame": 3, "captured_at": 3 * STEP_MS}) is not None
    assert ring.find({"frame": 3, "captured_at": 4 * STEP_MS}) is None


def test_exactly_what_is_asked_for_is_brought_and_what_is_gone_is_reported() -> None:
    shelf = Shelf()
    delivery = delivery_of(ring_of(500), shelf)
    missed = delivery.take(capture(490, 2, 480))
    assert delivery.finish(5)
    assert shelf.numbers == [490, 480]
    assert missed == {"type": "missed", "moment": str(UUID(int=1)), "frames": [2]}


def test_the_frame_at_the_peak_comes_first_and_others_between_last() -> None:
    shelf = Shelf()
    delivery = delivery_of(ring_of(100), shelf)
    assert delivery.take(capture(60, near=[STEP_MS * 64.2, STEP_MS * 63])) is None
    assert delivery.finish(5)
    assert shelf.numbers == [64, 60, 63]
    assert [about.get("is_peak") for about in shelf.brought] == ["true", None, None]


def test_what_is_asked_for_again_is_brought_once() -> None:
    shelf = Shelf()
    delivery = delivery_of(ring_of(100), shelf)
    delivery.take(capture(60))
    assert delivery.take(capture(60, 1000, is_repeated=True)) is None
    assert delivery.finish(5)
    assert shelf.numbers == [60]


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(OperationalError("database is locked"), id="locked database"),
        pytest.param(OSError(errno.ENOSPC, "no space"), id="full disk"),
        pytest.param(UploadRefusedError(503, "busy"), id="busy server"),
        pytest.param(UploadRefusedError(507, "Your photos fill their 10 GB."), id="full share"),
    ],
)
def test_a_passing_trouble_only_delays_a_frame(trouble: Exception) -> None:
    shelf = Shelf(trouble, trouble)
    delivery = delivery_of(ring_of(100), shelf)
    delivery.take(capture(60, 61))
    assert delivery.finish(5)
    assert shelf.numbers == [60, 61]
    assert delivery.brought == 2


def test_while_nothing_can_be_stored_the_oldest_frames_are_given_up_and_it_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shelf = Shelf()
    shelf.is_open.clear()
    delivery = delivery_of(ring_of(100, size=1000), shelf, max_bytes=3000)
    delivery.take(capture(60))
    assert shelf.is_begun.wait(5)
    for number in range(61, 71):
        delivery.take(capture(number))
    assert not delivery.finish(0.01)
    shelf.is_open.set()
    assert delivery.finish(5)
    assert shelf.numbers == [60, 68, 69, 70]
    assert caplog.text.count("captured frames given up, as too many wait to be stored") == 7


def test_a_frame_larger_than_all_that_may_wait_is_brought_all_the_same() -> None:
    shelf = Shelf()
    delivery = delivery_of(ring_of(100, size=1000), shelf, max_bytes=10)
    delivery.take(capture(60))
    assert delivery.finish(5)
    assert shelf.numbers == [60]


def test_a_refused_frame_is_given_up_and_the_next_one_comes(caplog: Any) -> None:
    shelf = Shelf(UploadRefusedError(404, "There is no such moment."))
    delivery = delivery_of(ring_of(100), shelf)
    delivery.take(capture(60, 61))
    assert delivery.finish(5)
    assert shelf.numbers == [61]
    assert "There is no such moment" in caplog.text


def test_a_frame_becomes_a_photo_by_the_way_of_all_uploads(
    session: LiveSession, make_picture: Callable[..., bytes]
) -> None:
    frame = SourceFrame(1.0, b"", make_picture(), 7)
    bring(session.pk, frame, {"frame": "7"})
    photo = Photo.objects.get()
    assert photo.owner_id == session.owner_id
    assert files_of(photo.pk).original.read_bytes() == frame.whole


def test_a_frame_that_may_not_come_leaves_nothing(
    session: LiveSession, make_picture: Callable[..., bytes]
) -> None:
    frame = SourceFrame(1.0, b"", make_picture(), 7)
    with pytest.raises(UploadRefusedError):
        bring(session.pk, frame, {"frame": "7", "moment": str(uuid4())})
    assert not Photo.objects.exists()
    assert not list(part_of(uuid4()).parent.glob("*.part"))
