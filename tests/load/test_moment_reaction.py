"""The picture of a moment is within 100 ms of a known peak, whatever the delay."""

import pytest

from tests.load.moment_reaction import WITHIN_MS, play


@pytest.mark.parametrize("delay_ms", [0, 300, 800])
@pytest.mark.parametrize("publisher", ["browser", "source"])
def test_the_captured_frame_is_near_the_peak_in_every_run(publisher: str, delay_ms: int) -> None:
    assert max(play(publisher, delay_ms, runs=10)) <= WITHIN_MS
