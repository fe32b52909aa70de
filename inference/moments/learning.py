"""What a user's likes and discards say about the weights of the terms.

A pairwise logistic model (Bradley and Terry 1952): of a liked and a discarded moment the liked one
should score higher, and how likely that is grows with the difference of their scores. The fit is
held near the usual weights, so that fifty ratings shift them and do not turn them over. Nothing is
kept here: the same ratings give the same weights, and to forget is to use ``DEFAULT_WEIGHTS``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from inference.moments.scoring import DEFAULT_WEIGHTS, TERM_NAMES, Terms

MIN_RATINGS = 50
MIN_OF_EACH = 5
"""Likes, and discards: against nothing there is nothing to compare."""

MOST_PAIRS = 20_000

_STEEPNESS = 20.0
"""Of the logistic: a difference of 0.05 in score is a preference of 73 %."""
_HOLD = 6.0
"""How strongly the usual weights are held on to."""
_WORTH_SAYING = 0.02
_WORDS: Mapping[str, str] = {
    "expression": "strong expressions",
    "sharpness": "sharp eyes",
    "eyes": "open eyes",
    "pose": "faces turned to the camera",
    "size": "close-ups",
    "exposure": "even light",
    "unhidden": "faces with nothing before them",
    "quality": "faces that are easy to recognise",
    "stillness": "holding still",
}


@dataclass(frozen=True, slots=True)
class Rating:
    """A moment that was liked or discarded.

    Attributes:
        terms: Of its chosen frame, as it was scored.
        is_liked: Or else discarded.
    """

    terms: Terms
    is_liked: bool


@dataclass(frozen=True, slots=True)
class LearntTaste:
    """What ratings taught.

    Attributes:
        weights: Term name to weight; at least 0, summing to 1.
        learnt_from: Ratings behind it.
        words: What changed, in a sentence for the user.
        agreement: Share of pairs of a liked and a discarded moment that the weights order as the
            user did, 0 to 1.
        agreement_before: The same for the usual weights.
    """

    weights: dict[str, float]
    learnt_from: int
    words: str
    agreement: float
    agreement_before: float


def learn_taste(ratings: Sequence[Rating]) -> LearntTaste | None:
    """Fit the weights to ratings; ``None`` while there are too few to tell.

    Args:
        ratings: The newest first; of very many only the first ones are compared with each other.
    """
    likes = _table([one.terms for one in ratings if one.is_liked])
    discards = _table([one.terms for one in ratings if not one.is_liked])
    if len(ratings) < MIN_RATINGS or min(len(likes), len(discards)) < MIN_OF_EACH:
        return None
    most = int(MOST_PAIRS**0.5)
    differences = (likes[:most, None] - discards[None, :most]).reshape(-1, len(TERM_NAMES))
    usual = np.array([DEFAULT_WEIGHTS[name] for name in TERM_NAMES])
    learnt = fit_weights(differences, usual)
    weights = {name: round(float(one), 4) for name, one in zip(TERM_NAMES, learnt, strict=True)}
    return LearntTaste(
        weights=weights,
        learnt_from=len(ratings),
        words=taste_in_words(weights),
        agreement=_agreement(differences, learnt),
        agreement_before=_agreement(differences, usual),
    )


def fit_weights(
    differences: NDArray[np.float64], usual: NDArray[np.float64], hold: float = _HOLD
) -> NDArray[np.float64]:
    """Find the weights under which the better of each pair scores higher.

    Args:
        differences: ``(N, K)`` terms of the better minus terms of the worse, at least one row.
        usual: ``(K,)`` weights that are held on to.
        hold: How strongly; 0 lets go of them.

    Returns:
        ``(K,)`` weights of at least 0, summing to 1.
    """

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = _STEEPNESS * differences @ weights
        wrong = 1.0 / (1.0 + np.exp(np.clip(margin, -60, 60)))
        shift = weights - usual
        value = float(np.logaddexp(0.0, -margin).mean()) + hold * float(shift @ shift)
        gradient = -_STEEPNESS * (wrong @ differences) / len(differences) + 2 * hold * shift
        return value, gradient

    found = minimize(loss, usual, jac=True, method="L-BFGS-B", bounds=[(0.0, 1.0)] * len(usual))
    total = float(found.x.sum())
    weights: NDArray[np.float64] = found.x / total if total > 0 else usual
    return weights


def taste_in_words(weights: Mapping[str, float]) -> str:
    """Say how weights differ from the usual ones."""
    shifts = {name: weights.get(name, usual) - usual for name, usual in DEFAULT_WEIGHTS.items()}
    order = sorted(shifts, key=lambda name: -abs(shifts[name]))
    more = [_WORDS[name] for name in order if shifts[name] >= _WORTH_SAYING][:2]
    less = [_WORDS[name] for name in order if shifts[name] <= -_WORTH_SAYING][:2]
    if not more and not less:
        return "Your likes agree with the usual choice."
    halves = [
        f"more for {' and '.join(more)}" if more else "",
        f"less for {' and '.join(less)}" if less else "",
    ]
    return f"You care {', '.join(half for half in halves if half)} than usual."


def _table(rows: Sequence[Terms]) -> NDArray[np.float64]:
    """Return ``(N, K)``; a term that was not scored counts as the middle."""
    values = [[terms.get(name, 0.5) for name in TERM_NAMES] for terms in rows]
    return np.array(values, dtype=np.float64).reshape(-1, len(TERM_NAMES))


def _agreement(differences: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    return round(float((differences @ weights > 0).mean()), 4)
