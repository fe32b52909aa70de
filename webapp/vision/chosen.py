"""A moment as it was chosen, in plain values: the same from a camera, a video, a burst or by hand.

``inference.moments.candidates`` has it with the measures that choosing takes; here is what is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from webapp.vision.values import Box

if TYPE_CHECKING:
    from inference.moments.candidates import Candidate


@dataclass(frozen=True, slots=True)
class ChosenFrame:
    """One frame of a moment.

    Attributes:
        number: The publisher's frame number; of a video the frame's presentation time in ticks
            (``inference.video.reader``), of a photo enough of its id to tell it from the others.
        captured_at: Milliseconds of the publisher's clock, or since the video began, or since 1970.
        score: 0 to 1; empty where nobody has scored it.
        terms: Score term to 0..1.
        reason: In words, why it is good.
        box: Of the face, or of all faces of a group, as shares of the upright frame's width and
            height; empty where nobody looked for it.
        emotion: What the face expresses; empty where that is not sure.
        emotions: Label to probability.
        photo: The photo that it is; empty while its picture has not come.
    """

    number: int
    captured_at: float
    score: float | None = None
    terms: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    box: Box | None = None
    emotion: str = ""
    emotions: Mapping[str, float] = field(default_factory=dict)
    photo: UUID | None = None

    @property
    def seconds(self) -> float:
        """Return when it was taken, in seconds of the same clock."""
        return self.captured_at / 1000


@dataclass(frozen=True, slots=True)
class ChosenMoment:
    """An instant worth keeping.

    Attributes:
        people: Who peaks on it; empty for somebody unknown, several for a group.
        frames: The chosen frame and its alternates, best first; never empty.
        look: The one star's face as a few numbers, for telling later whether the same is shown
            again; empty where nobody will ask.
    """

    people: tuple[UUID, ...]
    frames: tuple[ChosenFrame, ...]
    look: bytes = b""

    def __post_init__(self) -> None:
        if not self.frames:
            raise ValueError("a moment has at least one frame")

    @property
    def best(self) -> ChosenFrame:
        """The chosen frame."""
        return self.frames[0]


def scored_frame(
    face: "Candidate", *, number: int, captured_at: float, photo: UUID | None = None
) -> ChosenFrame:
    """Return a scored face of a frame as what is kept of the frame."""
    return ChosenFrame(
        number=number,
        captured_at=captured_at,
        score=round(face.score, 4),
        terms=face.terms,
        reason=face.reason,
        box=box_shares(face.box, face.width, face.height),
        emotion=face.emotion or "",
        emotions={label: round(share, 4) for label, share in face.emotions.items()},
        photo=photo,
    )


def box_shares(box: Box, width: int, height: int) -> Box:
    """Return a box in pixels of a picture as shares of it, 0 to 1; what lies outside is cut off."""
    width, height = max(1, width), max(1, height)
    left, top, right, bottom = box
    shares = (left / width, top / height, right / width, bottom / height)
    x1, y1, x2, y2 = (round(min(max(share, 0.0), 1.0), 4) for share in shares)
    return (x1, y1, x2, y2)
