"""Which unnamed faces look alike, out of stored embeddings; no network is loaded."""

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from webapp.vision.gallery.spaces import spaces_with, to_rows
from webapp.vision.values import LearntSpace


@dataclass(frozen=True, slots=True)
class LooseFace:
    """A face without a name.

    Attributes:
        embedding: Raw, as stored.
        photo: On which it is; nobody is on one twice.
        cluster: The faces it was found to look like before; ``None`` for none.
    """

    embedding: bytes
    photo: Hashable
    cluster: Hashable | None = None


def group_loose_faces(
    model: str, faces: Sequence[LooseFace], learnt: Iterable[LearntSpace]
) -> list[Hashable | None]:
    """Put faces without a cluster into those there are, or into new ones.

    Takes seconds for a few thousand.

    Args:
        model: Tag of the model that embedded all of them.
        faces: Those of known clusters stay where they are.
        learnt: What the library has taught.

    Returns:
        One answer per face: its cluster, the number of a new one from 0, or ``None`` for alone.
    """
    import numpy as np

    from inference.recognition import grouping

    space = spaces_with(learnt)(model)
    rows = space.apply(to_rows([face.embedding for face in faces]))
    known = list(dict.fromkeys(face.cluster for face in faces if face.cluster is not None))
    number_of = {cluster: number for number, cluster in enumerate(known)}
    before = np.array(
        [grouping.ALONE if one.cluster is None else number_of[one.cluster] for one in faces],
        dtype=np.int64,
    )
    free = np.flatnonzero(before == grouping.ALONE)
    labels = before.copy()
    middles = grouping.middles_of(rows, before, len(known))
    labels[free] = grouping.join_groups(rows[free], middles, space.threshold)
    alone = np.flatnonzero(labels == grouping.ALONE)
    fresh = grouping.group_faces(rows[alone], space.threshold)
    labels[alone] = np.where(fresh == grouping.ALONE, grouping.ALONE, fresh + len(known))
    labels = grouping.once_per_photo(rows, labels, [face.photo for face in faces])
    return [_answer(int(label), known) for label in labels]


def _answer(label: int, known: list[Hashable]) -> Hashable | None:
    if label < 0:
        return None
    return known[label] if label < len(known) else label - len(known)


def space_digest(model: str, learnt: Iterable[LearntSpace]) -> str:
    """Return what changes when faces of a model are compared elsewhere than before."""
    parts = [f"{one.embedder} {one.threshold}".encode() + one.numbers for one in learnt]
    return hashlib.sha256(b"\n".join([model.encode(), *parts])).hexdigest()
