"""Telling people apart as an honest stranger would measure it: one group of people left out.

Each group is asked about with everything that can be learnt (mean, whitening, usual levels,
threshold) made from the other groups alone. The threshold is chosen inside those, again with one
of them left out at a time, so that few strangers and few wrong names come through there; what then
happens on the group left out is what is reported. All functions take raw embeddings and know
nothing of networks or files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.naming.identification import (
    MAX_STRANGERS,
    MAX_WRONG_NAMES,
    OpenSetRow,
    equal_error_rate,
    pair_similarities,
)
from inference.recognition.adaptation import (
    Levels,
    Statistics,
    adapt,
    measure_levels,
    measure_statistics,
)
from inference.recognition.assignment import LEAST_NAMED_QUALITY
from inference.recognition.gallery import Gallery
from inference.recognition.postprocessing import Part
from inference.types import Embeddings

DRAWS = 20
REFERENCES = 5
SEED = 2026
CHOSEN_STRANGERS, CHOSEN_WRONG_NAMES = 0.02, 0.005
"""Stricter than the promise, because the threshold is for people who are not there yet."""

_THRESHOLDS = np.round(np.arange(-0.3, 1.0, 0.005), 3)
_RESAMPLED = 1000
_NO_LEVELS = Levels(0.0, 0.0)

Indices = NDArray[np.int64]
Nearest = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class KnownFaces:
    """Raw embeddings of faces whose people are known.

    Attributes:
        raw: ``(N, D)``.
        people: Name per row.
        groups: Name of the group of that person, per row.
        parts: Of what a row consists.
        lit: By light, the same faces under it, ``(N, D)``.
        looks: The same faces under lights to learn from, which are none of these.
        qualities: By light, "" for white, ``(N,)`` how much each face can be trusted.
    """

    raw: Embeddings
    people: NDArray[np.str_]
    groups: NDArray[np.str_]
    parts: tuple[Part, ...]
    lit: Mapping[str, Embeddings]
    looks: Sequence[Embeddings] = ()
    qualities: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def rows_of(self, groups: Sequence[str]) -> Indices:
        """Return the rows of some groups."""
        return np.flatnonzero(np.isin(self.groups, groups))

    def nearest(self, near: NDArray[np.floating], rows: Indices, light: str = "") -> Nearest:
        """Return how near each face is to whom it is nearest, as far as it may bear a name.

        Args:
            near: ``(M, K)`` similarity of these faces to everybody enrolled.
            rows: ``(M,)`` which faces they are.
            light: Under which they were seen.

        Returns:
            ``(M,)``; minus infinity where the product names no face so poor.
        """
        is_poor = self.quality(rows, light) < LEAST_NAMED_QUALITY
        return np.where(is_poor, -np.inf, near.max(axis=1).astype(np.float64))

    def quality(self, rows: Indices, light: str = "") -> NDArray[np.float64]:
        """Return how much some faces can be trusted, ``(M,)``, 0 to 1; 1 where nobody measured."""
        return self.qualities[light][rows] if light in self.qualities else np.ones(len(rows))

    def statistics(self, groups: Sequence[str]) -> Statistics:
        """Sum up some groups."""
        rows = self.rows_of(groups)
        people, looks = self.people[rows].tolist(), [look[rows] for look in self.looks]
        return measure_statistics(self.raw[rows], people, self.parts, looks)


@dataclass(frozen=True, eq=False)
class Answers:
    """Everything asked of one group, over all draws, in similarity above the library's threshold.

    Attributes:
        known: ``(P,)`` nearest similarity of each face of an enrolled person; minus infinity where
            it is too poor for a name.
        is_right: ``(P,)`` whether the nearest is that person.
        known_people: ``(P,)`` who they are.
        strangers: ``(Q,)`` nearest similarity of each face of a person not enrolled.
        stranger_people: ``(Q,)`` who they are.
    """

    known: NDArray[np.float64]
    is_right: NDArray[np.bool_]
    known_people: NDArray[np.str_]
    strangers: NDArray[np.float64]
    stranger_people: NDArray[np.str_]

    def rates(self, threshold: float) -> OpenSetRow:
        """Return what happens at one threshold."""
        is_named = self.known >= threshold
        return OpenSetRow(
            threshold,
            float((is_named & self.is_right).mean()),
            float((is_named & ~self.is_right).mean()),
            float((self.strangers >= threshold).mean()),
        )


@dataclass(frozen=True)
class GroupScores:
    """What was measured on one group left out.

    Attributes:
        faces: How many.
        people: How many.
        pair_eer: Equal error rate of all pairs, without any reference of the group.
        rank_one: By references a person, everybody enrolled.
        chosen: At the threshold of the other groups.
        best: At the lowest threshold that keeps both promises on the group itself.
        interval: 95 % intervals of ``chosen``, by rate, from people drawn again.
        lit: By light, probes under it at the threshold of the other groups.
        lit_best: The same at the lowest threshold that keeps both promises in that light.
    """

    faces: int
    people: int
    pair_eer: float
    rank_one: dict[int, float]
    chosen: OpenSetRow
    best: OpenSetRow
    interval: dict[str, tuple[float, float]]
    lit: dict[str, OpenSetRow]
    lit_best: dict[str, OpenSetRow]


def split_people(
    faces: KnownFaces, rows: Indices, enrolled: Sequence[str], count: int, draw: np.random.Generator
) -> tuple[Indices, Indices, Indices]:
    """Draw ``count`` references of each enrolled person.

    Returns:
        Rows of the references, of the other faces of enrolled people, and of everybody else.
    """
    people = faces.people[rows]
    references = np.concatenate(
        [draw.permutation(rows[people == person])[:count] for person in enrolled]
    )
    is_enrolled = np.isin(people, enrolled)
    return references, np.setdiff1d(rows[is_enrolled], references), rows[~is_enrolled]


def ask(
    faces: KnownFaces,
    group: str,
    statistics: Statistics,
    light: str = "",
    draws: int = DRAWS,
    *,
    adapts: bool = True,
) -> Answers:
    """Enrol half of a group's people at a time, in white light, and ask about all other faces.

    Without ``adapts`` the references teach nothing, as where a post-processing is used as shipped.
    """
    rows = faces.rows_of([group])
    everybody = np.unique(faces.people[rows])
    draw = np.random.default_rng(SEED)
    probes = faces.lit[light] if light else faces.raw
    found: list[tuple[NDArray[np.float64], NDArray[np.bool_], Indices]] = []
    passed: list[tuple[NDArray[np.float64], Indices]] = []
    for _ in range(draws):
        enrolled = sorted(draw.permutation(everybody)[: len(everybody) // 2].tolist())
        references, known, strangers = split_people(faces, rows, enrolled, REFERENCES, draw)
        people = faces.people[references].tolist()
        taught = faces.raw[references] if adapts else None
        processing = adapt(statistics, 0.0, taught, people)
        gallery = Gallery(people, processing.apply(faces.raw[references]), 0.0)
        nearness = gallery.similarities(processing.apply(probes[known]))
        nearest = np.array(gallery.keys)[nearness.argmax(axis=1)]
        is_right = nearest == faces.people[known]
        best = faces.nearest(nearness, known, light)
        found.append((best - processing.threshold, is_right, known))
        foreign = gallery.similarities(processing.apply(probes[strangers]))
        passed.append((faces.nearest(foreign, strangers, light) - processing.threshold, strangers))
    known_rows = np.concatenate([one[2] for one in found])
    stranger_rows = np.concatenate([one[1] for one in passed])
    return Answers(
        np.concatenate([one[0] for one in found]),
        np.concatenate([one[1] for one in found]),
        faces.people[known_rows],
        np.concatenate([one[0] for one in passed]),
        faces.people[stranger_rows],
    )


def usual_levels(faces: KnownFaces, groups: Sequence[str]) -> Levels:
    """Measure how alike faces of a group are that the others' statistics do not know, on average.

    Every group is taken as a library whose users confirmed five photos of half of its people.
    """
    found: list[Levels] = []
    for group in groups:
        statistics = faces.statistics([other for other in groups if other != group])
        rows, draw = faces.rows_of([group]), np.random.default_rng(SEED)
        everybody = np.unique(faces.people[rows])
        for _ in range(DRAWS // 2):
            enrolled = sorted(draw.permutation(everybody)[: len(everybody) // 2].tolist())
            references = split_people(faces, rows, enrolled, REFERENCES, draw)[0]
            people = faces.people[references].tolist()
            apart = adapt(statistics, 0.0, faces.raw[references], people).apply(
                faces.raw[references]
            )
            found.append(measure_levels(apart, people, _NO_LEVELS, weight=0))
    return Levels(
        float(np.mean([one.genuine for one in found])),
        float(np.mean([one.impostor for one in found])),
    )


def choose_threshold(answers: Sequence[Answers]) -> float:
    """Return the lowest threshold at which, on average, few enough strangers and wrong names pass.

    Where none is strict enough it is the highest there is.
    """
    for threshold in _THRESHOLDS:
        rates = [one.rates(float(threshold)) for one in answers]
        strangers = np.mean([rate.strangers_accepted for rate in rates])
        wrong = np.mean([rate.wrong_name for rate in rates])
        if strangers <= CHOSEN_STRANGERS and wrong <= CHOSEN_WRONG_NAMES:
            return float(threshold)
    return float(_THRESHOLDS[-1])


def learn_from(faces: KnownFaces, groups: Sequence[str]) -> tuple[Statistics, float]:
    """Learn all that a product would ship, from some groups alone.

    Returns:
        Statistics with usual levels, and the threshold.
    """
    levels = usual_levels(faces, groups)
    inner = [
        ask(
            faces,
            group,
            replace(faces.statistics([other for other in groups if other != group]), levels=levels),
        )
        for group in groups
    ]
    return replace(faces.statistics(groups), levels=levels), choose_threshold(inner)


def unadapted_threshold(faces: KnownFaces, groups: Sequence[str]) -> float:
    """Choose the threshold of the post-processing as shipped, which knows nothing of a library."""
    asked = []
    for group in groups:
        statistics = faces.statistics([other for other in groups if other != group])
        asked.append(ask(faces, group, statistics, adapts=False))
    return choose_threshold(asked)


def best_point(answers: Answers) -> OpenSetRow:
    """Return the lowest threshold that keeps both promises."""
    for threshold in _THRESHOLDS:
        rates = answers.rates(float(threshold))
        if rates.wrong_name <= MAX_WRONG_NAMES and rates.strangers_accepted <= MAX_STRANGERS:
            return rates
    return answers.rates(float(_THRESHOLDS[-1]))


def rank_one(faces: KnownFaces, group: str, statistics: Statistics, count: int) -> float:
    """Share of a group's faces whose nearest person is the right one, everybody being enrolled."""
    rows, draw = faces.rows_of([group]), np.random.default_rng(SEED)
    everybody = np.unique(faces.people[rows]).tolist()
    rates: list[float] = []
    for _ in range(DRAWS):
        references, probes, _nobody = split_people(faces, rows, everybody, count, draw)
        people = faces.people[references].tolist()
        processing = adapt(statistics, 0.0, faces.raw[references], people)
        gallery = Gallery(people, processing.apply(faces.raw[references]), 0.0)
        nearest = gallery.similarities(processing.apply(faces.raw[probes])).argmax(axis=1)
        rates.append(float((np.array(gallery.keys)[nearest] == faces.people[probes]).mean()))
    return float(np.mean(rates))


def interval(answers: Answers, threshold: float) -> dict[str, tuple[float, float]]:
    """Draw the people again and again; return 95 % intervals of the rates by their name."""
    is_named = answers.known >= threshold
    columns = {
        "named_right": (answers.known_people, is_named & answers.is_right),
        "wrong_name": (answers.known_people, is_named & ~answers.is_right),
        "strangers_accepted": (answers.stranger_people, answers.strangers >= threshold),
    }
    return {name: _interval(*column) for name, column in columns.items()}


def _interval(people: NDArray[np.str_], happened: NDArray[np.bool_]) -> tuple[float, float]:
    labels = np.unique(people, return_inverse=True)[1]
    faces, hits = np.bincount(labels), np.bincount(labels, weights=happened)
    draw = np.random.default_rng(SEED)
    drawn = draw.integers(0, len(faces), (_RESAMPLED, len(faces)))
    rates = hits[drawn].sum(axis=1) / faces[drawn].sum(axis=1)
    low, high = np.percentile(rates, [2.5, 97.5])
    return float(low), float(high)


def measure_group(faces: KnownFaces, group: str) -> GroupScores:
    """Leave one group out, learn from the others, and ask about it."""
    others = [other for other in np.unique(faces.groups).tolist() if other != group]
    statistics, threshold = learn_from(faces, others)
    rows = faces.rows_of([group])
    people = faces.people[rows].tolist()
    apart = adapt(statistics, threshold).apply(faces.raw[rows])
    clean = ask(faces, group, statistics)
    lit = {light: ask(faces, group, statistics, light) for light in faces.lit}
    return GroupScores(
        faces=len(rows),
        people=len(set(people)),
        pair_eer=equal_error_rate(*pair_similarities(apart, people)),
        rank_one={count: rank_one(faces, group, statistics, count) for count in (1, 3, 5)},
        chosen=clean.rates(threshold),
        best=best_point(clean),
        interval=interval(clean, threshold),
        lit={light: answers.rates(threshold) for light, answers in lit.items()},
        lit_best={light: best_point(answers) for light, answers in lit.items()},
    )
