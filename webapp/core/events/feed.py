"""One poller per web process that tells the open sockets when their user has new events.

The poller only nudges; each socket then reads from the event table at its own pace. A socket that
does not keep up is simply behind: nothing is kept in memory for it and nothing is lost.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from webapp.core import events
from webapp.core.patience import read_when_back


class Feed:
    """The sockets of one event loop, by user, and the task that watches the event table."""

    def __init__(self) -> None:
        self._bells: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self.lap = 0

    @contextmanager
    def listen(self, user_id: int) -> Iterator[asyncio.Event]:
        """Yield a bell that is set whenever the user may have new events."""
        bell = asyncio.Event()
        self._bells[user_id].add(bell)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        try:
            yield bell
        finally:
            self._bells[user_id].discard(bell)
            if not self._bells[user_id]:
                del self._bells[user_id]

    def listeners(self, user_id: int) -> int:
        """Return how many sockets this user has open here."""
        return len(self._bells.get(user_id, ()))

    async def _poll(self) -> None:
        """Watch the table while anybody listens."""
        last = await read_when_back(events.last_id)
        self._ring(set(self._bells))
        while self._bells:
            await asyncio.sleep(settings.EVENT_POLL_SECONDS)
            newest = await read_when_back(events.last_id)
            if newest > last:
                self._ring(await read_when_back(events.users_with_events_after, last))
            last = newest
            self.lap += 1

    def _ring(self, users: set[int]) -> None:
        for user in users & set(self._bells):
            for bell in self._bells[user]:
                bell.set()


_feeds: dict[asyncio.AbstractEventLoop, Feed] = {}


def feed() -> Feed:
    """Return the feed of the running event loop."""
    loop = asyncio.get_running_loop()
    for other in [other for other in _feeds if other.is_closed()]:
        del _feeds[other]
    return _feeds.setdefault(loop, Feed())
