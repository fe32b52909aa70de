"""Stretches of time: few enough to be told apart, with nothing left out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from webapp.analysis.statistics.spans import MOST_SPANS, Spans

SEOUL = ZoneInfo("Asia/Seoul")
EVENING = datetime(2026, 5, 2, 11, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "step"),
    [
        pytest.param(timedelta(0), "minute", id="one photo"),
        pytest.param(timedelta(minutes=47), "minute", id="an encore"),
        pytest.param(timedelta(hours=3), "five-minutes", id="a concert"),
        pytest.param(timedelta(hours=10), "quarter-hour", id="a festival day"),
        pytest.param(timedelta(days=1), "hour", id="a day"),
        pytest.param(timedelta(days=30), "day", id="a month"),
        pytest.param(timedelta(days=900), "month", id="years"),
        pytest.param(timedelta(days=9000), "year", id="a career"),
    ],
)
def test_stretches_are_as_long_as_the_whole_asks_for(length: timedelta, step: str) -> None:
    spans = Spans([EVENING, EVENING + length], SEOUL)
    assert spans.step.name == step
    assert len(spans.begins) <= MOST_SPANS + 1
    assert spans.place(EVENING) == 0
    assert spans.place(EVENING + length) == len(spans.begins) - 1


def test_stretches_without_anything_are_there_too() -> None:
    spans = Spans([EVENING, EVENING + timedelta(days=60)], SEOUL)
    spans_of_months = Spans([EVENING, EVENING + timedelta(days=92)], SEOUL)
    assert [f"{one:%Y-%m}" for one in spans.begins] == ["2026-05", "2026-06", "2026-07"]
    assert len(spans_of_months.begins) == 4


def test_a_stretch_begins_on_the_clock_of_the_place() -> None:
    spans = Spans([EVENING, EVENING + timedelta(hours=30)], SEOUL)
    assert spans.begins[0] == datetime(2026, 5, 2, 20)  # noqa: DTZ001 - a clock on the spot


def test_an_hour_that_the_clock_shows_twice_has_a_place() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # 02:50, and again an hour later
    times = [before + timedelta(minutes=minutes) for minutes in range(0, 90, 5)]
    spans = Spans(times, berlin)
    assert {spans.place(at) for at in times} <= set(range(len(spans.begins)))


def test_without_times_there_are_no_stretches() -> None:
    assert Spans([], SEOUL).begins == []
