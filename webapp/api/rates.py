"""How many requests a key, or a signed-in user, may send in a minute, and what the answer says.

Counted in each web process by itself, like uploads: several of them allow as many times more.
"""

import time
from dataclasses import dataclass

from django.core.cache import cache

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit.

    Attributes:
        limit: In one minute.
        used: So far, this request included.
        reset_seconds: Until counting begins anew.
    """

    limit: int
    used: int
    reset_seconds: int

    @property
    def is_exceeded(self) -> bool:
        """Whether this request is one too many."""
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        """Return the headers that tell a program how fast it may go on."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.reset_seconds),
        }
        return told | ({"Retry-After": str(self.reset_seconds)} if self.is_exceeded else {})


def count(who: str, limit: int, cost: int = 1) -> Allowance:
    """Count so many requests of somebody and return what is left.

    Args:
        who: Under which they are counted, with what is counted.
        limit: In a minute.
        cost: What this request counts as; refused ones count too.
    """
    now = time.time()
    counter = f"api:{who}:{int(now // WINDOW_SECONDS)}"
    cache.add(counter, 0, timeout=2 * WINDOW_SECONDS)
    used = cache.incr(counter, cost)
    return Allowance(limit, used, max(1, round(WINDOW_SECONDS - now % WINDOW_SECONDS)))
