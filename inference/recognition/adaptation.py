"""Making raw embeddings comparable, for the people whom this library is about.

What a network makes of a face lies in a small corner of its space where all K-pop faces are near
each other. Taking off a common mean moves the origin into that corner, and within-class whitening
(WCCN: Hatch, Kajarekar, Stolcke 2006) shrinks the directions in which one person varies from photo
to photo. Both are learnt from the people of the training, of whom only sufficient statistics are
shipped, and, where there are some, from the references that the users confirmed: these show the
very people who are to be told apart. The training people were also seen under lights drawn at
random, so that what a stage does to a face is among the directions that are shrunk. Applying it is
cheap, so libraries keep raw embeddings and apply the newest at match time.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from inference.errors import WeightsError
from inference.recognition.postprocessing import Part, PostProcessing
from inference.recognition.thresholds import ADAPTED_THRESHOLDS, LEVELS, SHARES, THRESHOLDS
from inference.types import Embeddings
from inference.weights import locate, record

SHRINKAGE = 0.5
"""Share of an even scatter mixed in: few people cannot fill all directions with their own."""

PEOPLE_FOR_HALF = 7
"""With so many people of the user's own, their mean counts as much as that of the training."""

LEVEL_PAIRS = 10
"""So many pairs of the user's own count as much as the usual levels of similarity."""

LEVEL_REFERENCES = 5
"""Thresholds are chosen with so many references a person; with fewer the same one is stricter."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Levels:
    """How alike two faces are after post-processing, on average.

    Attributes:
        genuine: Mean cosine similarity of two faces of one person.
        impostor: The same of two faces of two people.
    """

    genuine: float
    impostor: float

    def middle(self) -> float:
        """Return the middle of both for a face and the mean of some references.

        A mean of n rows of mutual similarity s is shorter than one by sqrt((1 + (n - 1) s) / n),
        so everything is that much nearer to it than to a single row.
        """
        count, alike = LEVEL_REFERENCES, max(self.genuine, 0.0)
        nearer = np.sqrt(count / (1.0 + (count - 1) * alike))
        return float((self.genuine + self.impostor) / 2 * nearer)


@dataclass(frozen=True, eq=False)
class Statistics:
    """All that adapting needs to know of some people's embeddings; no face can be told from it.

    Attributes:
        people: How many people.
        freedom: Faces less people: how many deviations from a person's mean are in ``scatter``.
        mean: ``(D,)``, the mean of the people's means.
        scatter: ``(D, D)``, mean product of the deviations of the faces, also as they look under
            other lights where that is known, from their person's mean in white light.
        parts: Of what the raw embeddings consist.
        levels: Usual similarities of people whom the statistics do not know, or ``None`` where
            nobody measured them; then a library's own do not move the threshold.
    """

    people: int
    freedom: int
    mean: Matrix
    scatter: Matrix
    parts: tuple[Part, ...]
    levels: Levels | None = None


def measure_statistics(
    raw: Embeddings,
    people: Sequence[Hashable],
    parts: tuple[Part, ...],
    looks: Sequence[Embeddings] = (),
) -> Statistics:
    """Sum up the raw embeddings of known people, each person alike in the mean.

    Args:
        raw: ``(N, D)``, N above 0.
        people: Who each row shows.
        parts: Of what a row consists.
        looks: The same faces under other lights, each ``(N, D)``. What a light does to a face is
            then a direction in which one person varies, and is shrunk with the others.
    """
    keys = {key: index for index, key in enumerate(dict.fromkeys(people))}
    labels = np.array([keys[person] for person in people], dtype=np.int64)
    sums = np.zeros((len(keys), raw.shape[1]))
    np.add.at(sums, labels, raw)
    means = sums / np.bincount(labels)[:, None]
    freedom = len(raw) - len(keys)
    scatter = _scatter(raw - means[labels], freedom)
    lit = [_scatter(look - means[labels], len(look)) for look in looks]
    scatter = np.mean([scatter, *lit], axis=0)
    return Statistics(len(keys), freedom, means.mean(axis=0), scatter, parts)


def _scatter(deviations: Matrix, freedom: int) -> Matrix:
    scatter: Matrix = deviations.T @ deviations / max(freedom, 1)
    return scatter


def adapt(
    shipped: Statistics,
    threshold: float,
    references: Embeddings | None = None,
    people: Sequence[Hashable] = (),
) -> PostProcessing:
    """Learn the post-processing for a library.

    People of one group, one sex or one photographer are more alike than others, and so are their
    strangers. The references show how much: the threshold moves with the middle between the
    library's genuine and impostor similarities.

    Args:
        shipped: Statistics of the people of the training.
        threshold: Cosine similarity below which a face stays unknown in a usual library.
        references: ``(N, D)`` raw embeddings of faces whose names users confirmed; ``N`` may be 0.
        people: Who each reference shows.

    Raises:
        ValueError: References and people are not equally many, or have other dimensions.
    """
    statistics = shipped
    if references is not None and len(references):
        if len(people) != len(references) or references.shape[1] != len(shipped.mean):
            raise ValueError(f"{len(people)} people for references of shape {references.shape}")
        own = measure_statistics(references, people, shipped.parts)
        statistics = _pooled(shipped, own)
    matrix = np.zeros_like(statistics.scatter)
    start = 0
    for part in statistics.parts:
        block = slice(start, start + part.dimensions)
        matrix[block, block] = _whitening(statistics.scatter[block, block])
        start += part.dimensions
    learnt = PostProcessing(
        statistics.mean.astype(np.float32),
        matrix.astype(np.float32),
        threshold,
        statistics.parts,
    )
    if shipped.levels is None or references is None or not len(references):
        return learnt
    own_levels = measure_levels(learnt.apply(references), people, shipped.levels)
    return replace(learnt, threshold=threshold + own_levels.middle() - shipped.levels.middle())


def measure_levels(
    rows: Embeddings, people: Sequence[Hashable], usual: Levels, weight: int = LEVEL_PAIRS
) -> Levels:
    """Measure how alike the faces of a library are.

    Args:
        rows: ``(N, D)`` comparable embeddings of unit length.
        people: Who each row shows.
        usual: What is expected of a library that cannot tell.
        weight: How many pairs ``usual`` counts for.
    """
    keys = {key: index for index, key in enumerate(dict.fromkeys(people))}
    labels = np.array([keys[person] for person in people], dtype=np.int64)
    sums = np.zeros((len(keys), rows.shape[1]))
    np.add.at(sums, labels, rows)
    # The squared length of a sum is that of its rows and twice all products between them.
    alone = float(np.square(rows, dtype=np.float64).sum())
    same = (float(np.square(sums).sum()) - alone) / 2
    every = (float(np.square(sums.sum(axis=0)).sum()) - alone) / 2
    counts = np.bincount(labels)
    same_pairs = float((counts * (counts - 1)).sum()) / 2
    pairs = len(rows) * (len(rows) - 1) / 2

    def level(total: float, count: float, expected: float) -> float:
        return (total + weight * expected) / max(count + weight, 1e-12)

    return Levels(
        level(same, same_pairs, usual.genuine),
        level(every - same, pairs - same_pairs, usual.impostor),
    )


def _pooled(shipped: Statistics, own: Statistics) -> Statistics:
    weight = own.people / (own.people + PEOPLE_FOR_HALF)
    freedom = shipped.freedom + own.freedom
    scatter = shipped.freedom * shipped.scatter + own.freedom * own.scatter
    return replace(
        shipped,
        people=shipped.people + own.people,
        freedom=freedom,
        mean=(1.0 - weight) * shipped.mean + weight * own.mean,
        scatter=scatter / max(freedom, 1),
    )


def _whitening(scatter: Matrix) -> Matrix:
    even = np.eye(len(scatter)) * max(float(np.trace(scatter)) / len(scatter), 1e-12)
    values, vectors = np.linalg.eigh((1.0 - SHRINKAGE) * scatter + SHRINKAGE * even)
    matrix: Matrix = vectors @ np.diag(values**-0.5) @ vectors.T
    return matrix


def joined(statistics: Sequence[Statistics], shares: Sequence[float]) -> Statistics:
    """Lay the statistics of several networks side by side, as a fused embedder's raw rows are.

    Raises:
        ValueError: They are not of the same faces.
    """
    if len({(one.people, one.freedom) for one in statistics}) != 1:
        raise ValueError("the parts' statistics are of different faces; make them together")
    size = sum(len(one.mean) for one in statistics)
    scatter, start = np.zeros((size, size)), 0
    for one, share in zip(statistics, shares, strict=True):
        block = slice(start, start + len(one.mean))
        scatter[block, block] = share * one.scatter
        start = block.stop
    mean = np.concatenate(
        [np.sqrt(share) * one.mean for one, share in zip(statistics, shares, strict=True)]
    )
    parts = tuple(Part(len(one.mean), share) for one, share in zip(statistics, shares, strict=True))
    return Statistics(statistics[0].people, statistics[0].freedom, mean, scatter, parts)


@lru_cache(maxsize=8)
def load_statistics(name: str) -> Statistics:
    """Read the shipped statistics of an embedder; imports no network and no torch.

    Raises:
        WeightsError: None are shipped for it, or the file is damaged.
    """
    shares = SHARES.get(name, {name: 1.0})
    statistics = joined([_read(part) for part in shares], list(shares.values()))
    return replace(statistics, levels=Levels(*LEVELS[name]) if name in LEVELS else None)


def shipped_postprocessing(name: str) -> PostProcessing:
    """Return the post-processing of an embedder that knows nothing of a library."""
    return adapt(load_statistics(name), THRESHOLDS[name])


def library_postprocessing(
    name: str, references: Embeddings, people: Sequence[Hashable]
) -> PostProcessing:
    """Return the post-processing of an embedder for a library, with the threshold that suits it.

    Args:
        name: Of the embedder.
        references: ``(N, D)`` its raw embeddings of faces whose names users confirmed.
        people: Who each reference shows.
    """
    if not len(references):
        return shipped_postprocessing(name)
    return adapt(load_statistics(name), ADAPTED_THRESHOLDS[name], references, people)


def _read(name: str) -> Statistics:
    path = locate(record(f"{name}-statistics"))
    stored = load_file(path)
    try:
        people, freedom = (int(value) for value in stored["counts"])
        mean, scatter = (stored[key].astype(np.float64) for key in ("mean", "scatter"))
    except (KeyError, ValueError) as error:
        raise WeightsError(f"{path.name} holds no statistics: {error}") from error
    return Statistics(people, freedom, mean, scatter, (Part(len(mean), 1.0),))
