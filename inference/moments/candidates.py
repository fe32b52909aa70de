"""What the selector chooses from, and what it chooses."""

from dataclasses import dataclass, field
from typing import NamedTuple

from inference.moments.measures import Signature
from inference.types import Embedding


@dataclass(frozen=True, slots=True)
class Star:
    """Somebody in the gallery.

    Attributes:
        person: Id.
        name: As the gallery has it.
    """

    person: str
    name: str


class StarKey(NamedTuple):
    """Whose moments are counted together.

    Attributes:
        is_named: Whether it is a person of the gallery, and not only a face that was followed.
        id: Of the person or of the track.
    """

    is_named: bool
    id: str


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One face on one frame, scored.

    Attributes:
        time: In seconds of the camera; what "apart" and "within" mean.
        number: Of the frame, as its sender counts.
        captured_at: In ms of the sender's clock.
        track: The face over time.
        star: Who it surely is, or ``None``.
        score: 0 to 1.
        terms: Term name to value, 0 to 1.
        reason: In words.
        box: In pixels of the frame as it was sent.
        width: Of the frame as it was sent, in pixels.
        height: Of the frame as it was sent.
        emotion: What the face expresses; ``None`` where nothing is sure.
        emotions: Label to probability; empty where nothing was read.
        signature: Of the aligned face.
        embedding: Of the track, where it was looked at.
        eyes_weight: How much open eyes count in the score, 0 to 1.
        is_supposed: Whether it seems to be somebody of the gallery, sure or not: worth keeping, but
            without a name.
    """

    time: float
    number: int
    captured_at: float
    track: int
    star: Star | None
    score: float
    terms: dict[str, float]
    reason: str
    box: tuple[float, float, float, float]
    width: int
    height: int
    emotion: str | None
    emotions: dict[str, float]
    signature: Signature
    embedding: Embedding | None = None
    eyes_weight: float = 0.0
    is_supposed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class EarlierMoment:
    """A moment that was chosen before this selector began.

    Attributes:
        person: Whose; of a group each member has one.
        time: In seconds of the camera.
        score: 0 to 1.
        emotion: What the star expressed; ``None`` where that was not sure.
        signature: How the star looked; ``None`` where that is not known, as in a group.
    """

    person: str
    time: float
    score: float
    emotion: str | None = None
    signature: Signature | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ChosenMoment:
    """An instant worth keeping.

    Attributes:
        stars: Who peaks on it; empty for somebody unknown, several for a group.
        frames: The chosen frame and up to four alternates, best first; never empty.
        peak_at: When it was best, in ms of the sender's clock; may lie between two frames.
    """

    stars: tuple[Star, ...]
    frames: tuple[Candidate, ...] = field(repr=False)
    peak_at: float

    @property
    def best(self) -> Candidate:
        """The chosen frame."""
        return self.frames[0]
