"""Memory that was freed, given back to the system once a process has come to rest.

The C library keeps what is freed for what comes next: after a photo of 12 megapixels a worker held
50 MB that nobody used. To give it back costs milliseconds, but who goes on working has to fetch it
again; so it is done when nothing has been computed for a while.
"""

import ctypes
import time
from collections.abc import Callable

RESTING_SHARE = 0.1
"""Of one core; below it a process counts as resting."""


class FreedMemory:
    """Watches how much a process computes, and gives back what it freed when that ends.

    Args:
        release: What gives memory back.
        clock: Seconds, never falling.
        computed: Seconds that this process has computed.
    """

    def __init__(
        self,
        release: Callable[[], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        computed: Callable[[], float] = time.process_time,
    ) -> None:
        self._release = release or _trim
        self._clock, self._computed = clock, computed
        self._looked_at, self._computed_then = clock(), computed()
        self._is_due = True

    def give_back(self) -> None:
        """Call this from time to time; gives back once after each stretch of work."""
        now, computed = self._clock(), self._computed()
        share = (computed - self._computed_then) / max(now - self._looked_at, 1e-3)
        self._looked_at, self._computed_then = now, computed
        if share >= RESTING_SHARE:
            self._is_due = True
        elif self._is_due:
            self._is_due = False
            self._release()


def _trim() -> None:
    """Have the C library give back whole pages; not all of them can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
