"""Stages are timed run by run, and a photo really goes through all of them."""

from pathlib import Path

import pytest

from inference.evaluation import photos
from inference.evaluation.photos import ANALYSIS, PORTRAIT, Case, Watch, median_of, source_photos


def test_a_sum_of_stages_is_taken_run_by_run() -> None:
    times = {"detect": [1.0, 5.0, 2.0], "embed": [4.0, 1.0, 9.0]}
    assert median_of(["detect", "embed"], times) == 6.0


def test_a_watch_hands_back_what_the_work_gives() -> None:
    watch = Watch()
    assert watch("count", lambda: sum(range(1000))) == 499500
    assert len(watch.seconds["count"]) == len(watch.computing["count"]) == 1
    assert watch.computing["count"][0] >= 0


@pytest.mark.weights
@pytest.mark.slow
def test_every_stage_of_a_real_photo_is_timed(tmp_path: Path) -> None:
    case = Case("small", (300, 600), 2, 2, limit_seconds=1, with_portrait=True)
    watch, faces = photos.time_case(case, source_photos(None), runs=1, folder=tmp_path)
    assert faces == 2
    assert set(watch.seconds) == {*ANALYSIS, *PORTRAIT}
    assert all(len(times) == 1 for times in watch.seconds.values())
