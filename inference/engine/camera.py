"""What the engine remembers of one camera."""

from dataclasses import dataclass, field

from inference.engine.mailboxes import CameraKey
from inference.tracking.tracker import Track, Tracker

_LONGEST_STEP_SECONDS = 2.0
_SHORTEST_STEP_SECONDS = 0.001
URGENT_AFTER_FRAMES = 2
"""A face was lost: search again, but not on every frame for somebody who has left."""


class CameraClock:
    """Seconds of a camera's own time, from what its frames claim.

    Tracks live in the time of the picture, not of the machine: a video read as fast as possible
    moves as it was filmed. The claim comes from outside, so a step is bounded and never backwards.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._captured_at: float | None = None

    def advance(self, captured_at_ms: float) -> float:
        """Take in the capture time of the next frame; returns the new time in seconds."""
        step = _SHORTEST_STEP_SECONDS
        if self._captured_at is not None:
            claimed = (captured_at_ms - self._captured_at) / 1000
            step = min(max(claimed, step), _LONGEST_STEP_SECONDS)
        self._captured_at = captured_at_ms
        self.seconds += step
        return self.seconds


@dataclass(eq=False)
class Camera:
    """One open camera.

    Attributes:
        key: Its connection and name.
        gallery: Which gallery names its faces.
        tracker: Its faces.
        clock: Its time.
        since_search: Frames since the whole picture was searched; ``None`` before the first time.
        is_urgent: A face was lost on the last frame.
        named_for: For which tracks, looks and gallery the names were last chosen.
        dropped: Frames that were replaced unread.
    """

    key: CameraKey
    gallery: str
    tracker: Tracker
    clock: CameraClock = field(default_factory=CameraClock)
    since_search: int | None = None
    is_urgent: bool = False
    named_for: tuple[object, ...] = ()
    dropped: int = 0

    def is_due(self, every: int) -> bool:
        """Tell whether the next frame should be searched whole."""
        if self.since_search is None or self.since_search >= every - 1:
            return True
        return self.is_urgent and self.since_search >= URGENT_AFTER_FRAMES - 1

    def note_search(self, *, searched: bool, lost: bool) -> None:
        """Remember whether a frame was searched, and whether a face was lost on it."""
        self.since_search = 0 if searched else (self.since_search or 0) + 1
        self.is_urgent = lost

    def note_names(self, shown: list[Track], revision: int) -> bool:
        """Tell whether names must be chosen anew: other tracks, new looks or another gallery."""
        state = (revision, tuple((track.id, track.looks.count) for track in shown))
        is_new, self.named_for = state != self.named_for, state
        return is_new
