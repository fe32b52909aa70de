from collections import Counter

import pytest

from inference.engine.live.engine import LiveEngine
from inference.engine.mailboxes import Mailboxes
from tests.inference.engine.fakes import BLACK, FakeModels, frame


def test_the_newest_frame_replaces_the_unread_one() -> None:
    mailboxes = Mailboxes()
    first, second = frame(number=1), frame(number=2)
    assert mailboxes.put(first) is None
    assert mailboxes.put(second) is first
    assert len(mailboxes) == 1
    assert mailboxes.take(9) == [second]
    assert mailboxes.take(9) == []


def test_a_replaced_frame_keeps_its_place_in_the_line() -> None:
    mailboxes = Mailboxes()
    for camera in "abc":
        mailboxes.put(frame(camera=camera))
    mailboxes.put(frame(camera="a", number=1))
    assert [taken.camera[1] for taken in mailboxes.take(2)] == ["a", "b"]


def test_a_fast_camera_does_not_starve_a_slow_one() -> None:
    mailboxes = Mailboxes()
    mailboxes.put(frame(camera="slow"))
    served = []
    for number in range(3):
        mailboxes.put(frame(camera="fast", number=number))
        served += [taken.camera[1] for taken in mailboxes.take(1)]
    assert served[:2] == ["slow", "fast"]


def test_a_discarded_frame_is_given_back() -> None:
    mailboxes = Mailboxes()
    left = frame()
    mailboxes.put(left)
    assert mailboxes.discard(left.camera) is left
    assert mailboxes.discard(left.camera) is None
    assert len(mailboxes) == 0


@pytest.mark.parametrize("batch", [1, 4])
def test_fifty_cameras_are_served_alike_when_there_is_time_for_a_fifth(batch: int) -> None:
    """Cameras 0 to 24 send at twice the rate of the others, and all want more than there is."""
    engine = LiveEngine(FakeModels(), max_batch=batch)
    served: Counter[str] = Counter()
    dropped = sent = 0
    for camera in range(50):
        engine.open((1, str(camera)))
    for tick in range(100):
        for camera in range(50):
            for _ in range(2 if camera < 25 else 1):
                sent += 1
                dropped += engine.submit(frame(BLACK, tick, str(camera))) is not None
        for _ in range(12 // batch):
            served.update(camera[1] for camera, _ in engine.step())
    assert len(served) == 50
    assert min(served.values()) / max(served.values()) >= 0.5
    assert sum(served.values()) + dropped + engine.waiting == sent


def test_every_dropped_frame_is_told_and_counted() -> None:
    engine = LiveEngine(FakeModels())
    engine.open((1, "stage"))
    answers = [engine.submit(frame(number=number)) for number in range(4)]
    assert answers[0] is None
    assert [answer["frame"] for answer in answers[1:] if answer] == [0, 1, 2]
    ((_, result),) = engine.step()
    assert result["type"] == "result"
    assert (result["frame"], result["dropped"]) == (3, 3)


def test_a_frame_of_a_closed_camera_is_answered_too() -> None:
    engine = LiveEngine(FakeModels())
    refused = engine.submit(frame())
    assert refused is not None
    assert refused["type"] == "refused"
    assert refused["code"] == "not_open"
    engine.open((1, "stage"))
    engine.submit(frame(number=8))
    assert engine.close((1, "stage")) == {"type": "dropped", "camera": "stage", "frame": 8}
    assert engine.step() == []
