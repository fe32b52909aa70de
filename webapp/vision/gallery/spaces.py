"""What makes stored embeddings comparable, by the tag of the model that made them.

Embeddings are stored raw, as the network gave them, so that a better post-processing needs no new
look at any photo. Those of a model that is no longer in use are compared as they are: before
embeddings were stored raw, they were post-processed already. A library with people of its own
compares by what these have taught (``learn_space``).
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from webapp.vision.models.loading import STATISTICS, TAG_SEPARATOR, model_tag
from webapp.vision.values import Enrolled, LearntSpace

if TYPE_CHECKING:
    from inference.recognition.postprocessing import PostProcessing
    from inference.types import Embeddings

logger = logging.getLogger(__name__)


class Space(Protocol):
    """Where embeddings of one model are compared."""

    @property
    def threshold(self) -> float:
        """Cosine similarity below which a face stays unknown."""
        ...

    def apply(self, raw: "Embeddings", /) -> "Embeddings":
        """Return comparable rows ``(N, D)`` of unit length of stored ones; ``N`` may be 0."""
        ...


Spaces: TypeAlias = Callable[[str], Space]
"""Tag of a model to where its embeddings are compared."""


@dataclass(frozen=True, slots=True)
class AsStored:
    """Embeddings that are compared as they are."""

    threshold: float

    def apply(self, raw: "Embeddings", /) -> "Embeddings":
        """Return the rows themselves."""
        return raw


@lru_cache(maxsize=16)
def space_of(model: str) -> Space:
    """Return where embeddings with this tag are compared in a library that has taught nothing."""
    from inference.recognition.adaptation import shipped_postprocessing
    from inference.recognition.thresholds import THRESHOLDS

    name = _name_of_raw(model)
    if name:
        return shipped_postprocessing(name)
    name = model.partition(TAG_SEPARATOR)[0]
    if name not in THRESHOLDS:
        logger.warning("no threshold is known for %s; nobody is named by it", name)
    return AsStored(THRESHOLDS.get(name, 2.0))


def learning_basis(model: str) -> str:
    """Return a digest of what is shipped for learning a space; empty where none can be learnt.

    What was learnt on another basis is out of date.
    """
    from inference.recognition.thresholds import ADAPTED_THRESHOLDS, LEVELS, PARTS, SHARES
    from inference.weights import record

    name = _name_of_raw(model)
    if name not in ADAPTED_THRESHOLDS:
        return ""
    files = [record(f"{part}{STATISTICS}").sha256 for part in PARTS.get(name, (name,))]
    settings = (files, ADAPTED_THRESHOLDS[name], LEVELS.get(name), SHARES.get(name))
    return hashlib.sha256(repr(settings).encode()).hexdigest()


def learn_space(model: str, references: Sequence[Enrolled]) -> LearntSpace:
    """Learn from references how the people of a library are told apart; seconds for thousands.

    The same references in the same order teach the same, to the last bit of a machine; so one
    machine learns and all others are told.

    Args:
        model: Tag of the model; one with a :func:`learning_basis`.
        references: All of this model.
    """
    from inference.recognition.adaptation import library_postprocessing

    people = [reference.person for reference in references]
    raw = to_rows([reference.embedding for reference in references])
    learnt = library_postprocessing(_name_of_raw(model), raw, people)
    numbers = np.concatenate([learnt.mean, learnt.matrix.reshape(-1)]).astype("<f4")
    return LearntSpace(model, learnt.threshold, numbers.tobytes())


def usual_threshold(model: str) -> float:
    """Return the similarity below which a face stays unknown in a library that taught nothing."""
    from inference.recognition.thresholds import THRESHOLDS

    return THRESHOLDS.get(model.partition(TAG_SEPARATOR)[0], 2.0)


def similarities(
    model: str, probe: bytes, others: Sequence[bytes], learnt: Iterable[LearntSpace]
) -> list[float]:
    """Return how alike a stored embedding is to others of the same model, by cosine."""
    rows = spaces_with(learnt)(model).apply(to_rows([probe, *others]))
    return [float(one) for one in rows[1:] @ rows[0]]


def spaces_with(learnt: Iterable[LearntSpace]) -> Spaces:
    """Return where embeddings are compared in a library that has taught something."""
    own = {
        space.embedder: learnt_postprocessing(space)
        for space in learnt
        if learning_basis(space.embedder)
    }
    return lambda model: own[model] if model in own else space_of(model)


def learnt_postprocessing(space: LearntSpace) -> "PostProcessing":
    """Return a learnt space as inference knows it.

    Raises:
        ValueError: The numbers are not those of this model.
    """
    from inference.recognition.adaptation import load_statistics
    from inference.recognition.postprocessing import PostProcessing

    parts = load_statistics(_name_of_raw(space.embedder)).parts
    size = sum(part.dimensions for part in parts)
    numbers = np.frombuffer(space.numbers, dtype="<f4").astype(np.float32)
    return PostProcessing(
        numbers[:size], numbers[size:].reshape(size, size), space.threshold, parts
    )


def dimensions_of(model: str) -> int:
    """Return how many numbers an embedding of a model in use has; 0 where that is not known."""
    from inference.recognition.adaptation import load_statistics

    name = _name_of_raw(model)
    return sum(part.dimensions for part in load_statistics(name).parts) if name else 0


def to_rows(embeddings: Sequence[bytes]) -> "Embeddings":
    """Return stored embeddings as ``(N, D)``, all of one model."""
    flat: Embeddings = np.frombuffer(b"".join(embeddings), dtype="<f4").astype(np.float32)
    return flat.reshape(len(embeddings), -1) if embeddings else np.zeros((0, 0), np.float32)


def _name_of_raw(model: str) -> str:
    """Return the name of a model in use whose embeddings are stored raw; empty for others."""
    from inference.recognition.thresholds import THRESHOLDS

    name = model.partition(TAG_SEPARATOR)[0]
    is_raw = name in THRESHOLDS and model == model_tag(name) and _has_statistics(name)
    return name if is_raw else ""


def _has_statistics(name: str) -> bool:
    from inference.recognition.thresholds import PARTS
    from inference.weights import records

    return all(f"{part}{STATISTICS}" in records() for part in PARTS.get(name, (name,)))
