"""The moments that were chosen before, so that the next ones differ from them.

Distance and quota depend on the last minute. Looks are remembered over the whole session, of each
star the newest: a kilobyte each.
"""

from collections import deque
from dataclasses import dataclass

from inference.moments.candidates import Candidate, StarKey
from inference.moments.measures import Signature
from inference.types import Embedding

APART_SECONDS = 3.0
"""Between two moments of one star."""

QUOTA_SECONDS = 60.0

ALIKE = 0.97
"""Product of two signatures from which a face looks the same again. None of 1,646 pairs of photos
of one person reaches it (99 in 100 lie below 0.91); a quarter of the pairs in calm clips do.
"""

_CLEARLY_BETTER = 0.1
_MOST_LOOKS = 200
"""Of one star; at six moments a minute the looks of half an hour, and far more as they differ."""
_MOST_STARS = 100
"""Whose looks are remembered, the newest; strangers come and go."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptMoment:
    """A moment as far as later choices depend on it.

    Attributes:
        time: In seconds of the camera.
        score: 0 to 1.
        emotion: What the star expressed.
        signature: How the star looked; ``None`` where that is not known any more.
        embedding: Of the track, where it was looked at.
    """

    time: float
    score: float
    emotion: str | None = None
    signature: Signature | None = None
    embedding: Embedding | None = None

    @classmethod
    def of(cls, face: Candidate) -> "KeptMoment":
        """Keep what matters of a chosen face."""
        return cls(face.time, face.score, face.emotion, face.signature, face.embedding)


class KeptMoments:
    """Remembers each star's moments of the last minute.

    Args:
        same_person: Cosine similarity from which two faces show the same person. Somebody without
            a name who is lost and found again has another track, but the same looks.
    """

    def __init__(self, same_person: float) -> None:
        self._same_person = same_person
        self._kept: list[tuple[StarKey, KeptMoment]] = []
        self._looks: dict[StarKey, deque[KeptMoment]] = {}

    def add(self, star: StarKey, moment: KeptMoment) -> None:
        """Remember a moment."""
        self._kept.append((star, moment))
        if moment.signature is None:
            return
        looks = self._looks.pop(star, None)
        self._looks[star] = looks = deque(maxlen=_MOST_LOOKS) if looks is None else looks
        looks.append(moment)
        while len(self._looks) > _MOST_STARS:
            self._looks.pop(next(iter(self._looks)))

    def __len__(self) -> int:
        """Return how many moments are remembered at all."""
        return len(self._kept) + sum(map(len, self._looks.values()))

    def forget(self, now: float) -> None:
        """Drop what no later distance or quota depends on; looks stay."""
        oldest = now - QUOTA_SECONDS - 2 * APART_SECONDS
        self._kept = [(star, one) for star, one in self._kept if one.time > oldest]

    def is_apart(self, star: StarKey, face: Candidate) -> bool:
        """Tell whether the star has no moment within three seconds."""
        return all(abs(one.time - face.time) >= APART_SECONDS for one in self._of(star, face))

    def times(self, star: StarKey, face: Candidate) -> list[float]:
        """Return when the star's moments before a face were."""
        return [one.time for one in self._of(star, face) if one.time <= face.time]

    def last_minute(self, star: StarKey, face: Candidate) -> list[KeptMoment]:
        """Return the star's moments in the minute around a face."""
        return [one for one in self._of(star, face) if abs(one.time - face.time) < QUOTA_SECONDS]

    def is_known(self, star: StarKey, face: Candidate) -> bool:
        """Tell whether the star was kept with the same look in this session, and no worse."""
        return any(
            one.emotion == face.emotion
            and face.score < one.score + _CLEARLY_BETTER
            and one.signature is not None
            and float(one.signature @ face.signature) >= ALIKE
            for kept_star, looks in self._looks.items()
            for one in looks
            if self._is_of(kept_star, one, star, face)
        )

    def _of(self, star: StarKey, face: Candidate) -> list[KeptMoment]:
        """Return the moments of whom a face shows."""
        return [
            moment for kept_star, moment in self._kept if self._is_of(kept_star, moment, star, face)
        ]

    def _is_of(
        self, kept_star: StarKey, moment: KeptMoment, star: StarKey, face: Candidate
    ) -> bool:
        """Tell whether a moment shows whom a face shows; of strangers their looks decide."""
        if kept_star == star:
            return True
        return not (kept_star.is_named and star.is_named) and self._is_same(moment, face)

    def _is_same(self, moment: KeptMoment, face: Candidate) -> bool:
        one, other = moment.embedding, face.embedding
        return one is not None and other is not None and float(one @ other) >= self._same_person
