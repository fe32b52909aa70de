"""The terms of a score and how much each counts; light, so that pages can name them as well."""

from collections.abc import Mapping
from types import MappingProxyType

DEFAULT_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "expression": 0.22,
        "sharpness": 0.20,
        "eyes": 0.08,
        "pose": 0.09,
        "size": 0.05,
        "exposure": 0.12,
        "unhidden": 0.14,
        "quality": 0.08,
        "stillness": 0.02,
    }
)
"""How much each term counts; they sum to 1. Chosen near what ``inference.evaluation.moments --fit``
finds on one half of its bursts (reported is the other half), with more for the expression, of which
bursts hold little."""

TERM_NAMES: tuple[str, ...] = tuple(DEFAULT_WEIGHTS)
