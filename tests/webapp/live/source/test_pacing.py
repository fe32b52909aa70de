"""Frames on a slow line are evenly apart."""

import itertools

import pytest

from webapp.live.source.pacing import Pace


def send_times(round_trip: float, seconds: float = 10.0) -> list[float]:
    """Send whenever a credit is free and the pace allows it, looking every 20 ms."""
    pace, on_the_way, sent = Pace(2), dict[int, float](), list[float]()
    for step in range(round(seconds / 0.02)):
        now = 0.02 * step
        for frame in [frame for frame, at in on_the_way.items() if at <= now]:
            del on_the_way[frame]
            pace.answered(frame, now)
        if len(on_the_way) < 2 and pace.is_due(now):
            on_the_way[step] = now + round_trip
            pace.sent(step, now)
            sent.append(now)
    return sent


@pytest.mark.parametrize("round_trip", [0.3, 0.8, 1.6])
def test_frames_are_evenly_apart_and_no_credit_lies_idle(round_trip: float) -> None:
    sent = send_times(round_trip)
    gaps = [after - before for before, after in itertools.pairwise(sent[3:])]
    assert max(gaps) <= 0.65 * round_trip
    assert len(sent) >= 0.9 * 2 * 10 / round_trip


def test_the_first_frames_wait_for_nothing() -> None:
    pace = Pace(2)
    assert pace.is_due(0.0)
    pace.sent(1, 0.0)
    assert pace.is_due(0.0)


def test_an_answer_to_no_frame_teaches_nothing() -> None:
    pace = Pace(2)
    pace.sent(1, 0.0)
    pace.answered(9, 100.0)
    assert pace.is_due(0.01)
