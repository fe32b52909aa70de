"""How the figures of a camera in Chromium are read from what the page noted."""

import pytest

from tests.load.live_browser import Notes, Recovery, Shown, gaps, growth, recoveries, recovery

KILLED = 1000.0
AWAY = "The recogniser is restarting. The picture goes on; names come back by themselves."


def _shown(at: float, faces: int = 1, *, is_named: bool = True) -> Shown:
    return Shown(at=at, latency_ms=80.0, faces=faces, is_named=is_named, width=640)


@pytest.mark.parametrize(
    ("values", "grown"),
    [
        pytest.param([100.0] * 100, 0.0, id="flat"),
        pytest.param([100.0 + number for number in range(100)], 90.0, id="grows steadily"),
        pytest.param([100.0, 140.0] * 50, 0.0, id="swept now and then"),
        pytest.param([100.0] * 50 + [900.0] + [100.0] * 49, 0.0, id="one short peak"),
        pytest.param([100.0] * 50 + [160.0] * 20 + [100.0] * 30, 60.0, id="a hill"),
        pytest.param([160.0] * 50 + [100.0] * 50, 0.0, id="shrinks"),
        pytest.param([100.0, 103.0], 3.0, id="two values"),
    ],
)
def test_growth(values: list[float], grown: float) -> None:
    assert growth(values) == grown


def test_a_silence_at_either_end_counts_as_a_gap() -> None:
    assert gaps([10.0, 10.5], start=8.0, end=13.5) == [2.0, 0.5, 3.0]


def test_no_frame_at_all_is_one_long_gap() -> None:
    assert gaps([], start=8.0, end=13.0) == [5.0]


def test_a_kill_is_over_with_the_first_named_frame_of_the_new_process() -> None:
    notes = Notes(
        frames=[
            _shown(KILLED - 0.1),
            _shown(KILLED + 0.05),  # Was answered before the kill.
            _shown(KILLED + 2.5, faces=0, is_named=False),
            _shown(KILLED + 3.0, is_named=False),
            _shown(KILLED + 3.5),
        ],
        words=[(KILLED + 0.25, AWAY), (KILLED + 2.4, "")],
    )
    found = recovery(notes, KILLED, KILLED + 0.5)
    assert found == Recovery(told=0.25, restarted=0.5, annotated=3.0, named=3.5)


def test_a_kill_is_not_over_while_names_are_missing() -> None:
    notes = Notes(frames=[_shown(KILLED + 3.0, is_named=False)])
    assert recovery(notes, KILLED, KILLED + 0.5) is None


def test_a_page_that_says_nothing_of_a_kill_is_noticed() -> None:
    notes = Notes(frames=[_shown(KILLED + 3.0)], words=[(KILLED - 5, AWAY), (KILLED + 9, AWAY)])
    found = recovery(notes, KILLED, KILLED + 0.5)
    assert found is not None
    assert found.told is None
    assert recoveries([found])["told"] == 0


def test_the_worst_of_several_kills_is_told_beside_the_median() -> None:
    found = [Recovery(0.1, 0.6, annotated, annotated + 0.5) for annotated in (3.0, 4.5, 2.5)]
    figures = recoveries(found)
    assert figures["kills"] == figures["told"] == 3
    assert figures["annotated_seconds"] == {"median": 3.0, "worst": 4.5}
    assert figures["named_seconds"]["worst"] == 5.0
