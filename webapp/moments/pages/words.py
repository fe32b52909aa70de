"""Scores and what was learnt, in words for the pages."""

from collections.abc import Mapping
from dataclasses import dataclass

TERM_WORDS: dict[str, tuple[str, str]] = {
    "expression": ("Expression", "more than this face showed in the seconds before"),
    "sharpness": ("Sharp eyes", "how crisp the eyes are at full size"),
    "eyes": ("Eyes open", "compared with the same face before"),
    "pose": ("Facing the camera", "not turned away or looking down"),
    "size": ("Close", "how much of the picture the face fills"),
    "exposure": ("Well lit", "neither burnt out nor lost in the dark"),
    "unhidden": ("Nothing in front", "no microphone, hand or hair over the face"),
    "quality": ("Clear face", "how well the recogniser can read it"),
    "stillness": ("Holding still", "how little the face moves"),
}
"""Each score term: its name on a bar, and what it means."""

CLEARLY_MORE = 1.15
"""A learnt weight so many times the usual one is worth saying."""


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """One term of a score: 0 to 1, with its words."""

    name: str
    hint: str
    value: float


def score_bars(terms: Mapping[str, float]) -> list[ScoreBar]:
    """Return the bars of a frame in the order of ``TERM_WORDS``; unknown terms come last."""
    known = [name for name in TERM_WORDS if name in terms]
    others = sorted(set(terms) - set(TERM_WORDS))
    return [
        ScoreBar(*TERM_WORDS.get(name, (name.capitalize(), "")), value=terms[name])
        for name in known + others
    ]


def what_was_learnt(
    weights: Mapping[str, float], usual: Mapping[str, float]
) -> tuple[list[str], list[str]]:
    """Return what counts for more and what for less than usual, the clearest first.

    Args:
        weights: Learnt; a term that is missing has its usual weight.
        usual: The weights of somebody of whom nothing is known.
    """
    learnt = _shares({name: weights.get(name, value) for name, value in usual.items()})
    before = _shares(usual)
    change = {name: learnt[name] / before[name] for name in before if before[name] > 0}
    more = sorted(
        (one for one in change if change[one] >= CLEARLY_MORE), key=lambda one: -change[one]
    )
    less = sorted(
        (one for one in change if change[one] <= 1 / CLEARLY_MORE), key=change.__getitem__
    )
    return [_name(one) for one in more], [_name(one) for one in less]


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values()) or 1.0
    return {name: value / total for name, value in weights.items()}


def _name(term: str) -> str:
    return TERM_WORDS.get(term, (term.capitalize(), ""))[0].lower()
