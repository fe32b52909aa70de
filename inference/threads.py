"""How many threads a network computes with: as many as there are processors that nobody else uses.

Two threads share the work of a layer in halves, and it is done when the slower half is. Where
somebody else takes one of two processors, that half waits for its turn at every layer, and two
threads are many times slower than one (``docs/evaluation.md``). So who computes looks, while it
works, at what others take.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inference.device import bound_threads

LOOK_SECONDS = 0.5
RAISE_SHARE, LOWER_SHARE = 0.8, 0.5
"""Of a further processor that must be free to take it up; of the last one, below which it is let
go. They lie apart, so that one that is free now and then does not lead to and fro."""

_STAT = Path("/proc/stat")
_IDLE_FIELDS = (3, 4)
"""Idle, and idle while a disk is waited for."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds since some moment.

    Attributes:
        now: On the clock.
        busy: Of all processors that this process may use, by anybody.
        own: By this process.
    """

    now: float
    busy: float
    own: float


def usage() -> Usage | None:
    """Look at the processors; ``None`` where the system does not tell."""
    try:
        lines = _STAT.read_text().splitlines()
    except OSError:
        return None
    ours = {f"cpu{number}" for number in os.sched_getaffinity(0)}
    ticks = 0
    for line in lines:
        name, *fields = line.split()
        if name in ours:
            # The last two of ten are guests, who are counted among the others already.
            counted = [int(field) for field in fields[:8]]
            ticks += sum(counted) - sum(counted[field] for field in _IDLE_FIELDS)
    return Usage(time.monotonic(), ticks / os.sysconf("SC_CLK_TCK"), time.process_time())


class FittingThreads:
    """Keeps the computing threads of this process at what is free.

    Args:
        most: Never more than so many.
        look: Tells what the processors have done.
        bound: Sets the threads of the calling thread's networks.
    """

    def __init__(
        self,
        most: int,
        look: Callable[[], Usage | None] = usage,
        bound: Callable[[int], None] = bound_threads,
    ) -> None:
        self.count = most
        self._most, self._look, self._bound = most, look, bound
        self._processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
        self._before: Usage | None = None
        bound(most)

    def fit(self) -> None:
        """Call this before each step, on the thread that computes; looks twice a second."""
        if self._most == 1:
            return
        before = self._before
        if before is not None and time.monotonic() - before.now < LOOK_SECONDS:
            return
        self._before = now = self._look()
        if before is None or now is None:
            return
        wanted = self._wanted(self._free(before, now))
        if wanted != self.count:
            self.count = wanted
            self._bound(wanted)

    def _free(self, before: Usage, now: Usage) -> float:
        """Return how many processors others have left to us."""
        others = (now.busy - before.busy) - (now.own - before.own)
        return self._processors - max(0.0, others) / (now.now - before.now)

    def _wanted(self, free: float) -> int:
        most = min(self._most, self._processors)
        if free >= self.count + RAISE_SHARE:
            return min(most, int(free + 1 - RAISE_SHARE))
        if free < self.count - 1 + LOWER_SHARE:
            return max(1, int(free + 1 - LOWER_SHARE))
        return max(1, min(most, self.count))
