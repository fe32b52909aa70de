"""Who a track shows: many looks vote, and a name once given is not given up for nothing.

One look at a moving face may err. A track keeps its last looks with their quality; each votes for
everybody in the gallery with its similarity, weighted by the quality. A name that is shown has a
bonus over others, so that two people who are alike do not flicker.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.pairing import best_pairs
from inference.recognition.gallery import Gallery, Key, Match
from inference.types import Embedding, Embeddings

Votes = NDArray[np.float32]
"""``(K,)`` quality-weighted mean similarity to everybody in a gallery, in the order of its keys."""

MAX_LOOKS = 8
ENOUGH_WEIGHT = 0.4
"""Sum of qualities below which nobody is named: one good look, or several poor ones."""

STAYING_BONUS = 0.06
"""How much nearer somebody else must be, and how far below the threshold a name may sink."""


class Looks:
    """The last looks at one face. Fixed memory: the oldest goes when a new one comes."""

    def __init__(self) -> None:
        self._looks: deque[tuple[Embedding, float]] = deque(maxlen=MAX_LOOKS)
        self.count = 0

    def add(self, embedding: Embedding, quality: float) -> None:
        """Keep a look; ``quality`` above 0 to 1 is its weight."""
        self._looks.append((embedding, max(quality, 1e-3)))
        self.count += 1

    @property
    def weight(self) -> float:
        """Sum of the qualities of the looks that are kept."""
        return sum(weight for _, weight in self._looks)

    @property
    def embedding(self) -> Embedding | None:
        """Return the weighted mean of all looks, of unit length; ``None`` before the first."""
        if not self._looks:
            return None
        mean = self._weights() @ self._embeddings()
        length = float(np.linalg.norm(mean))
        unit: Embedding = mean / length if length > 1e-6 else self._looks[-1][0]
        return unit

    def votes(self, gallery: Gallery[Key]) -> Votes:
        """Return how near all looks together are to everybody; -1 without a look."""
        if not self._looks:
            return np.full(len(gallery.keys), -1.0, dtype=np.float32)
        votes: Votes = self._weights() @ gallery.similarities(self._embeddings())
        return votes

    def _embeddings(self) -> Embeddings:
        return np.stack([embedding for embedding, _ in self._looks])

    def _weights(self) -> NDArray[np.float32]:
        weights = np.array([weight for _, weight in self._looks], dtype=np.float32)
        shares: NDArray[np.float32] = weights / weights.sum()
        return shares


def choose_names(
    gallery: Gallery[Key],
    votes: Sequence[Votes],
    weights: Sequence[float],
    shown: Sequence[Key | None],
) -> list[Match[Key] | None]:
    """Name the tracks of one frame together, each person at most once.

    Args:
        gallery: Who is enrolled.
        votes: Per track, of this gallery.
        weights: Per track, the sum of the qualities behind its votes.
        shown: Per track, whose name it bears so far.

    Returns:
        Per track its person, or ``None`` where nobody is near enough.
    """
    names: list[Match[Key] | None] = [None] * len(votes)
    if not votes or not gallery.keys:
        return names
    nearness = np.stack(votes)
    gain = nearness - gallery.threshold + _bonus(gallery.keys, shown)
    # A tiny share makes a track exactly at the threshold worth naming.
    gain = np.where(gain >= 0, gain + 1e-6, 0.0)
    gain[np.asarray(weights) < ENOUGH_WEIGHT] = 0.0
    possible = np.flatnonzero(gain.any(axis=0))
    for row, place in best_pairs(gain[:, possible]):
        column = possible[place]
        names[row] = Match(gallery.keys[column], float(nearness[row, column]))
    return names


def _bonus(keys: Sequence[Key], shown: Sequence[Key | None]) -> NDArray[np.float32]:
    """Return ``(tracks, people)``, above 0 where a track bears a person's name."""
    place = {key: index for index, key in enumerate(keys)}
    bonus = np.zeros((len(shown), len(keys)), dtype=np.float32)
    for row, key in enumerate(shown):
        if key is not None and key in place:
            bonus[row, place[key]] = STAYING_BONUS
    return bonus
