"""Which instants between seldom frames are asked for."""

import pytest

from webapp.moments.capture.between import times_between


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([], id="nothing known"),
        pytest.param([934.0, 1000.0, 1066.0], id="fifteen a second"),
        pytest.param([870.0, 1000.0, 1130.0], id="just close enough"),
    ],
)
def test_close_frames_need_nothing_between_them(sent: list[float]) -> None:
    assert times_between(1000.0, 1000.0, sent) == []


@pytest.mark.parametrize("peak_at", [1150.0, 850.0, 1000.0])
def test_far_frames_ask_for_the_peak_first_and_for_instants_around_it(peak_at: float) -> None:
    asked = times_between(1000.0, peak_at, [200.0, 600.0, 1000.0, 1400.0])
    assert asked[0] == peak_at
    assert len(asked) == 4
    assert sorted(asked)[0] < peak_at < sorted(asked)[-1]
    assert max(abs(at - peak_at) for at in asked) <= 2 * 133


def test_one_far_neighbour_is_enough() -> None:
    assert times_between(1000.0, 1000.0, [940.0, 1800.0])
