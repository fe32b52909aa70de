import pytest

from inference.moments.candidates import Candidate
from inference.moments.peaks import peak_time
from tests.inference.moments.faces import candidate


def sampled(peak: float, times: tuple[float, ...], width: float = 1.0) -> list[Candidate]:
    """Score frames of an instant that is best at ``peak``; times in seconds."""
    return [candidate(time, 0.9 - 0.3 * ((time - peak) / width) ** 2) for time in times]


@pytest.mark.parametrize("peak", [1.85, 2.0, 2.1, 2.13])
@pytest.mark.parametrize(
    "times",
    [
        pytest.param((1.6, 2.0, 2.4), id="two and a half frames a second"),
        pytest.param((1.5, 2.0, 2.3), id="uneven"),
    ],
)
def test_the_best_instant_is_found_between_frames(peak: float, times: tuple[float, ...]) -> None:
    frames = sampled(peak, times)
    best = max(frames, key=lambda one: one.score)
    assert peak_time(best, frames) == pytest.approx(1000 * peak + 7, abs=60)


def test_it_never_lies_nearer_to_another_frame() -> None:
    frames = [candidate(1.6, 0.2), candidate(2.0, 0.9), candidate(2.4, 0.9)]
    assert peak_time(frames[1], frames) == pytest.approx(2207)


@pytest.mark.parametrize(
    "scores",
    [
        pytest.param((0.9, 0.5), id="nothing before"),
        pytest.param((0.9, 0.9, 0.9), id="flat"),
    ],
)
def test_where_nothing_can_be_told_it_is_the_frame_itself(scores: tuple[float, ...]) -> None:
    frames = [candidate(2.0 + 0.1 * index, score) for index, score in enumerate(scores)]
    best = frames[0] if len(frames) == 2 else frames[1]
    assert peak_time(best, frames) == best.captured_at
