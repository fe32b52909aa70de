"""What the stars of one session express, as means over a few seconds; in memory until stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from webapp.vision.engine.messages import LiveFace
from webapp.vision.values import SAMPLE_SECONDS, Sample

MOST_BINS = 500
"""Held while they cannot be stored, as when the database is busy; the oldest go first."""


@dataclass
class _Sum:
    total: dict[str, float] = field(default_factory=dict)
    count: int = 0


class Samples:
    """Collects the labelled faces of a camera. Belongs to one event loop."""

    def __init__(self) -> None:
        self._bins: dict[tuple[int, UUID], _Sum] = {}

    def note(self, faces: list[LiveFace], seconds: float) -> None:
        """Take in the faces of one frame, ``seconds`` after the session began.

        Only faces count whose name is sure, that are really seen and whose expression was read.
        """
        second = SAMPLE_SECONDS * int(max(seconds, 0.0) // SAMPLE_SECONDS)
        for face in faces:
            emotions = face["emotions"]
            person = face["person"] if face["is_sure"] else None
            if emotions and person and face["is_seen"]:
                self._add((second, UUID(person)), emotions, 1)

    def take(self, before_seconds: float | None = None) -> list[Sample]:
        """Remove and return what is complete: bins that ended before a time, or all."""
        limit = float("inf") if before_seconds is None else before_seconds - SAMPLE_SECONDS
        ended = [key for key in self._bins if key[0] <= limit]
        return [_sample(second, person, self._bins.pop((second, person)))
                for second, person in ended]  # fmt: skip

    def put_back(self, samples: Sequence[Sample]) -> None:
        """Hold again what was taken and could not be stored."""
        for sample in samples:
            self._add((sample.second, sample.person), sample.emotions, sample.count)

    def _add(self, key: tuple[int, UUID], means: Mapping[str, float], count: int) -> None:
        held = self._bins.setdefault(key, _Sum())
        held.count += count
        for label, share in means.items():
            held.total[label] = held.total.get(label, 0.0) + count * float(share)
        while len(self._bins) > MOST_BINS:
            del self._bins[min(self._bins)]


def _sample(second: int, person: UUID, held: _Sum) -> Sample:
    means = {label: round(total / held.count, 4) for label, total in held.total.items()}
    return Sample(person, second, means, held.count)
