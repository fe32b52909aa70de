"""Why a face has its name: the references that it resembles most."""

from dataclasses import dataclass
from uuid import UUID

from webapp import vision
from webapp.analysis.models import DetectedFace
from webapp.people.models import Reference
from webapp.people.queries import learnt_spaces_of

SHOWN = 3


@dataclass(frozen=True, slots=True)
class NearReference:
    """A reference and its cosine similarity to the face."""

    reference: UUID
    similarity: float


def nearest_references(face: DetectedFace) -> list[NearReference]:
    """Return the few references of a face's person that it resembles most, best first.

    Empty where nobody is named, or nothing can be compared. The face's own reference is no reason.
    """
    if face.person_id is None or face.embedding is None:
        return []
    rows = Reference.objects.filter(
        person_id=face.person_id, embedder=face.embedder, is_set_aside=False
    )
    found = rows.values_list("pk", "embedding")
    others = [(pk, embedding) for pk, embedding in found if pk != face.reference_id]
    if not others:
        return []
    similarities = vision.similarities(
        face.embedder,
        bytes(face.embedding),
        [bytes(embedding) for _, embedding in others],
        learnt_spaces_of(face.photo.owner_id),
    )
    ranked = sorted(zip(similarities, (pk for pk, _ in others), strict=True), reverse=True)
    return [NearReference(pk, similarity) for similarity, pk in ranked[:SHOWN]]
