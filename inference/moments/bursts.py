"""Photos taken in quick succession: which of them belong together, and which is the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.moments.measures import FaceMeasures, Signature
from inference.moments.past import Past
from inference.moments.scoring import (
    DEFAULT_WEIGHTS,
    FaceState,
    expression_intensity,
    score_terms,
    weigh,
)

BURST_SECONDS = 0.5
"""Between two photos of one burst."""

ALIKE_PICTURES = 0.85
"""Product of two signatures from which two pictures show the same scene."""


@dataclass(frozen=True, slots=True, eq=False)
class BurstPhoto:
    """A photo that may belong to a burst.

    Attributes:
        time: Of capture, in seconds.
        signature: Of the whole picture (``measures.picture_signature``).
        score: How good it is, 0 to 1; the best face's, or 0 without one.
    """

    time: float
    signature: Signature
    score: float = 0.0


def stack_bursts(photos: Sequence[BurstPhoto]) -> list[list[int]]:
    """Stack photos that were taken within half a second of each other and look alike.

    Args:
        photos: In any order.

    Returns:
        Stacks of indices, in the order of their first photo; in each the best photo comes first
        and the others follow by time. A photo of its own is a stack of one.
    """
    order = sorted(range(len(photos)), key=lambda index: (photos[index].time, index))
    stacks: list[list[int]] = []
    for index in order:
        photo = photos[index]
        before = photos[stacks[-1][-1]] if stacks else None
        if (
            before is not None
            and photo.time - before.time <= BURST_SECONDS
            and float(before.signature @ photo.signature) >= ALIKE_PICTURES
        ):
            stacks[-1].append(index)
        else:
            stacks.append([index])
    return [_best_first(stack, photos) for stack in stacks]


def score_burst(
    faces: Sequence[tuple[FaceMeasures, FaceState] | None],
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
) -> list[tuple[float, dict[str, float]]]:
    """Score the same face on every photo of a burst; the burst itself says what is usual for it.

    Args:
        faces: What was measured on each photo; ``None`` where the face was not found.
        weights: Term name to weight.

    Returns:
        Score and terms of each photo; 0 and nothing where the face was not found.
    """
    past = Past()
    for face in faces:
        if face is not None:
            past.add(0.0, expression_intensity(face[1].emotions), face[0])
    usual = past.usual()
    scored: list[tuple[float, dict[str, float]]] = []
    for face in faces:
        terms = score_terms(face[0], face[1], usual) if face is not None else {}
        scored.append((weigh(terms, weights) if terms else 0.0, terms))
    return scored


def _best_first(stack: Sequence[int], photos: Sequence[BurstPhoto]) -> list[int]:
    best = max(stack, key=lambda index: photos[index].score)
    return [best, *(index for index in stack if index != best)]
