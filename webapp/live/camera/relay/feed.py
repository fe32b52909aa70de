"""Carries one session to one other web process for as long as that asks for it.

It behaves like a viewer: the newest picture when the other end is ready, at most two on the way,
nothing queued. A process that is slow, or a Redis that is, gets fewer pictures and never old ones.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from webapp.live.camera.broadcast import Channel, View
from webapp.live.camera.relay.messages import SeenElsewhere, State

ASKED_SECONDS = 6.0
"""So long a process counts as watching after it asked; it asks every two seconds."""
UNSEEN_VIEWS = 2
LOST_SECONDS = 2.0
"""A picture that nobody has confirmed by then got lost."""
BEAT_SECONDS = 1.0
"""Something is said at least this often, so that silence means that we are gone."""
AFTER_FAILURE_SECONDS = 0.5

Publish = Callable[[State, bytes], Awaitable[bool]]


class Feed:
    """One session on its way to one process.

    Args:
        session_id: Whose pictures it carries.
        process: The name of this process.
        channel: Where they come from.
        publish: Sends a state to the other process; false when it could not.
        numbers: Numbers everything that this process says, upwards.
    """

    def __init__(
        self,
        session_id: UUID,
        process: str,
        channel: Channel,
        publish: Publish,
        numbers: "itertools.count[int]",
    ) -> None:
        self.channel = channel
        self._session_id = session_id
        self._process = process
        self._publish = publish
        self._numbers = numbers
        self._bell = asyncio.Event()
        self._asked_at = time.monotonic()
        self._unseen: dict[int, float] = {}
        self._transit = 0.0
        self._told: tuple[object, ...] = ()
        self._told_at = 0.0
        self._shown: View | None = None

    def asked(self, seen: int) -> None:
        """Hear that the process still watches, and up to which state it has got everything."""
        now = time.monotonic()
        self._asked_at = now
        for number in [number for number in self._unseen if number <= seen]:
            way = (now - self._unseen.pop(number)) / 2
            self._transit += (way - self._transit) / 4
        self._bell.set()

    async def work(self) -> None:
        """Tell what is new until the camera leaves or nobody asks any more."""
        self.channel.feeds.add(self._bell)
        try:
            while self.channel.camera is not None and self._is_wanted():
                await self._tell_news()
                await self._wait()
        finally:
            self.channel.feeds.discard(self._bell)
        if self.channel.camera is None:
            await self._say(None, is_last=True)

    def _is_wanted(self) -> bool:
        return time.monotonic() - self._asked_at < ASKED_SECONDS

    async def _tell_news(self) -> None:
        channel, now = self.channel, time.monotonic()
        is_new = channel.latest is not None and channel.latest is not self._shown
        view = channel.latest if is_new and self._has_room(now) else None
        news = (channel.is_on_air, channel.following, channel.since)
        if view is None and news == self._told and now - self._told_at < BEAT_SECONDS:
            return
        if await self._say(view, is_last=False):
            self._told, self._told_at = news, now
            self._shown = view or self._shown
        else:
            self._unseen.clear()
            await asyncio.sleep(AFTER_FAILURE_SECONDS)

    def _has_room(self, now: float) -> bool:
        for number in [one for one, sent in self._unseen.items() if now - sent > LOST_SECONDS]:
            del self._unseen[number]
        return len(self._unseen) < UNSEEN_VIEWS

    async def _say(self, view: View | None, *, is_last: bool) -> bool:
        channel, number = self.channel, next(self._numbers)
        state: State = {
            "type": "state",
            "session": str(self._session_id),
            "process": self._process,
            "since": channel.since,
            "number": number,
            "is_on_air": channel.is_on_air,
            "person": channel.following["person"],
            "name": channel.following["name"],
            "is_last": is_last,
        }
        if view is None:
            return await self._publish(state, b"")
        state["view"] = self._header(view)
        self._unseen[number] = time.monotonic()
        return await self._publish(state, view.image)

    def _header(self, view: View) -> SeenElsewhere:
        age = time.monotonic() - view.arrived + self._transit
        return {
            "frame": view.frame,
            "width": view.width,
            "height": view.height,
            "faces": view.faces,
            "is_labelled": view.is_labelled,
            "age_ms": round(1000 * age, 1),
        }

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                await self._bell.wait()
        except TimeoutError:
            return
        self._bell.clear()
