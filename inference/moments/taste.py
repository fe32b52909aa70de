"""What somebody wants of moments, as far as the choice goes by it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inference.moments.scoring import DEFAULT_WEIGHTS, TERM_NAMES

DEFAULT_PER_MINUTE = 6
MOST_PER_MINUTE = 20
"""Moments of one star are three seconds apart, so there cannot be more."""

_MOST_FAVOURITES = 1000


@dataclass(frozen=True, slots=True)
class Taste:
    """What is wanted of a camera.

    Attributes:
        is_wanted: Whether moments are looked for at all.
        takes_anyone: Whether faces without a name count too.
        weights: Term name to weight, each at least 0; every term of ``TERM_NAMES``.
        favourites: Ids of the people who get a larger quota and a small bonus.
        per_minute: Moments of one star in a minute.
    """

    is_wanted: bool = True
    takes_anyone: bool = False
    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    favourites: frozenset[str] = frozenset()
    per_minute: int = DEFAULT_PER_MINUTE


NOT_WANTED = Taste(is_wanted=False)


def read_taste(message: object) -> Taste:
    """Read what a client said it wants; what is missing or nonsense gets its usual value."""
    if not isinstance(message, Mapping):
        return NOT_WANTED
    favourites = message.get("favourites")
    people = favourites if isinstance(favourites, list) else []
    return Taste(
        is_wanted=message.get("wanted") is True,
        takes_anyone=message.get("anyone") is True,
        weights=_read_weights(message.get("weights")),
        favourites=frozenset(str(person) for person in people[:_MOST_FAVOURITES]),
        per_minute=_read_quota(message.get("per_minute")),
    )


def _read_weights(given: Any) -> dict[str, float]:
    told = given if isinstance(given, Mapping) else {}
    weights = dict(DEFAULT_WEIGHTS)
    for name in TERM_NAMES:
        value = told.get(name)
        if isinstance(value, int | float) and math.isfinite(value) and value >= 0:
            weights[name] = float(value)
    return weights if sum(weights.values()) > 0 else dict(DEFAULT_WEIGHTS)


def _read_quota(given: Any) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        return DEFAULT_PER_MINUTE
    return min(max(given, 1), MOST_PER_MINUTE)
