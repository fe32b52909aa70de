"""Grouping faces that nobody has named by likeness, so that a person is named in one step.

HDBSCAN (Campello, Moulavi, Sander 2013; McInnes, Healy 2017; scikit-learn's implementation) finds
the dense groups and leaves out what is between them. What it leaves out joins a group only where
it is clearly nearer to that than a name would ask for, and to no other; what then remains is
grouped only where every two faces are that near. A face too many in a group costs the user more
than one that stands alone.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import HDBSCAN

from inference.types import Embeddings

ALONE = -1
LEAST_GROUP = 3
"""Faces in the smallest group that HDBSCAN makes; pairs split people rather than find them."""

FEWEST = 5
"""Below, there is no density to speak of."""

STRICTER = 0.2
"""By so much a face has to be more like a group than a person to be named."""

GAP = 0.1
"""By so much it has to be more like one group than like any other."""

Labels = NDArray[np.int64]


def group_faces(rows: Embeddings, threshold: float) -> Labels:
    """Group faces by likeness; seconds for a few thousand, and memory of their square.

    Args:
        rows: ``(N, D)`` comparable embeddings of unit length; ``N`` may be 0.
        threshold: Cosine similarity from which two faces may be named as one person.

    Returns:
        ``(N,)`` number of the group of each face from 0, ``ALONE`` for those in none.
    """
    labels = np.full(len(rows), ALONE, dtype=np.int64)
    if len(rows) >= FEWEST:
        dense = HDBSCAN(min_cluster_size=LEAST_GROUP, min_samples=1, algorithm="brute", copy=True)
        labels[:] = dense.fit_predict(rows)
    alone = np.flatnonzero(labels == ALONE)
    count = int(labels.max(initial=ALONE)) + 1
    labels[alone] = join_groups(rows[alone], middles_of(rows, labels, count), threshold)
    alone = np.flatnonzero(labels == ALONE)
    if len(alone) > 1:
        near = fcluster(
            linkage(rows[alone], "complete", metric="cosine"),
            max(0.0, 1.0 - threshold - STRICTER),
            "distance",
        )
        for number in np.unique(near):
            together = alone[near == number]
            if len(together) > 1:
                labels[together] = count
                count += 1
    return labels


def middles_of(rows: Embeddings, labels: Labels, count: int) -> Embeddings:
    """Return ``(count, D)``, for each group the direction of its mean."""
    sums = np.zeros((count, rows.shape[1]), dtype=np.float64)
    grouped = labels != ALONE
    np.add.at(sums, labels[grouped], rows[grouped])
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    middles: Embeddings = (sums / np.maximum(lengths, 1e-12)).astype(np.float32)
    return middles


def join_groups(rows: Embeddings, middles: Embeddings, threshold: float) -> Labels:
    """Return which of some groups each face clearly belongs to, ``ALONE`` for none.

    Args:
        rows: ``(N, D)``.
        middles: ``(G, D)``, of unit length; ``G`` may be 0.
        threshold: As for :func:`group_faces`.
    """
    if not len(rows) or not len(middles):
        return np.full(len(rows), ALONE, dtype=np.int64)
    similarities = rows @ middles.T
    best = similarities.argmax(axis=1).astype(np.int64)
    everyone = np.arange(len(rows))
    most = similarities[everyone, best]
    similarities[everyone, best] = -1.0
    is_clear = (most >= threshold + STRICTER) & (most - similarities.max(axis=1) >= GAP)
    return np.where(is_clear, best, ALONE).astype(np.int64)


def once_per_photo(rows: Embeddings, labels: Labels, photos: Sequence[Hashable]) -> Labels:
    """Leave of several faces of one photo only the one in a group that is most like the group.

    Nobody stands in a photo twice.
    """
    count = int(labels.max(initial=ALONE)) + 1
    middles = middles_of(rows, labels, count)
    nearest: dict[tuple[int, Hashable], tuple[float, int]] = {}
    kept = labels.copy()
    for face, (label, photo) in enumerate(zip(labels.tolist(), photos, strict=True)):
        if label == ALONE:
            continue
        similarity = float(rows[face] @ middles[label])
        rival = nearest.get((label, photo))
        if rival is not None and rival[0] >= similarity:
            kept[face] = ALONE
            continue
        if rival is not None:
            kept[rival[1]] = ALONE
        nearest[label, photo] = (similarity, face)
    return kept
