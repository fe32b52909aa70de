"""Measures of telling people apart: pairs, closed set with few references, open set.

All take embeddings and names and know nothing of networks or files.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.errors import DatasetError
from inference.recognition.gallery import Gallery
from inference.types import Embeddings

DRAWS = 20
REFERENCES = (1, 3, 5)
SEED = 2026
MAX_WRONG_NAMES = 0.01
MAX_STRANGERS = 0.05
_THRESHOLDS = np.round(np.arange(0.0, 1.0, 0.01), 2)

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OpenSetRow:
    """What happens at one threshold, as shares of the faces asked about.

    Attributes:
        threshold: Cosine similarity below which a face stays unknown.
        named_right: Faces of enrolled people that get their own name.
        wrong_name: Faces of enrolled people that get somebody else's.
        strangers_accepted: Faces of people who are not enrolled that get any name.
    """

    threshold: float
    named_right: float
    wrong_name: float
    strangers_accepted: float


@dataclass(frozen=True)
class VerificationScores:
    """Everything measured about one embedder on one set of faces."""

    faces: int
    people: int
    pair_eer: float
    tar_at_far_1e_2: float
    tar_at_far_1e_3: float
    rank1_1shot: float
    rank1_3shot: float
    rank1_5shot: float
    open_set: tuple[OpenSetRow, ...]

    def chosen(self) -> OpenSetRow:
        """Return the lowest threshold with few enough wrong names and strangers."""
        for row in self.open_set:
            if row.wrong_name <= MAX_WRONG_NAMES and row.strangers_accepted <= MAX_STRANGERS:
                return row
        return self.open_set[-1]


def pair_similarities(embeddings: Embeddings, people: Sequence[str]) -> tuple[Scores, Scores]:
    """Compare every face with every other.

    Returns:
        Similarities of the genuine pairs and of the impostor pairs, each unordered pair once.
    """
    labels = np.unique(np.asarray(people), return_inverse=True)[1]
    rows, columns = np.triu_indices(len(labels), k=1)
    similarities = (embeddings @ embeddings.T).astype(np.float64)[rows, columns]
    is_genuine = labels[rows] == labels[columns]
    return similarities[is_genuine], similarities[~is_genuine]


def equal_error_rate(genuine: Scores, impostor: Scores) -> float:
    """Find the rate at which as many genuine pairs are refused as impostor pairs pass.

    Raises:
        DatasetError: One of the two kinds of pairs is missing.
    """
    if not len(genuine) or not len(impostor):
        raise DatasetError("an error rate needs pairs of the same person and of different people")
    thresholds = np.unique(np.concatenate([genuine, impostor]))
    refused = np.searchsorted(np.sort(genuine), thresholds, side="left") / len(genuine)
    passed = 1.0 - np.searchsorted(np.sort(impostor), thresholds, side="left") / len(impostor)
    nearest = int(np.abs(refused - passed).argmin())
    return float((refused[nearest] + passed[nearest]) / 2)


def tar_at_far(genuine: Scores, impostor: Scores, far: float) -> float:
    """Share of the genuine pairs above the threshold that ``far`` of the impostor pairs pass."""
    allowed = int(np.floor(far * len(impostor)))
    threshold = np.sort(impostor)[::-1][min(allowed, len(impostor) - 1)]
    return float((genuine > threshold).mean())


def _split(
    labels: NDArray[np.int64], enrolled: NDArray[np.int64], count: int, draw: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw ``count`` reference rows of each enrolled person; the rest are probes."""
    references = np.concatenate(
        [draw.permutation(np.flatnonzero(labels == person))[:count] for person in enrolled]
    )
    is_probe = np.isin(labels, enrolled)
    is_probe[references] = False
    return references, np.flatnonzero(is_probe)


def rank_one(embeddings: Embeddings, people: Sequence[str], references: int) -> float:
    """Share of faces whose nearest person is the right one, everybody being enrolled."""
    labels = np.unique(np.asarray(people), return_inverse=True)[1]
    draw = np.random.default_rng(SEED)
    rates: list[float] = []
    for _ in range(DRAWS):
        rows, probes = _split(labels, np.unique(labels), references, draw)
        gallery = Gallery(labels[rows].tolist(), embeddings[rows], 0.0)
        nearest = gallery.similarities(embeddings[probes]).argmax(axis=1)
        rates.append(float((np.array(gallery.keys)[nearest] == labels[probes]).mean()))
    return float(np.mean(rates))


def open_set(
    embeddings: Embeddings, people: Sequence[str], references: int = 5
) -> tuple[OpenSetRow, ...]:
    """Enrol half of the people at a time and ask about everybody, over all thresholds."""
    labels = np.unique(np.asarray(people), return_inverse=True)[1]
    draw = np.random.default_rng(SEED)
    counts = np.zeros((len(_THRESHOLDS), 3))
    for _ in range(DRAWS):
        enrolled = np.sort(draw.permutation(np.unique(labels))[: len(np.unique(labels)) // 2])
        rows, probes = _split(labels, enrolled, references, draw)
        strangers = np.flatnonzero(~np.isin(labels, enrolled))
        gallery = Gallery(labels[rows].tolist(), embeddings[rows], 0.0)
        known = gallery.similarities(embeddings[probes])
        is_right = np.array(gallery.keys)[known.argmax(axis=1)] == labels[probes]
        best, unknown = known.max(axis=1), gallery.similarities(embeddings[strangers]).max(axis=1)
        is_named = best[None] >= _THRESHOLDS[:, None]
        counts[:, 0] += (is_named & is_right).mean(axis=1) / DRAWS
        counts[:, 1] += (is_named & ~is_right).mean(axis=1) / DRAWS
        counts[:, 2] += (unknown[None] >= _THRESHOLDS[:, None]).mean(axis=1) / DRAWS
    return tuple(
        OpenSetRow(float(threshold), *(float(value) for value in row))
        for threshold, row in zip(_THRESHOLDS, counts, strict=True)
    )


def measure(embeddings: Embeddings, people: Sequence[str]) -> VerificationScores:
    """Compute every measure on labelled faces."""
    genuine, impostor = pair_similarities(embeddings, people)
    first, third, fifth = (rank_one(embeddings, people, count) for count in REFERENCES)
    return VerificationScores(
        faces=len(embeddings),
        people=len(set(people)),
        pair_eer=equal_error_rate(genuine, impostor),
        tar_at_far_1e_2=tar_at_far(genuine, impostor, 1e-2),
        tar_at_far_1e_3=tar_at_far(genuine, impostor, 1e-3),
        rank1_1shot=first,
        rank1_3shot=third,
        rank1_5shot=fifth,
        open_set=open_set(embeddings, people),
    )
