"""The people who are enrolled, and the search among them."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.types import Embedding, Embeddings

SINGLE_PHOTO_MARGIN = 0.1
"""Of 0 to 0.2 the best on K-pop people; 0, the nearest photo, names 3 % fewer right."""

BLOCK_ROWS = 8192
"""So many rows lie together: a change copies one block, 8 MB at 256 numbers, not the gallery. Numpy
asks for huge pages from 4 MB on, and rows in them are read faster."""

_FEW_PROBES = 16
_SLICE_ROWS = 64

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


@dataclass(frozen=True, slots=True, eq=False)
class _Block(Generic[Key]):
    """Some people with all their rows.

    Attributes:
        people: Whose rows these are.
        starts: ``(K,)`` first row of each; the rows of one person lie together.
        rows: ``(N, D)``, embeddings and means.
        margins: ``(N,)`` what is taken off the similarity to each row.
    """

    people: tuple[Key, ...]
    starts: NDArray[np.int64]
    rows: Embeddings
    margins: NDArray[np.float32]

    def nearness(self, probes: Embeddings) -> NDArray[np.float32]:
        """Return ``(M, K)`` similarities; a person's is a maximum over one stretch of rows."""
        products = _products(probes, self.rows)
        products -= self.margins
        nearest: NDArray[np.float32] = np.maximum.reduceat(products, self.starts, axis=1)
        return nearest

    def without(self, gone: frozenset[Key]) -> "_Block[Key]":
        """Return the block with the rows of some people taken out."""
        if gone.isdisjoint(self.people):
            return self
        stays = np.array([person not in gone for person in self.people], dtype=bool)
        counts = np.diff(np.append(self.starts, len(self.rows)))
        kept = np.repeat(stays, counts)
        people = tuple(person for person in self.people if person not in gone)
        return _Block(people, _starts(counts[stays]), self.rows[kept], self.margins[kept])


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
        self.threshold = threshold
        self._blocks = _blocks(keys, embeddings)

    def with_people(
        self, keys: Sequence[Key], embeddings: Embeddings, of: Collection[Key]
    ) -> "Gallery[Key]":
        """Return a gallery in which some people are enrolled otherwise; the rest is shared.

        Args:
            keys: One key per row of ``embeddings``; all of them among ``of``.
            embeddings: ``(N, D)`` of unit length: all there are of these people.
            of: Whose rows are replaced; who has none in ``embeddings`` is known no more.
        """
        changed: Gallery[Key] = Gallery((), np.zeros((0, 0), dtype=np.float32), self.threshold)
        gone = frozenset(of)
        kept = (block.without(gone) for block in self._blocks)
        changed._blocks = _packed((*kept, *_blocks(keys, embeddings)))
        return changed

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """Everybody enrolled, each once."""
        return tuple(person for block in self._blocks for person in block.people)

    @property
    def size(self) -> int:
        """How many rows are searched, means included."""
        return sum(len(block.rows) for block in self._blocks)

    def similarities(self, probes: Embeddings) -> NDArray[np.float32]:
        """Compare faces with everybody.

        Args:
            probes: ``(M, D)`` of unit length.

        Returns:
            ``(M, K)`` similarity to each person, in the order of ``keys``; -1 without a gallery.
        """
        if not self._blocks or not len(probes):
            return np.full((len(probes), len(self.keys)), -1.0, dtype=np.float32)
        return np.concatenate([block.nearness(probes) for block in self._blocks], axis=1)

    def candidates(self, probe: Embedding, k: int) -> list[Match[Key]]:
        """List the ``k`` most similar people, most similar first, near enough or not."""
        row = self.similarities(probe[None])[0]
        order = np.argsort(-row, kind="stable")[:k]
        return [Match(self.keys[index], float(row[index])) for index in order]


def _blocks(keys: Sequence[Key], embeddings: Embeddings) -> tuple[_Block[Key], ...]:
    """Sort rows by person, add the means, and cut between people."""
    if embeddings.ndim != 2 or len(keys) != len(embeddings):
        raise ValueError(f"{len(keys)} keys for embeddings of shape {embeddings.shape}")
    if not np.allclose(np.linalg.norm(embeddings, axis=1), 1.0, atol=1e-3):
        raise ValueError("every embedding must have unit length")
    people = list(dict.fromkeys(keys))
    place = {key: index for index, key in enumerate(people)}
    owners, rows, margins = _with_means(
        np.array([place[key] for key in keys], dtype=np.int64), embeddings, len(people)
    )
    counts = np.bincount(owners, minlength=len(people))
    ends = np.cumsum(counts)
    cuts = [0]
    while cuts[-1] < len(people):
        # At least one person, then as many as fit.
        limit = (ends[cuts[-1] - 1] if cuts[-1] else 0) + BLOCK_ROWS
        cuts.append(max(cuts[-1] + 1, int(np.searchsorted(ends, limit, side="right"))))
    return tuple(
        _Block(
            tuple(people[first:last]),
            _starts(counts[first:last]),
            # Copies, so that no block keeps the rows of people alive who were taken out.
            rows[ends[first] - counts[first] : ends[last - 1]].copy(),
            margins[ends[first] - counts[first] : ends[last - 1]].copy(),
        )
        for first, last in pairwise(cuts)
    )


def _products(probes: Embeddings, rows: Embeddings) -> NDArray[np.float32]:
    """Return the ``(M, N)`` products of probes with rows.

    For the few faces of a photo a matrix library spends more time on rearranging the rows than on
    multiplying; slices so small that it does not rearrange them take half the time.
    """
    if len(probes) > _FEW_PROBES:
        return np.asarray(probes @ rows.T, dtype=np.float32)
    products = np.empty((len(probes), len(rows)), dtype=np.float32)
    sliced = len(rows) - len(rows) % _SLICE_ROWS
    slices = rows[:sliced].reshape(-1, _SLICE_ROWS, rows.shape[1])
    by_slice = products[:, :sliced].reshape(len(probes), -1, _SLICE_ROWS)
    np.matmul(probes, slices.transpose(0, 2, 1), out=by_slice.transpose(1, 0, 2))
    np.matmul(probes, rows[sliced:].T, out=products[:, sliced:])
    return products


def _packed(blocks: Iterable[_Block[Key]]) -> tuple[_Block[Key], ...]:
    """Drop empty blocks, and join neighbours that fit into one."""
    packed: list[_Block[Key]] = []
    for block in blocks:
        if not block.people:
            continue
        if packed and len(packed[-1].rows) + len(block.rows) <= BLOCK_ROWS:
            packed.append(_joined(packed.pop(), block))
        else:
            packed.append(block)
    return tuple(packed)


def _joined(one: _Block[Key], other: _Block[Key]) -> _Block[Key]:
    return _Block(
        one.people + other.people,
        np.concatenate([one.starts, other.starts + len(one.rows)]),
        np.concatenate([one.rows, other.rows]),
        np.concatenate([one.margins, other.margins]),
    )


def _starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    starts: NDArray[np.int64] = np.cumsum(counts) - counts
    return starts


def _with_means(
    owners: NDArray[np.int64], embeddings: Embeddings, people: int
) -> tuple[NDArray[np.int64], Embeddings, NDArray[np.float32]]:
    """Add the mean of each person who has several embeddings, and sort all rows by person.

    Returns:
        Person per row, the rows ``(N, D)``, and what is taken off the similarity to each.
    """
    sums = np.zeros((people, embeddings.shape[1]), dtype=np.float32)
    np.add.at(sums, owners, embeddings)
    lengths = np.linalg.norm(sums, axis=1)
    has_mean = (np.bincount(owners, minlength=people) > 1) & (lengths > 1e-6)
    averaged = np.flatnonzero(has_mean)
    all_owners = np.concatenate([owners, averaged])
    everything = np.concatenate([embeddings, sums[averaged] / lengths[averaged, None]])
    margins = np.zeros(len(all_owners), dtype=np.float32)
    margins[: len(owners)] = SINGLE_PHOTO_MARGIN * has_mean[owners]
    order = np.argsort(all_owners, kind="stable")
    return all_owners[order], np.asarray(everything[order], dtype=np.float32), margins[order]
