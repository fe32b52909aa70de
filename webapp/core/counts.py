"""Numbers that one process counts and tells with its sign of life, for ``/metrics``.

They begin at 0 with each start. Labels are words of the program, never anything of a user.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable
from multiprocessing.sharedctypes import RawArray

_lock = threading.Lock()
_totals: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))


def add(what: str, label: str, amount: float = 1) -> None:
    """Count something; safe to call from several threads."""
    with _lock:
        _totals[what][label] += amount


def totals() -> dict[str, dict[str, float]]:
    """Return what was counted so far, by kind and label."""
    with _lock:
        counted = {what: dict(labels) for what, labels in _totals.items()}
    return counted | stage_times.totals()


class StageTimes:
    """How often each stage ran and for how long, in memory that a worker shares with its child.

    The child, of which there is one at a time, runs the jobs; the worker that forked it has the
    sign of life. What the child counted stays when it is killed.
    """

    def __init__(self, stages: Iterable[str] = ()) -> None:
        self._places = {stage: 2 * place for place, stage in enumerate(stages)}
        self._values = RawArray("d", max(2 * len(self._places), 1))

    def add(self, stage: str, seconds: float) -> None:
        """Count one run; only the process that runs jobs may."""
        place = self._places.get(stage)
        if place is not None:
            self._values[place] += 1
            self._values[place + 1] += seconds

    def totals(self) -> dict[str, dict[str, float]]:
        """Return runs and seconds of each stage that ran."""
        ran = {stage: at for stage, at in self._places.items() if self._values[at]}
        return {
            "stage_runs": {stage: self._values[at] for stage, at in ran.items()},
            "stage_seconds": {stage: self._values[at + 1] for stage, at in ran.items()},
        }


stage_times = StageTimes()


def share_stage_times(stages: Iterable[str]) -> None:
    """Begin to count stages; a worker does so before it forks."""
    global stage_times
    stage_times = StageTimes(stages)
