"""How often something came from somewhere lately, in the memory of one process."""

import time
from collections import OrderedDict

MOST_REMEMBERED = 10_000


class RecentCounts:
    """Counts what came within the last seconds from each of many sources.

    The source that was quiet for longest is forgotten when there are more than 10,000.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        self._seconds = seconds
        self._recent: OrderedDict[str, list[float]] = OrderedDict()

    def allows(self, source: str, most: int, now: float | None = None) -> bool:
        """Count one more of a source, unless there were so many already."""
        at = time.monotonic() if now is None else now
        recent = [one for one in self._recent.pop(source, []) if one > at - self._seconds]
        allowed = len(recent) < most
        if allowed:
            recent.append(at)
        self._recent[source] = recent
        while len(self._recent) > MOST_REMEMBERED:
            self._recent.popitem(last=False)
        return allowed
