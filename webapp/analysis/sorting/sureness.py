"""How sure a name is, in words; the number behind it is shown on demand."""

from dataclasses import dataclass

from django.utils.translation import gettext

from webapp import vision
from webapp.people.queries import learnt_thresholds_of

CLEARLY = 0.15
"""So far above the threshold a name is called sure: a word for the page, not a promise."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """Words for similarities of one library, which compares its faces in its own way."""

    thresholds: dict[str, float]

    @classmethod
    def of(cls, owner_id: int) -> "Sureness":
        """Return the words of a user's library as it compares faces now."""
        return cls(learnt_thresholds_of(owner_id))

    def word(self, embedder: str, similarity: float | None) -> str:
        """Return how sure a name is, as the page says it; nobody is named below the threshold.

        Args:
            embedder: Tag of the model that embedded the face.
            similarity: Cosine similarity to the nearest reference.
        """
        if similarity is None:
            return gettext("maybe")
        threshold = self.thresholds.get(embedder)
        if threshold is None:
            threshold = vision.usual_threshold(embedder)
        if similarity >= threshold + CLEARLY:
            return gettext("sure")
        return gettext("likely") if similarity >= threshold else gettext("maybe")
