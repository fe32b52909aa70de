"""Group photos of people who are known, as a library that does not know their group sees them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.naming.people_disjoint import REFERENCES, SEED, Indices, KnownFaces
from inference.recognition.adaptation import Levels, adapt
from inference.recognition.gallery import Gallery

DRAWS = 2

STAYS = 0.7
"""So likely a member is in a photo with a stranger."""

SCENES = ("members", "stranger_beside", "member_unknown")

Excess = NDArray[np.float64]
Weights = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scene:
    """One photo as it is asked about.

    Attributes:
        excess: ``(N, K)`` similarity above the library's threshold.
        truth: ``(N,)`` column of each face's person; -1 for nobody who is enrolled.
        weights: ``(N,)`` how much each face can be trusted.
    """

    excess: Excess
    truth: Indices
    weights: Weights


@dataclass(frozen=True, eq=False)
class Library:
    """Everything asked of one group, over all draws.

    Attributes:
        scenes: By kind of photo.
        alone: Of each stranger, ``(S,)`` similarity to the nearest member above the threshold.
    """

    scenes: Mapping[str, Sequence[Scene]]
    alone: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Usual:
    """What was chosen for a usual library.

    Attributes:
        threshold: Cosine similarity below which a face stays unknown.
        levels: How alike faces are.
    """

    threshold: float
    levels: Levels


def group_photos(
    faces: KnownFaces, paths: NDArray[np.str_], free: Indices, draw: np.random.Generator
) -> list[Indices]:
    """Return rows of faces photo by photo; composed where the group has no photo of several."""
    by_path: defaultdict[str, list[int]] = defaultdict(list)
    for row in free:
        by_path[str(paths[row])].append(int(row))
    several = [np.array(rows) for rows in by_path.values() if len(rows) > 1]
    if several:
        return several
    own = [
        draw.permutation(free[faces.people[free] == one]) for one in np.unique(faces.people[free])
    ]
    longest = max(len(rows) for rows in own)
    composed = ([rows[turn] for rows in own if turn < len(rows)] for turn in range(longest))
    return [np.array(rows) for rows in composed if len(rows) > 1]


def ask(
    faces: KnownFaces,
    paths: NDArray[np.str_],
    group: str,
    strangers: str,
    others: Sequence[str],
    usual: Usual,
) -> Library:
    """Enrol a group and compose what is asked of it, with statistics of ``others``."""
    statistics = replace(faces.statistics(others), levels=usual.levels)
    rows, foreign = faces.rows_of([group]), faces.rows_of([strangers])
    members = np.unique(faces.people[rows])
    draw = np.random.default_rng(SEED)
    scenes: dict[str, list[Scene]] = {kind: [] for kind in SCENES}
    alone = []
    for _ in range(DRAWS):
        chosen = [draw.permutation(rows[faces.people[rows] == one])[:REFERENCES] for one in members]
        references = np.concatenate(chosen)
        people = faces.people[references].tolist()
        processing = adapt(statistics, usual.threshold, faces.raw[references], people)
        gallery = Gallery(people, processing.apply(faces.raw[references]), processing.threshold)
        column = {key: place for place, key in enumerate(gallery.keys)}

        def excess(probes: Indices) -> Excess:
            near = gallery.similarities(processing.apply(faces.raw[probes]))  # noqa: B023
            return near.astype(np.float64) - processing.threshold  # noqa: B023

        far = excess(foreign)
        alone.append(faces.nearest(far, foreign))
        strangers_seen = Scene(far, np.full(len(far), -1), faces.quality(foreign))
        free = rows[~np.isin(paths[rows], paths[references])]
        for photo in group_photos(faces, paths, free, draw):
            truth = np.array([column[one] for one in faces.people[photo]])
            seen = Scene(excess(photo), truth, faces.quality(photo))
            scenes["members"].append(seen)
            scenes["stranger_beside"].append(_with_stranger(seen, strangers_seen, draw))
            scenes["member_unknown"].append(_without_one(seen, draw))
    return Library(scenes, np.concatenate(alone))


def _with_stranger(seen: Scene, strangers: Scene, draw: np.random.Generator) -> Scene:
    """Put a stranger beside those members who stay."""
    stays = draw.random(len(seen.excess)) < STAYS
    one = [draw.integers(len(strangers.excess))]
    return Scene(
        np.concatenate([seen.excess[stays], strangers.excess[one]]),
        np.concatenate([seen.truth[stays], strangers.truth[one]]),
        np.concatenate([seen.weights[stays], strangers.weights[one]]),
    )


def _without_one(seen: Scene, draw: np.random.Generator) -> Scene:
    """Forget the references of one who is in the photo."""
    gone = int(draw.choice(seen.truth))
    moved = np.where(seen.truth > gone, seen.truth - 1, seen.truth)
    truth = np.where(seen.truth == gone, -1, moved)
    return Scene(np.delete(seen.excess, gone, axis=1), truth, seen.weights)
