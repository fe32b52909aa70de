"""Naming where it is known who was there: the members of a concert's groups.

Who was there competes with rules of their own; everybody else needs more than usual. A face that
is not similar enough by itself may still be named by elimination: where several members are sure
in the same photo, the faces that are left most likely show the members that are left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pairing import best_pairs
from inference.recognition.assignment import IMPOSSIBLE, Weights, assign, trusted
from inference.recognition.thresholds import LINE_UP

LEAST_SURE = 2
"""So many members have to be sure in a photo before it is taken for one of the line-up."""

Excess = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class LineUpRules:
    """How similar a face has to be, as differences to the library's threshold.

    Attributes:
        alone: How far below it a member is named whoever else is in the photo.
        beside: How far below it a member may be named beside members who are sure.
        margin: By how much the best naming of such a photo has to be better than the best one
            without that name.
        others: How far above it somebody else has to be.
    """

    alone: float
    beside: float
    margin: float
    others: float


def shipped_rules(name: str) -> LineUpRules | None:
    """Return the rules of an embedder; ``None`` where none were measured for it."""
    return LineUpRules(*LINE_UP[name]) if name in LINE_UP else None


def assign_line_up(
    excess: Excess,
    is_member: NDArray[np.bool_],
    rules: LineUpRules,
    weights: Weights | None = None,
    already_sure: int = 0,
) -> list[tuple[int, int]]:
    """Pair the faces of one photo with people, each at most once.

    Args:
        excess: ``(N, K)`` by how much each face is more similar to each person than the library's
            threshold asks for; ``IMPOSSIBLE`` where it must not bear the name.
        is_member: ``(K,)`` who belongs to the line-up.
        rules: Measured with the threshold.
        weights: Per face, how much it is to be trusted, as ``assign`` takes them.
        already_sure: Members who stand in the photo besides.

    Returns:
        Pairs of face and person, by face.
    """
    sure = sure_pairs(excess, is_member, rules, weights)
    members = already_sure + sum(bool(is_member[person]) for _, person in sure)
    if members < LEAST_SURE:
        return sure
    left = excess.copy()
    left[[face for face, _ in sure]] = IMPOSSIBLE
    left[:, [person for _, person in sure]] = IMPOSSIBLE
    left[:, ~is_member] = IMPOSSIBLE
    found = by_elimination(left, rules.beside, weights)
    return sorted(sure + [pair for pair, margin in found if margin >= rules.margin])


def sure_pairs(
    excess: Excess,
    is_member: NDArray[np.bool_],
    rules: LineUpRules,
    weights: Weights | None = None,
) -> list[tuple[int, int]]:
    """Pair faces with people to whom they are similar enough, whoever else is in the photo."""
    ease = np.where(is_member, rules.alone, -rules.others)
    return assign(np.where(excess > IMPOSSIBLE, excess + ease, IMPOSSIBLE), weights)


def by_elimination(
    excess: Excess, beside: float, weights: Weights | None = None
) -> list[tuple[tuple[int, int], float]]:
    """Pair the faces that are left with the members that are left.

    A face counts in full here or, where it is too poor for a name, not at all: the back row of a
    group photo is small, and weighing it would ask of it more than was measured.

    Returns:
        Each pair with what the photo loses without it: little where somebody else fits as well,
        and where the face is hardly similar.
    """
    easier = excess + beside
    gain = np.where((excess > IMPOSSIBLE) & (easier > 0), easier, 0.0)
    gain[trusted(len(excess), weights) == 0] = 0.0
    pairs = best_pairs(gain)
    best = _total(gain, pairs)
    return [(pair, best - _best_without(gain, pair)) for pair in pairs]


def _best_without(gain: Excess, pair: tuple[int, int]) -> float:
    other = gain.copy()
    other[pair] = 0.0
    return _total(other, best_pairs(other))


def _total(gain: Excess, pairs: Sequence[tuple[int, int]]) -> float:
    return float(sum(gain[pair] for pair in pairs))
