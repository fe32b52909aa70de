"""Means of what stars express: held in bins, taken, and put back when they cannot be stored."""

from typing import Any
from uuid import UUID

import pytest

from webapp.live.camera import samples
from webapp.live.camera.samples import Samples
from webapp.vision.values import Sample

MINJI = UUID(int=1)


def smiling(happy: float) -> list[dict[str, Any]]:
    return [{"person": str(MINJI), "is_sure": True, "is_seen": True, "emotions": {"happy": happy}}]


def test_only_bins_that_have_ended_are_taken_and_each_is_taken_once() -> None:
    held = Samples()
    for second in (0, 4, 5):
        held.note(smiling(0.5), second)
    assert [sample.second for sample in held.take(before_seconds=6)] == [0]
    assert [sample.second for sample in held.take()] == [5]
    assert held.take() == []


def test_a_name_that_is_only_supposed_gets_no_sample() -> None:
    held = Samples()
    (face,) = smiling(0.5)
    held.note([face | {"is_sure": False}], 1)
    assert held.take() == []


def test_what_is_put_back_counts_together_with_what_was_noted_since() -> None:
    held = Samples()
    for happy in (0.2, 0.4, 0.6):
        held.note(smiling(happy), 1)
    taken = held.take()
    held.note(smiling(0.8), 2)
    held.put_back(taken)
    assert held.take() == [Sample(MINJI, 0, {"happy": 0.5}, 4)]


def test_too_many_bins_cost_the_oldest_also_when_those_were_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(samples, "MOST_BINS", 3)
    held = Samples()
    for second in (0, 5, 10):
        held.note(smiling(0.5), second)
    taken = held.take()
    held.note(smiling(0.5), 15)
    held.put_back(taken)
    assert sorted(sample.second for sample in held.take()) == [5, 10, 15]
