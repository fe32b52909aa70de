from dataclasses import replace

import numpy as np

from inference.moments.bursts import BurstPhoto, score_burst, stack_bursts
from inference.moments.scoring import FaceState
from tests.inference.moments.test_past import FACE

ONE, OTHER = (np.eye(2, 4, dtype=np.float32)[row] for row in (0, 1))


def test_photos_in_quick_succession_are_stacked_with_the_best_on_top() -> None:
    photos = [BurstPhoto(0.3 * index, ONE, score) for index, score in enumerate((0.4, 0.9, 0.6))]
    assert stack_bursts(photos) == [[1, 0, 2]]


def test_a_pause_ends_a_burst() -> None:
    photos = [BurstPhoto(time, ONE) for time in (0.0, 0.4, 1.0, 1.5)]
    assert stack_bursts(photos) == [[0, 1], [2, 3]]


def test_another_scene_is_another_burst() -> None:
    photos = [BurstPhoto(0.0, ONE), BurstPhoto(0.1, OTHER), BurstPhoto(0.2, OTHER)]
    assert stack_bursts(photos) == [[0], [1, 2]]


def test_the_order_in_which_photos_come_does_not_matter() -> None:
    times = (1.0, 0.0, 0.4, 9.0)
    photos = [BurstPhoto(time, ONE, 1 - time / 10) for time in times]
    assert stack_bursts(photos) == [[1, 2], [0], [3]]


def test_no_photos_make_no_stacks() -> None:
    assert stack_bursts([]) == []


def test_the_burst_itself_says_what_is_usual() -> None:
    """Everybody in it is dark; the one that is darker still loses."""
    calm = FaceState({"neutral": 1.0})
    dark = replace(FACE, luma=30.0)
    scored = score_burst([(dark, calm)] * 4 + [(replace(FACE, luma=12.0), calm), None])
    assert scored[0][1]["exposure"] == 1.0
    assert scored[4][0] < scored[0][0]
    assert scored[5] == (0.0, {})


def test_the_expression_that_stands_out_wins() -> None:
    faces = [(FACE, FaceState({"neutral": 1.0}))] * 5 + [(FACE, FaceState({"happy": 1.0}))]
    scores = [score for score, _ in score_burst(faces)]
    assert scores.index(max(scores)) == 5
