"""How fast one camera may send, and who may film and watch at the same time."""

import time
from collections import Counter
from collections.abc import Callable


class FrameRate:
    """A bucket of tokens: a steady rate with room for bursts, and an end to patience.

    Args:
        per_second: Frames that may come for ever.
        burst: Frames that may come at once.
        patience: Frames above the rate, within the time the bucket needs to fill, after which the
            camera is not a hasty one but an attack.
    """

    def __init__(
        self,
        per_second: float,
        burst: int,
        patience: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._patience = patience
        self._clock = clock
        self._tokens = float(burst)
        self._refused = 0
        self._at = clock()

    def allows(self) -> bool:
        """Take one token if there is one."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            if self._tokens >= self._burst / 2:
                self._refused = 0
            return True
        self._refused += 1
        return False

    @property
    def is_exhausted(self) -> bool:
        """Whether the camera has gone on too fast for too long."""
        return self._refused > self._patience


class Places:
    """Counts who takes part, each user and all together.

    Args:
        per_user: Places of one user; read at each request, so that settings may change.
        overall: Places of all users of this process.
    """

    def __init__(self, per_user: Callable[[], int], overall: Callable[[], int]) -> None:
        self._per_user = per_user
        self._overall = overall
        self._taken: Counter[int] = Counter()

    def take(self, user_id: int) -> bool:
        """Take a place if one is free."""
        if self._taken[user_id] >= self._per_user() or self._taken.total() >= self._overall():
            return False
        self._taken[user_id] += 1
        return True

    def give_back(self, user_id: int) -> None:
        """Free a place that was taken."""
        self._taken[user_id] -= 1
        if self._taken[user_id] <= 0:
            del self._taken[user_id]

    def __len__(self) -> int:
        return self._taken.total()
