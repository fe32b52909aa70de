"""One name once per photo: nobody stands twice in the same picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.pairing import best_pairs
from inference.recognition.gallery import Gallery, Key, Match
from inference.types import Embeddings

Weights = Sequence[float] | NDArray[np.floating]

IMPOSSIBLE = -1.0
"""How far below the threshold somebody counts as being who must not be named."""

LEAST_NAMED_QUALITY = 0.02
"""Below, a face gets no name. Of the boxes on K-pop photos that hold no face and yet pass the
detector's second look, two had quality 0 and four 0.46 and more; so a higher bar takes names from
small faces and from hardly any pattern (``docs/model-cards/recognition-quality.md``)."""


def assign_names(
    gallery: Gallery[Key],
    embeddings: Embeddings,
    weights: Weights | None = None,
    forbidden: NDArray[np.bool_] | None = None,
) -> list[Match[Key] | None]:
    """Name the faces of one photo so that each person is named at most once.

    The names are chosen together, so that the sum of what lies above the threshold is largest
    (Kuhn 1955): a face that looks like two people leaves the name to the face that looks like one.

    Args:
        gallery: Who is enrolled.
        embeddings: ``(N, D)`` of unit length, the faces of one photo.
        weights: Per face, how much it is to be trusted, as ``trusted`` takes them. A blurred face
            does not take a name away from a sharp one.
        forbidden: ``(N, K)``, true where a face is known not to show that person, in the order
            of ``gallery.keys``.

    Returns:
        Per face its person, or ``None`` where nobody near enough is left.

    Raises:
        ValueError: Weights, or what is forbidden, do not fit faces and people.
    """
    count = len(embeddings)
    if weights is not None and len(weights) != count:
        raise ValueError(f"{len(weights)} weights for {count} faces")
    names: list[Match[Key] | None] = [None] * count
    if not count or not gallery.keys:
        return names
    similarities = gallery.similarities(embeddings)
    excess = similarities - np.float32(gallery.threshold)
    if forbidden is not None:
        if forbidden.shape != excess.shape:
            raise ValueError(f"forbidden has shape {forbidden.shape}, not {excess.shape}")
        excess[forbidden] = IMPOSSIBLE
    for face, person in assign(excess, weights):
        names[face] = Match(gallery.keys[person], float(similarities[face, person]))
    return names


def assign(excess: NDArray[np.floating], weights: Weights | None = None) -> list[tuple[int, int]]:
    """Pair the faces of one photo with people, each at most once.

    Args:
        excess: ``(N, K)`` by how much each face is more similar to each person than the threshold
            asks for; below 0 where it must not bear the name.
        weights: Per face, how much it is to be trusted, as ``trusted`` takes them.

    Returns:
        Pairs of face and person, by face.
    """
    # A tiny bonus makes a face exactly at the threshold worth naming.
    gain = np.where(excess >= 0, excess + 1e-6, 0.0) * trusted(len(excess), weights)[:, None]
    return best_pairs(gain)


def trusted(count: int, weights: Weights | None) -> NDArray[np.float64]:
    """Return how much each face counts, ``(N,)``; 0 means that it gets no name.

    Args:
        count: How many faces there are.
        weights: The quality of each, 0 to 1; without them all count alike.
    """
    if weights is None:
        return np.ones(count)
    quality = np.asarray(weights, dtype=np.float64)
    return np.where(quality >= LEAST_NAMED_QUALITY, np.minimum(quality, 1.0), 0.0)
