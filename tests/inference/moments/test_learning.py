import numpy as np
import pytest

from inference.moments.learning import (
    MIN_RATINGS,
    Rating,
    learn_taste,
    taste_in_words,
)
from inference.moments.scoring import DEFAULT_WEIGHTS, TERM_NAMES


def ratings(count: int, cares_for: str | None, seed: int = 1) -> list[Rating]:
    """Let somebody rate who looks at one term only, or (``None``) at the usual score."""
    chance = np.random.default_rng(seed)
    table = chance.uniform(0, 1, (count, len(TERM_NAMES)))
    rated = [dict(zip(TERM_NAMES, map(float, row), strict=True)) for row in table]

    def liking(terms: dict[str, float]) -> float:
        if cares_for is not None:
            return terms[cares_for]
        return sum(DEFAULT_WEIGHTS[name] * value for name, value in terms.items())

    middle = float(np.median([liking(terms) for terms in rated]))
    return [Rating(terms, liking(terms) > middle) for terms in rated]


def test_too_few_ratings_teach_nothing() -> None:
    assert learn_taste(ratings(MIN_RATINGS - 1, "pose")) is None
    assert learn_taste(ratings(MIN_RATINGS, "pose")) is not None


def test_likes_alone_teach_nothing() -> None:
    liked = [Rating(one.terms, is_liked=True) for one in ratings(100, None)]
    assert learn_taste(liked) is None


@pytest.mark.parametrize("term", TERM_NAMES)
def test_what_a_user_cares_for_gains_weight_and_explains_new_choices(term: str) -> None:
    taste = learn_taste(ratings(80, term))
    assert taste is not None
    assert taste.weights[term] > DEFAULT_WEIGHTS[term] + 0.07
    assert taste.agreement > taste.agreement_before
    unseen = ratings(200, term, seed=2)
    assert _order(unseen, taste.weights) > _order(unseen, DEFAULT_WEIGHTS)


def test_weights_are_never_negative_and_sum_to_one() -> None:
    taste = learn_taste(ratings(60, "size"))
    assert taste is not None
    assert min(taste.weights.values()) >= 0
    assert sum(taste.weights.values()) == pytest.approx(1, abs=0.001)
    assert taste.learnt_from == 60


def test_chance_moves_the_weights_less_than_a_taste() -> None:
    chance = np.random.default_rng(3)
    random = [Rating(one.terms, bool(chance.integers(2))) for one in ratings(120, None)]
    shifts = []
    for rated in (random, ratings(120, "pose")):
        taste = learn_taste(rated)
        assert taste is not None
        shifts.append(max(abs(taste.weights[name] - DEFAULT_WEIGHTS[name]) for name in TERM_NAMES))
    assert shifts[0] < shifts[1] / 2


def test_the_same_ratings_give_the_same_weights() -> None:
    assert learn_taste(ratings(60, "eyes")) == learn_taste(ratings(60, "eyes"))


def test_what_was_learnt_is_said_in_words() -> None:
    taste = learn_taste(ratings(100, "size"))
    assert taste is not None
    assert taste.words.startswith("You care more for close-ups")


def test_usual_weights_are_called_usual() -> None:
    assert taste_in_words(DEFAULT_WEIGHTS) == "Your likes agree with the usual choice."
    assert taste_in_words({**DEFAULT_WEIGHTS, "sharpness": 0.0}) == (
        "You care less for sharp eyes than usual."
    )


def test_thousands_of_ratings_are_learnt_from_in_a_second() -> None:
    taste = learn_taste(ratings(4000, "pose"))
    assert taste is not None
    assert taste.learnt_from == 4000


def _order(rated: list[Rating], weights: object) -> float:
    assert isinstance(weights, dict) or weights is DEFAULT_WEIGHTS
    table = dict(weights)  # type: ignore[call-overload]

    def score(one: Rating) -> float:
        return sum(table[name] * one.terms[name] for name in TERM_NAMES)

    likes = [score(one) for one in rated if one.is_liked]
    discards = [score(one) for one in rated if not one.is_liked]
    return float(np.mean([like > discard for like in likes for discard in discards]))
