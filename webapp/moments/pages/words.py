"""Scores and what was learnt, in words for the pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

TERM_WORDS: dict[str, tuple[str, str]] = {
    "expression": (
        gettext_noop("Expression"),
        gettext_noop("more than this face showed in the seconds before"),
    ),
    "sharpness": (gettext_noop("Sharp eyes"), gettext_noop("how crisp the eyes are at full size")),
    "eyes": (gettext_noop("Eyes open"), gettext_noop("compared with the same face before")),
    "pose": (gettext_noop("Facing the camera"), gettext_noop("not turned away or looking down")),
    "size": (gettext_noop("Close"), gettext_noop("how much of the picture the face fills")),
    "exposure": (gettext_noop("Well lit"), gettext_noop("neither burnt out nor lost in the dark")),
    "unhidden": (
        gettext_noop("Nothing in front"),
        gettext_noop("no microphone, hand or hair over the face"),
    ),
    "quality": (gettext_noop("Clear face"), gettext_noop("how well the recogniser can read it")),
    "stillness": (gettext_noop("Holding still"), gettext_noop("how little the face moves")),
}
"""Each score term: its name on a bar, and what it means."""

REASONS = (
    gettext_noop("eyes open"),
    gettext_noop("sharp"),
    gettext_noop("facing the camera"),
    gettext_noop("nothing in front of the face"),
    gettext_noop("close"),
    gettext_noop("well lit"),
    gettext_noop("holding still"),
    gettext_noop("a clear face"),
    gettext_noop("the best of this moment"),
)
"""Why the engine chose an instant, as it says so (``inference/moments/scoring.py``)."""

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
    bars = []
    for name in known + others:
        heading, hint = TERM_WORDS.get(name, (name.capitalize(), ""))
        bars.append(ScoreBar(gettext(heading), gettext(hint) if hint else "", terms[name]))
    return bars


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
    return gettext(TERM_WORDS.get(term, (term.capitalize(), ""))[0]).lower()
