"""What likes and discards say about the weights of a moment's terms."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Judged(NamedTuple):
    """The terms of a moment that was liked, or else discarded."""

    terms: Mapping[str, float]
    is_liked: bool


class Learnt(NamedTuple):
    """Weights by term, and from how many moments they were learnt."""

    weights: dict[str, float]
    learnt_from: int


def learn_weights(moments: Sequence[Judged]) -> Learnt | None:
    """Fit the weights to judged moments, newest first; ``None`` while there are too few to tell."""
    from inference.moments.learning import Rating, learn_taste

    found = learn_taste([Rating(dict(one.terms), one.is_liked) for one in moments])
    return Learnt(found.weights, found.learnt_from) if found else None
