"""Who a camera may name, as the inference process is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from webapp.vision.spaces import space_of, to_rows
from webapp.vision.values import Enrolled

if TYPE_CHECKING:
    from inference.types import Embeddings

FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who can be recognised for one user.

    Attributes:
        names: Of each person.
        enrolled: Their references; those of other models than the engine's are passed over.
    """

    names: Mapping[UUID, str]
    enrolled: Sequence[Enrolled]

    def usable(self, embedder_tag: str) -> list[Enrolled]:
        """Return the references of one model that all have the size of the first."""
        rows = [
            one
            for one in self.enrolled
            if one.embedder == embedder_tag and one.person in self.names
        ]
        return [one for one in rows if len(one.embedding) == len(rows[0].embedding)]


def comparable(embedder_tag: str, references: Sequence[Enrolled]) -> "Embeddings":
    """Return the rows of references of one model as the engine's own embedder compares faces."""
    rows = to_rows([one.embedding for one in references])
    return space_of(embedder_tag).apply(rows) if references else rows
