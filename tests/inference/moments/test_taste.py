import math

import pytest

from inference.moments.taste import (
    DEFAULT_PER_MINUTE,
    MOST_PER_MINUTE,
    NOT_WANTED,
    read_taste,
)
from inference.moments.terms import DEFAULT_WEIGHTS, TERM_NAMES


def test_what_is_wanted_is_read() -> None:
    taste = read_taste(
        {
            "wanted": True,
            "anyone": True,
            "weights": {"pose": 0.5},
            "favourites": ["irene", 7],
            "per_minute": 3,
        }
    )
    assert (taste.is_wanted, taste.takes_anyone, taste.per_minute) == (True, True, 3)
    assert taste.favourites == {"irene", "7"}
    assert taste.weights == {**DEFAULT_WEIGHTS, "pose": 0.5}


@pytest.mark.parametrize(
    "message", [pytest.param(None, id="missing"), pytest.param([], id="a list"), "yes", 1]
)
def test_what_is_no_wish_asks_for_nothing(message: object) -> None:
    assert read_taste(message) is NOT_WANTED


@pytest.mark.parametrize("wanted", [None, 1, "true", []])
def test_only_a_plain_yes_is_a_yes(wanted: object) -> None:
    assert read_taste({"wanted": wanted, "anyone": wanted}).is_wanted is False
    assert read_taste({"wanted": True, "anyone": wanted}).takes_anyone is False


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(0, 1, id="none"),
        pytest.param(-5, 1, id="negative"),
        pytest.param(1000, MOST_PER_MINUTE, id="too many"),
        pytest.param(True, DEFAULT_PER_MINUTE, id="a yes"),
        pytest.param("6", DEFAULT_PER_MINUTE, id="text"),
        pytest.param(2.5, DEFAULT_PER_MINUTE, id="a fraction"),
    ],
)
def test_a_quota_is_kept_within_its_limits(given: object, expected: int) -> None:
    assert read_taste({"wanted": True, "per_minute": given}).per_minute == expected


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param({"pose": -1.0}, id="negative"),
        pytest.param({"pose": math.nan}, id="no number"),
        pytest.param({"pose": math.inf}, id="infinite"),
        pytest.param({"pose": "much"}, id="text"),
        pytest.param({"charm": 1.0}, id="unknown term"),
        pytest.param(dict.fromkeys(TERM_NAMES, 0.0), id="all nothing"),
        pytest.param([0.5], id="a list"),
    ],
)
def test_weights_that_make_no_sense_are_the_usual_ones(weights: object) -> None:
    assert read_taste({"wanted": True, "weights": weights}).weights == DEFAULT_WEIGHTS
