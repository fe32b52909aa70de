"""The door to whoever keeps moments: the live app films and knows nothing of how they are kept.

The moments app registers its keeper when Django starts; without one no moment is looked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from webapp.live.messages import AskedFrame, Capture
from webapp.vision.engine.messages import MomentChosen, Taste
from webapp.vision.values import Sample


@dataclass(frozen=True, slots=True)
class Filming:
    """Whose camera films, and in which session."""

    owner_id: int
    session_id: UUID


@dataclass(frozen=True, slots=True)
class CameraTime:
    """How the camera's clock and its recent frames lie in time.

    Attributes:
        ahead_ms: What has to be added to the camera's milliseconds to get the server's, since 1970.
        sent: Times of the last frames that were sent, oldest first, in the camera's milliseconds.
    """

    ahead_ms: float
    sent: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What a session gave so far.

    Attributes:
        moments: How many its owner's pages show.
        photo: Of the best one; ``None`` without any.
        focus: Where its star is, as ``object-position`` of a square card; empty when unknown.
        recordings: Videos that were recorded of its feed.
    """

    moments: int = 0
    photo: UUID | None = None
    focus: str = ""
    recordings: int = 0


class Keeper(Protocol):
    """Keeps moments. Every method may wait for the database and is called in a thread."""

    def taste(self, filming: Filming) -> Taste:
        """Return which moments are wanted of a camera."""
        ...

    def keep(self, filming: Filming, chosen: MomentChosen, time: CameraTime) -> Capture | None:
        """Write down a moment that the engine has chosen; what the camera is asked for, if any."""
        ...

    def press(
        self, filming: Filming, frames: Sequence[AskedFrame], time: CameraTime
    ) -> Capture | None:
        """Write down a moment that was chosen by hand: its frame first, then others around it."""
        ...

    def miss(self, filming: Filming, moment_id: UUID, frames: Sequence[int]) -> None:
        """Hear that frames are no longer held by the camera."""
        ...

    def outstanding(self, filming: Filming) -> list[Capture]:
        """Return what a camera that was gone for a moment should be asked for again."""
        ...

    def note_emotions(self, filming: Filming, samples: Sequence[Sample]) -> None:
        """Store what the stars of a session expressed."""
        ...

    def delete_recordings(self, session_id: UUID) -> None:
        """Delete the videos that were recorded of a session's feed, with their moments."""
        ...

    def kept(self, session_ids: Sequence[UUID]) -> Mapping[UUID, Kept]:
        """Return what some sessions gave; one without moments may be missing."""
        ...


_keepers: list[Keeper] = []


def keep_with(keeper: Keeper) -> None:
    """Register who keeps moments; a later one takes the place of an earlier one."""
    _keepers[:] = [keeper]


def keeper() -> Keeper | None:
    """Return who keeps moments, if anybody does."""
    return _keepers[0] if _keepers else None
