"""Who a face shows, out of stored embeddings; no network is loaded."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from webapp.vision.loading import TAG_SEPARATOR, face_pipeline
from webapp.vision.values import Candidate, Enrolled, Naming, Probe

if TYPE_CHECKING:
    from inference.recognition.gallery import Gallery
    from inference.types import Embeddings

logger = logging.getLogger(__name__)

CANDIDATES = 3
CANDIDATE_MARGIN = 0.2
"""Who is further below the threshold than this is not worth suggesting."""

LEAST_NAMED_QUALITY = 0.1
"""Below, a face gets suggestions and no name: it is often no face at all but a pattern that looks
like somebody, and of real ones this poor a fifth was named right."""

NOBODY = Naming(match=None)


class KnownPeople:
    """The references of one user, ready to be searched.

    Embeddings of different models cannot be compared; each model has a gallery of its own.

    Args:
        enrolled: All references.
        threshold_of: Tag of a model to the cosine similarity below which a face stays unknown.
    """

    def __init__(
        self, enrolled: Sequence[Enrolled], threshold_of: Callable[[str], float] | None = None
    ) -> None:
        from inference.recognition.gallery import Gallery

        by_model: defaultdict[str, list[Enrolled]] = defaultdict(list)
        for reference in enrolled:
            by_model[reference.embedder].append(reference)
        self._galleries: dict[str, Gallery[UUID]] = {
            model: Gallery(
                [reference.person for reference in references],
                to_rows([reference.embedding for reference in references]),
                (threshold_of or shipped_threshold)(model),
            )
            for model, references in by_model.items()
        }

    def name_faces(
        self, probes: Sequence[Probe], taken: AbstractSet[UUID] = frozenset()
    ) -> list[Naming]:
        """Name the faces of one photo, each person at most once.

        Args:
            probes: The faces.
            taken: People who already stand in this photo.

        Returns:
            One answer per probe, in their order.
        """
        answers = [NOBODY] * len(probes)
        by_model: defaultdict[str, list[int]] = defaultdict(list)
        for index, probe in enumerate(probes):
            if probe.embedding is not None and probe.embedder in self._galleries:
                by_model[probe.embedder].append(index)
        for model, indexes in by_model.items():
            named = self._assign(self._galleries[model], [probes[i] for i in indexes], taken)
            for index, answer in zip(indexes, named, strict=True):
                answers[index] = answer
        return answers

    def candidates(self, probe: Probe) -> tuple[Candidate, ...]:
        """Return whom a face resembles most, best first, near enough or not."""
        gallery = self._galleries.get(probe.embedder)
        if gallery is None or probe.embedding is None:
            return ()
        return _candidates(gallery, to_rows([probe.embedding])[0], probe)

    def _assign(
        self, gallery: "Gallery[UUID]", probes: Sequence[Probe], taken: AbstractSet[UUID]
    ) -> list[Naming]:
        from inference.recognition.assignment import assign_names

        rows = to_rows([probe.embedding or b"" for probe in probes])
        forbidden: NDArray[np.bool_] = np.array(
            [
                [
                    key in taken or key in probe.not_these or probe.quality < LEAST_NAMED_QUALITY
                    for key in gallery.keys
                ]
                for probe in probes
            ]
        )
        matches = assign_names(gallery, rows, [probe.quality for probe in probes], forbidden)
        return [
            Naming(
                Candidate(match.key, match.similarity) if match else None,
                _candidates(gallery, row, probe),
            )
            for match, row, probe in zip(matches, rows, probes, strict=True)
        ]


def _candidates(
    gallery: "Gallery[UUID]", row: "NDArray[np.float32]", probe: Probe
) -> tuple[Candidate, ...]:
    nearest = gallery.candidates(row, CANDIDATES + len(probe.not_these))
    least = gallery.threshold - CANDIDATE_MARGIN
    allowed = [
        match for match in nearest if match.key not in probe.not_these and match.similarity >= least
    ]
    return tuple(Candidate(match.key, match.similarity) for match in allowed[:CANDIDATES])


def shipped_threshold(model: str) -> float:
    """Return the similarity below which a face stays unknown, by the tag of a model."""
    from inference.recognition.thresholds import THRESHOLDS

    name = model.partition(TAG_SEPARATOR)[0]
    if name in THRESHOLDS:
        return THRESHOLDS[name]
    pipeline = face_pipeline()
    if pipeline.embedder_name == name:
        return pipeline.threshold
    logger.warning("no threshold is known for %s; nobody is named by it", name)
    return 2.0


def to_rows(embeddings: Sequence[bytes]) -> "Embeddings":
    """Return stored embeddings as ``(N, D)``, all of one model."""
    rows: Embeddings = np.stack([np.frombuffer(one, dtype="<f4") for one in embeddings])
    return rows.astype(np.float32)
