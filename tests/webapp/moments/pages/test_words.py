"""Scores and what was learnt, in words."""

import pytest

from inference.moments.terms import TERM_NAMES
from webapp.moments.pages.words import TERM_WORDS, score_bars, what_was_learnt


def test_every_term_of_the_score_has_words() -> None:
    assert tuple(TERM_WORDS) == TERM_NAMES


def test_bars_come_in_one_order_so_that_frames_can_be_compared() -> None:
    bars = score_bars({"zest": 0.1, "eyes": 0.2, "expression": 0.9})

    assert [(bar.name, bar.value) for bar in bars] == [
        ("Expression", 0.9),
        ("Eyes open", 0.2),
        ("Zest", 0.1),
    ]


@pytest.mark.parametrize(
    ("weights", "more", "less"),
    [
        pytest.param({}, [], [], id="nothing learnt"),
        pytest.param({"a": 2, "b": 2, "c": 2}, [], [], id="all twice as much is the same taste"),
        pytest.param({"a": 3, "b": 0.5, "c": 1}, ["a"], ["b", "c"], id="one up, the rest down"),
        pytest.param({"a": 1.1}, [], [], id="hardly different"),
        pytest.param({"b": 0}, ["a", "c"], ["b"], id="one does not count any more"),
    ],
)
def test_what_was_learnt(weights: dict[str, float], more: list[str], less: list[str]) -> None:
    assert what_was_learnt(weights, {"a": 1, "b": 1, "c": 1}) == (more, less)
