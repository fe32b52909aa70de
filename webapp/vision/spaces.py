"""What makes stored embeddings comparable, by the tag of the model that made them.

Embeddings are stored raw, as the network gave them, so that a better post-processing needs no new
look at any photo. Those of a model that is no longer in use are compared as they are: before
embeddings were stored raw, they were post-processed already.
"""

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from webapp.vision.loading import TAG_SEPARATOR, model_tag

if TYPE_CHECKING:
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


@dataclass(frozen=True, slots=True)
class AsStored:
    """Embeddings that are compared as they are."""

    threshold: float

    def apply(self, raw: "Embeddings", /) -> "Embeddings":
        """Return the rows themselves."""
        return raw


@lru_cache(maxsize=16)
def space_of(model: str) -> Space:
    """Return where embeddings with this tag are compared; loads no network."""
    from inference.recognition.adaptation import shipped_postprocessing
    from inference.recognition.thresholds import THRESHOLDS

    name = model.partition(TAG_SEPARATOR)[0]
    if name in THRESHOLDS and model == model_tag(name) and _has_statistics(name):
        return shipped_postprocessing(name)
    if name not in THRESHOLDS:
        logger.warning("no threshold is known for %s; nobody is named by it", name)
    return AsStored(THRESHOLDS.get(name, 2.0))


def _has_statistics(name: str) -> bool:
    from inference.recognition.thresholds import PARTS
    from inference.weights import records

    return all(f"{part}-statistics" in records() for part in PARTS.get(name, (name,)))
