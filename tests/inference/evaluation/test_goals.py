import pytest

from inference.evaluation import goals
from inference.evaluation.goals import Goal


@pytest.mark.parametrize(
    ("at_most", "value", "missed"),
    [
        pytest.param(False, 0.7, 0.0, id="exactly the bar is met"),
        pytest.param(False, 0.65, 0.05, id="too low"),
        pytest.param(True, 0.65, 0.0, id="low enough"),
        pytest.param(True, 0.8, 0.1, id="too high"),
    ],
)
def test_a_goal_says_how_far_it_is_missed(at_most: bool, value: float, missed: float) -> None:
    assert Goal("x", "x", 0.7, at_most).missed_by(value) == pytest.approx(missed)


def test_what_was_not_measured_has_no_row() -> None:
    assert goals.rows({}) == []


def test_a_missed_goal_is_named_with_its_distance() -> None:
    [row] = goals.rows({"emotion.fer2013_private_test.accuracy": 0.6757})

    assert row == ("emotion, FER2013 PrivateTest", 0.6757, "≥ 0.725", "missed by 0.049")


def test_names_have_bars_for_the_shipped_weights_and_for_the_download() -> None:
    metric = "recognition.people_disjoint.stars.mean.strangers_accepted"
    [row] = goals.rows({metric: 0.06})

    assert row == (
        "names, download stars (half of it saw two of four groups), strangers named",
        0.06,
        "≤ 0.05",
        "missed by 0.01",
    )
