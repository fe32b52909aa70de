"""Which references of a person would do harm: those unlike the person's others.

A picture of somebody else, a mask, a profile or a blur among the references attracts strangers who
look like that. It shows by being far less similar to the person's other references than these are
to each other.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from inference.types import Embeddings

UNLIKE_MARGIN = 0.2
"""So much less similar to the others than these are to each other; of 0.1 to 0.3 the best trade
between wrong pictures that are found and right ones that are lost (``docs/evaluation.md``)."""

LEAST_REFERENCES = 4
"""With fewer nobody can say which of them is the odd one."""

MOST_SHARE = 1 / 3
"""No more of a person's references are set aside than this, the least alike first: if many are
unlike, the person is."""


def unlike_others(
    rows: Embeddings, people: Sequence[Hashable], margin: float = UNLIKE_MARGIN
) -> NDArray[np.bool_]:
    """Tell which references are unlike the others of their person.

    Args:
        rows: ``(N, D)`` comparable embeddings of unit length.
        people: Whose each is.
        margin: How much less similar is unlike.

    Returns:
        ``(N,)``.
    """
    unlike = np.zeros(len(rows), dtype=bool)
    places: dict[Hashable, list[int]] = {}
    for place, person in enumerate(people):
        places.setdefault(person, []).append(place)
    for own in places.values():
        if len(own) >= LEAST_REFERENCES:
            unlike[own] = _unlike(rows[own], margin)
    return unlike


def _unlike(rows: Embeddings, margin: float) -> NDArray[np.bool_]:
    """Tell which references of one person are unlike the others."""
    count = len(rows)
    similarities = (rows @ rows.T).astype(np.float64)
    to_others = similarities.sum(axis=1) - similarities.diagonal()
    every = to_others.sum() / 2
    pairs_without = (count - 1) * (count - 2) / 2
    among_others = (every - to_others) / pairs_without
    gap = among_others - to_others / (count - 1)
    worst = np.argsort(-gap, kind="stable")[: int(count * MOST_SHARE)]
    unlike = np.zeros(count, dtype=bool)
    unlike[worst] = gap[worst] > margin
    return unlike
