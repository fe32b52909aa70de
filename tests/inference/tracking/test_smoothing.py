import math

import pytest

from inference.tracking.smoothing import EmotionSmoother
from inference.types import EmotionPrediction


def says(label: str, other: str, probability: float = 0.9) -> EmotionPrediction:
    return EmotionPrediction({label: probability, other: 1 - probability}, label)


def test_the_first_reading_counts_whole() -> None:
    smoother = EmotionSmoother()
    smoother.update(says("happy", "neutral"), 5.0)
    assert smoother.label == "happy"
    assert smoother.probabilities["happy"] == pytest.approx(0.9)


def test_one_odd_frame_changes_no_label() -> None:
    smoother = EmotionSmoother()
    labels = []
    for frame in range(20):
        odd = frame == 10
        prediction = says("sad", "happy") if odd else says("happy", "sad")
        smoother.update(prediction, frame / 15)
        labels.append(smoother.label)
    assert set(labels) == {"happy"}


def test_a_changed_expression_is_shown_within_a_second() -> None:
    smoother = EmotionSmoother()
    for frame in range(15):
        smoother.update(says("neutral", "happy"), frame / 15)
    smiling = [frame / 15 for frame in range(15, 45)]
    labels = []
    for time in smiling:
        smoother.update(says("happy", "neutral"), time)
        labels.append(smoother.label)
    assert labels.index("happy") / 15 < 1.0


@pytest.mark.parametrize("rate", [2, 15, 60])
def test_the_frame_rate_does_not_matter(rate: int) -> None:
    smoother = EmotionSmoother(time_constant_seconds=0.5)
    smoother.update(EmotionPrediction({"happy": 0.0, "sad": 1.0}, "sad"), 0.0)
    for frame in range(1, rate + 1):
        smoother.update(EmotionPrediction({"happy": 1.0, "sad": 0.0}, "happy"), frame / rate)
    assert smoother.probabilities["happy"] == pytest.approx(1 - math.exp(-2.0))


def test_probabilities_go_on_summing_to_one() -> None:
    smoother = EmotionSmoother()
    for frame in range(9):
        smoother.update(says("happy", "sad", 0.5 + frame / 20), frame / 7)
    assert sum(smoother.probabilities.values()) == pytest.approx(1.0)


def test_labels_that_are_nearly_alike_do_not_flicker() -> None:
    smoother = EmotionSmoother()
    labels = set()
    for frame in range(40):
        smoother.update(says("fear", "sad", 0.53 if frame % 2 else 0.48), frame / 15)
        labels.add(smoother.label)
    assert len(labels) == 1


def test_nothing_is_said_while_the_network_mostly_abstains() -> None:
    smoother = EmotionSmoother()
    smoother.update(says("happy", "sad"), 0.0)
    for frame in range(1, 30):
        unsure = EmotionPrediction({"happy": 0.5, "sad": 0.5}, None)
        smoother.update(unsure, frame / 15)
    assert smoother.label is None


def test_nothing_is_known_before_the_first_reading() -> None:
    assert EmotionSmoother().label is None
    assert not EmotionSmoother().probabilities
