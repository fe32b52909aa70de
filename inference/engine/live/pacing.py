"""How often to search whole frames, by how much time there is."""

FEWEST, MOST = 2, 4
"""Frames from one whole search to the next while faces come and go; large faces are searched for
in between. On calm pictures there are searches of either kind only every third frame."""

_BUSY, _IDLE = 0.85, 0.6
_NEWEST_SHARE = 0.1


class Pace:
    """Searches less often when the engine is busy, more often once it proves to have time."""

    def __init__(self) -> None:
        self.every = MOST
        self.busy = 0.0
        self._last_end: float | None = None
        self._steps = 0

    def note(self, started: float, ended: float) -> None:
        """Take in when a step of the engine began and ended, in seconds."""
        since = started if self._last_end is None else self._last_end
        elapsed = max(ended - since, 1e-6)
        self.busy += _NEWEST_SHARE * (min((ended - started) / elapsed, 1.0) - self.busy)
        self._last_end = ended
        self._steps += 1
        if self._steps % 10 == 0:
            self.every += int(self.busy > _BUSY) - int(self.busy < _IDLE)
            self.every = min(max(self.every, FEWEST), MOST)
