"""A star is found on every picture of a film, also before she had a name, and nobody else is."""

from collections.abc import Iterator

import numpy as np
import pytest

from inference.engine.following import follow_star
from inference.types import RGBImage
from tests.inference.engine.fakes import SIDE, FakeModels, gallery, picture

RATE, SECONDS = 8, 6.0


def _walks(time: float) -> int:
    return round(60 + 30 * time)


def _film(gone: tuple[float, float] = (9, 9)) -> Iterator[tuple[float, RGBImage]]:
    """Red walks to the right, green stands below; red is away for a while."""
    for time in np.arange(0.0, SECONDS, 1 / RATE).tolist():
        red = () if gone[0] <= time < gone[1] else (("red", _walks(time), 70),)
        yield time, picture(*red, ("green", 160, 180))


def test_the_star_is_followed_and_the_other_is_not() -> None:
    found = follow_star(_film(), FakeModels(), gallery("red", "green"), "red")
    seen = [one for one in found if one.box is not None]
    assert len(found) == SECONDS * RATE
    assert len(seen) >= 0.95 * len(found)
    for one in seen:
        middle = (one.box[0] + one.box[2]) / 2
        assert middle * 320 == pytest.approx(_walks(one.time), abs=SIDE / 3)
        assert one.box[3] < 0.5, "that is the other one"


def test_where_she_is_away_nobody_takes_her_place() -> None:
    found = follow_star(_film((2.0, 4.0)), FakeModels(), gallery("red", "green"), "red")
    away = [one for one in found if 2.0 <= one.time < 4.0]
    assert all(one.box is None for one in away)
    assert [one.box for one in found if one.time >= 4.75].count(None) == 0


def test_who_is_not_enrolled_is_nowhere() -> None:
    found = follow_star(_film(), FakeModels(), gallery("green"), "red")
    assert all(one.box is None for one in found)


def test_it_can_be_stopped() -> None:
    def stop(time: float) -> None:
        if time > 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        follow_star(_film(), FakeModels(), gallery("red"), "red", stop)
