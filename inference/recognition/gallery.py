"""The people who are enrolled, and the search among them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.types import Embedding, Embeddings

SINGLE_PHOTO_MARGIN = 0.1
"""Of 0 to 0.2 the best on K-pop people; 0, the nearest photo, names 3 % fewer right."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Match(Generic[Key]):
    """Somebody a face may show.

    Attributes:
        key: Who.
        similarity: Cosine similarity, -1 to 1; not a probability.
    """

    key: Key
    similarity: float


class Gallery(Generic[Key]):
    """Enrolled embeddings, ready to be searched.

    A person may be enrolled under several embeddings. Their mean stands for the person, because
    what it keeps is what the photos have in common; a single photo counts in its place only where
    it is nearer by ``SINGLE_PHOTO_MARGIN``, so that the same shot again is never missed.

    Args:
        keys: One key per row of ``embeddings``.
        embeddings: ``(N, D)`` float32, each row of unit length. ``N`` may be 0.
        threshold: Cosine similarity below which a face stays unknown. The shipped value comes
            from ``docs/evaluation.md``.

    Raises:
        ValueError: Keys and rows are not equally many, or a row has not unit length.
    """

    def __init__(self, keys: Sequence[Key], embeddings: Embeddings, threshold: float) -> None:
        if embeddings.ndim != 2 or len(keys) != len(embeddings):
            raise ValueError(f"{len(keys)} keys for embeddings of shape {embeddings.shape}")
        lengths = np.linalg.norm(embeddings, axis=1)
        if not np.allclose(lengths, 1.0, atol=1e-3):
            raise ValueError("every embedding must have unit length")
        self.threshold = threshold
        self._people: list[Key] = list(dict.fromkeys(keys))
        place = {key: index for index, key in enumerate(self._people)}
        rows = np.array([place[key] for key in keys], dtype=np.int64)
        self._rows, self._embeddings, self._margins = _with_means(
            rows, embeddings, len(self._people)
        )

    @property
    def keys(self) -> tuple[Key, ...]:
        """Everybody enrolled, each once, in the order of enrolment."""
        return tuple(self._people)

    def similarities(self, probes: Embeddings) -> NDArray[np.float32]:
        """Compare faces with everybody.

        Args:
            probes: ``(M, D)`` of unit length.

        Returns:
            ``(M, K)`` similarity to each person, in the order of ``keys``; -1 without a gallery.
        """
        best = np.full((len(probes), len(self._people)), -1.0, dtype=np.float32)
        if self._people and len(probes):
            # Rows lie sorted by person, so each person's nearest is a maximum over one stretch.
            starts = np.searchsorted(self._rows, np.arange(len(self._people)))
            nearness = probes @ self._embeddings.T - self._margins
            np.maximum.reduceat(nearness, starts, axis=1, out=best)
        return best

    def candidates(self, probe: Embedding, k: int) -> list[Match[Key]]:
        """List the ``k`` most similar people, most similar first, near enough or not."""
        row = self.similarities(probe[None])[0]
        order = np.argsort(-row, kind="stable")[:k]
        return [Match(self._people[index], float(row[index])) for index in order]

    def identify(self, probe: Embedding) -> Match[Key] | None:
        """Find who the probe shows, or ``None`` when nobody is near enough."""
        nearest = self.candidates(probe, 1)
        if not nearest or nearest[0].similarity < self.threshold:
            return None
        return nearest[0]


def _with_means(
    rows: NDArray[np.int64], embeddings: Embeddings, people: int
) -> tuple[NDArray[np.int64], Embeddings, NDArray[np.float32]]:
    """Add the mean of each person who has several embeddings, and sort all rows by person.

    Returns:
        Person per row, the rows ``(N, D)``, and what is taken off the similarity to each.
    """
    sums = np.zeros((people, embeddings.shape[1]), dtype=np.float32)
    np.add.at(sums, rows, embeddings)
    lengths = np.linalg.norm(sums, axis=1)
    has_mean = (np.bincount(rows, minlength=people) > 1) & (lengths > 1e-6)
    averaged = np.flatnonzero(has_mean)
    all_rows = np.concatenate([rows, averaged])
    everything = np.concatenate([embeddings, sums[averaged] / lengths[averaged, None]])
    margins = np.zeros(len(all_rows), dtype=np.float32)
    margins[: len(rows)] = SINGLE_PHOTO_MARGIN * has_mean[rows]
    order = np.argsort(all_rows, kind="stable")
    return all_rows[order], np.asarray(everything[order], dtype=np.float32), margins[order]
