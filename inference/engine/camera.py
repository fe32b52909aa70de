"""What the engine remembers of one camera."""

from dataclasses import dataclass, field
from typing import Literal

from inference.engine.mailboxes import CameraKey
from inference.moments.observer import Observer
from inference.tracking.scenes import Scene
from inference.tracking.tracker import Track, Tracker

_LONGEST_STEP_SECONDS = 2.0
_SHORTEST_STEP_SECONDS = 0.001
COARSE_EVERY = 2
"""Frames between two searches for large faces; they cost less than half of a whole one."""

CALM_EVERY = 3
"""Frames between two searches of any kind while no face comes or goes."""

Search = Literal["none", "coarse", "whole"]
"""How a frame is searched: not at all, for large faces, or for faces of every size."""


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
        observer: Looks for its moments.
        clock: Its time.
        scene: What its last frame showed.
        since_whole: Frames since one was searched for all faces; ``None`` before the first time.
        since_search: Frames since one was searched at all.
        is_calm: Whether all faces of the newest frame are well known.
        named_for: For which tracks, looks and gallery the names were last chosen.
        dropped: Frames that were replaced unread.
        is_over: Whether no frame will follow, and its undecided moments were not told yet.
    """

    key: CameraKey
    gallery: str
    tracker: Tracker
    observer: Observer
    clock: CameraClock = field(default_factory=CameraClock)
    scene: Scene = field(default_factory=Scene)
    since_whole: int | None = None
    since_search: int = 0
    is_calm: bool = False
    named_for: tuple[object, ...] = ()
    dropped: int = 0
    is_over: bool = False

    def search_due(self, every: int) -> Search:
        """Tell how the next frame should be searched, if every so many are searched whole."""
        if self.since_whole is None:
            return "whole"
        if self.is_calm and self.since_search < CALM_EVERY - 1:
            return "none"
        if self.since_whole >= every - 1:
            return "whole"
        return "coarse" if self.since_search >= COARSE_EVERY - 1 else "none"

    def note_search(self, search: Search) -> None:
        """Remember how a frame was searched."""
        if search == "whole":
            self.since_whole = 0
        elif self.since_whole is not None:
            self.since_whole += 1
        self.since_search = 0 if search != "none" else self.since_search + 1

    def note_names(self, shown: list[Track], revision: int) -> bool:
        """Tell whether names must be chosen anew: other tracks, new looks or another gallery."""
        state = (revision, tuple(_state(track) for track in shown))
        is_new, self.named_for = state != self.named_for, state
        return is_new


def _state(track: Track) -> tuple[int, int, bool]:
    """Return what a track's name depends on."""
    return track.id, track.probe.count, track.probe.is_doubted
