"""Who a camera may name, as the inference process is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from webapp.vision.gallery.spaces import learning_basis
from webapp.vision.values import Enrolled, LearntSpace

FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who can be recognised for one user.

    Attributes:
        names: Of each person.
        enrolled: Their references; those of other models than the engine's are passed over.
        learnt: What these people taught about comparing faces, by model.
    """

    names: Mapping[UUID, str]
    enrolled: Sequence[Enrolled]
    learnt: Sequence[LearntSpace] = ()

    def usable(self, embedder_tag: str) -> list[Enrolled]:
        """Return the references of one model that all have the size of the first."""
        rows = [
            one
            for one in self.enrolled
            if one.embedder == embedder_tag and one.person in self.names
        ]
        return [one for one in rows if len(one.embedding) == len(rows[0].embedding)]

    def space_of(self, embedder_tag: str) -> LearntSpace | None:
        """Return where faces are compared by one model; ``None`` where nothing was learnt."""
        own = [one for one in self.learnt if one.embedder == embedder_tag]
        return own[0] if own and learning_basis(embedder_tag) else None
