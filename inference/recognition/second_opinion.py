"""A second opinion on the people of one group, learnt from the library's own faces.

A softmax over comparable embeddings has seen, besides the group's people, faces of others, and
says of each face who of the group it shows or that it is somebody else. It never names: the
gallery does, and a name that the second opinion does not share stays away. So it cannot let a
stranger through whom the gallery's threshold would not. Whether it helps at all is measured on
faces held out (:func:`compare_with_gallery`); ``docs/model-cards/recognition-second-opinion.md``
tells how often it does.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.recognition.gallery import Gallery
from inference.types import Embeddings

BAR = 0.5
"""So probable a name has to be that it is shared; ``recognition-second-opinion.md`` compares."""

STRENGTH = 10.0
"""Inverse weight of the L2 penalty; set, not chosen."""

FOLDS = 5
CURVE = tuple(round(step / 10, 1) for step in range(10))
MOST_WRONG, MOST_STRANGERS, MOST_LOST = 0.01, 0.05, 0.01
"""What is promised of wrong names and strangers, and how many right names it may cost."""

_RESAMPLED = 1000
_SEED = 2026

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, eq=False)
class SecondOpinion(Generic[Key]):
    """What was learnt of the people of one group.

    Attributes:
        people: Who they are.
        weights: ``(K + 1, D)`` float32; the last row stands for everybody else.
        biases: ``(K + 1,)`` float32.
    """

    people: tuple[Key, ...]
    weights: NDArray[np.float32]
    biases: NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.people) + 1
        if len(self.weights) != count or self.biases.shape != (count,):
            raise ValueError(f"{len(self.weights)} rows of weights for {count - 1} people")

    def probabilities(self, rows: Embeddings) -> NDArray[np.float32]:
        """Return how probable each person is for each face, ``(N, K)``; the rest is others."""
        logits = rows @ self.weights.T + self.biases
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: NDArray[np.float32] = (raised / raised.sum(axis=1, keepdims=True))[:, :-1]
        return shares


@dataclass(frozen=True, eq=False)
class Faces(Generic[Key]):
    """Comparable embeddings of faces whose people are known.

    Attributes:
        rows: ``(N, D)`` of unit length.
        people: Who each shows; of strangers it is not looked at.
        held_together: Per face the occasion, or the stranger, that is held out as a whole, so that
            no picture is tested beside its near-duplicate.
    """

    rows: Embeddings
    people: Sequence[Key]
    held_together: Sequence[Hashable]

    def chosen(self, places: NDArray[np.int64]) -> "Faces[Key]":
        """Return some of them."""
        return Faces(
            self.rows[places],
            [self.people[place] for place in places.tolist()],
            [self.held_together[place] for place in places.tolist()],
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many faces held out got which name: the right one, a wrong one, one though strangers."""

    right: int = 0
    wrong: int = 0
    strangers: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What happened on faces held out, with the gallery alone and with the second opinion.

    Attributes:
        known: How many faces of the group's people were asked about.
        strangers: How many of others.
        gallery: With the gallery alone.
        opinion: With the second opinion.
        gain: Errors avoided less right names lost, in faces; ``low`` and ``high`` are its 95 %
            interval from occasions drawn again.
        curve: By bar, shares of known faces named right and of strangers named.
    """

    known: int
    strangers: int
    gallery: Tally
    opinion: Tally
    gain: int
    low: float
    high: float
    curve: tuple[tuple[float, float, float], ...]

    @property
    def is_better(self) -> bool:
        """Whether it keeps the promise and is better by more than chance."""
        known, strangers = max(self.known, 1), max(self.strangers, 1)
        return (
            self.low > 0
            and self.opinion.wrong <= MOST_WRONG * known
            and self.opinion.strangers <= MOST_STRANGERS * strangers
            and self.gallery.right - self.opinion.right <= MOST_LOST * known
        )


def learn(faces: Faces[Key], strangers: Embeddings) -> SecondOpinion[Key]:
    """Learn a second opinion; a second for a thousand faces.

    Raises:
        ValueError: There are fewer than two people, or no strangers.
    """
    from sklearn.linear_model import LogisticRegression

    people = tuple(dict.fromkeys(faces.people))
    if len(people) < 2 or not len(strangers):
        raise ValueError(f"{len(people)} people and {len(strangers)} strangers teach nothing")
    place = {person: index for index, person in enumerate(people)}
    labels = [place[person] for person in faces.people] + [len(people)] * len(strangers)
    rows = np.concatenate([faces.rows, strangers]).astype(np.float64)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=500)
    model.fit(rows, labels)
    return SecondOpinion(
        people, model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    )


@dataclass(frozen=True, eq=False)
class Asked:
    """Faces that were asked about.

    Attributes:
        is_near: ``(N,)`` whether the gallery names them.
        is_right: ``(N,)`` whether its nearest is the right one; never of strangers.
        probable: ``(N,)`` how probable the second opinion finds that name.
        is_known: ``(N,)`` whether they are of the group's people.
        held_together: As in :class:`Faces`.
    """

    is_near: NDArray[np.bool_]
    is_right: NDArray[np.bool_]
    probable: NDArray[np.float32]
    is_known: NDArray[np.bool_]
    held_together: Sequence[Hashable]

    def named(self, bar: float = BAR) -> NDArray[np.bool_]:
        """Return which faces bear a name that both share."""
        return self.is_near & (self.probable >= bar)

    def tally(self, is_named: NDArray[np.bool_]) -> Tally:
        """Count what became of faces of which some are named."""
        return Tally(
            int((is_named & self.is_right).sum()),
            int((is_named & self.is_known & ~self.is_right).sum()),
            int((is_named & ~self.is_known).sum()),
        )


def ask(
    gallery: Gallery[Key], opinion: SecondOpinion[Key], known: Faces[Key], strangers: Faces[Key]
) -> Asked:
    """Ask both about faces of the group's people, and of others."""
    rows = np.concatenate([known.rows, strangers.rows])
    similarities = gallery.similarities(rows)
    nearest = similarities.argmax(axis=1)
    names = [gallery.keys[column] for column in nearest]
    is_right = [name == person for name, person in zip(names, known.people, strict=False)]
    place = {person: column for column, person in enumerate(opinion.people)}
    probable = opinion.probabilities(rows)[np.arange(len(rows)), [place[name] for name in names]]
    is_known = np.arange(len(rows)) < len(known.rows)
    return Asked(
        similarities.max(axis=1) >= gallery.threshold,
        np.array(is_right + [False] * len(strangers.rows), dtype=bool),
        probable,
        is_known,
        [*known.held_together, *strangers.held_together],
    )


def compare_with_gallery(
    known: Faces[Key],
    strangers: Faces[Key],
    threshold: float,
    progress: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Hold out a fifth of the occasions at a time, and ask about their faces.

    Args:
        known: Of the group's people.
        strangers: Of others; those held out were not learnt from either.
        threshold: Of the gallery.
        progress: Told after each fold how many are done.

    Raises:
        ValueError: No fold leaves two people to learn from and a face to ask about.
    """
    ours, theirs = _folds(known.held_together), _folds(strangers.held_together)
    asked = []
    for fold in range(FOLDS):
        taught = known.chosen(np.flatnonzero(ours != fold))
        others = strangers.chosen(np.flatnonzero(theirs != fold))
        enrolled = set(taught.people)
        held = [at for at in np.flatnonzero(ours == fold).tolist() if known.people[at] in enrolled]
        if len(enrolled) > 1 and held and len(others.rows):
            gallery = Gallery(taught.people, taught.rows, threshold)
            opinion = learn(taught, others.rows)
            aside = strangers.chosen(np.flatnonzero(theirs == fold))
            asked.append(ask(gallery, opinion, known.chosen(np.array(held)), aside))
        progress(fold + 1)
    if not asked:
        raise ValueError("too few occasions to hold one out")
    return summed(_joined(asked))


def summed(asked: Asked) -> Comparison:
    """Sum up what was asked."""
    named = asked.named()
    before, after = asked.tally(asked.is_near), asked.tally(named)
    # A name that is not shared was an error avoided, or a right name lost.
    lost = asked.is_near & ~named
    values = np.where(lost, np.where(asked.is_right, -1, 1), 0)
    low, high = _interval(values, asked.held_together)
    known, strangers = int(asked.is_known.sum()), int((~asked.is_known).sum())
    curve = []
    for bar in CURVE:
        tally = asked.tally(asked.named(bar))
        curve.append((bar, tally.right / max(known, 1), tally.strangers / max(strangers, 1)))
    return Comparison(known, strangers, before, after, int(values.sum()), low, high, tuple(curve))


def _joined(asked: Sequence[Asked]) -> Asked:
    return Asked(
        np.concatenate([one.is_near for one in asked]),
        np.concatenate([one.is_right for one in asked]),
        np.concatenate([one.probable for one in asked]),
        np.concatenate([one.is_known for one in asked]),
        [key for one in asked for key in one.held_together],
    )


def _folds(held_together: Sequence[Hashable]) -> NDArray[np.int64]:
    """Return the fold of each face: the biggest occasions first, each to the emptiest fold."""
    faces: dict[Hashable, int] = {}
    for key in held_together:
        faces[key] = faces.get(key, 0) + 1
    filled = [0] * FOLDS
    fold_of = {}
    for key in sorted(faces, key=lambda one: -faces[one]):
        fold_of[key] = filled.index(min(filled))
        filled[fold_of[key]] += faces[key]
    return np.array([fold_of[key] for key in held_together], dtype=np.int64)


def _interval(
    values: NDArray[np.integer], held_together: Sequence[Hashable]
) -> tuple[float, float]:
    """Draw the occasions again and again; return the 95 % interval of the sum."""
    keys = {key: index for index, key in enumerate(dict.fromkeys(held_together))}
    sums = np.zeros(len(keys))
    np.add.at(sums, [keys[key] for key in held_together], values)
    draw = np.random.default_rng(_SEED)
    drawn = sums[draw.integers(0, len(sums), (_RESAMPLED, len(sums)))].sum(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
