"""The websocket of a viewer: the newest picture with its labels, at the viewer's own pace."""

import asyncio
import time

from django.utils.translation import gettext_noop

from webapp.live.camera.broadcast import View, nobody
from webapp.live.camera.limits import Places
from webapp.live.camera.recogniser import Recogniser, recogniser
from webapp.live.consumers.base import (
    CLOSE_TOO_MANY,
    CLOSE_TOO_SLOW,
    SEND_TIMEOUT_SECONDS,
    LiveConsumer,
)
from webapp.live.messages import MessageError, OnAir, read_viewer
from webapp.live.models import LiveSession

UNSHOWN_VIEWS = 2
"""Pictures on their way to one viewer; the next one waits until it has shown the first."""
PATIENCE_SECONDS = 20
"""A viewer that has shown nothing for so long although pictures waited is given up."""
LOOK_SECONDS = 1.0
CUT_OFF = gettext_noop(
    "Other web processes of this server cannot be reached. If the camera films there, "
    "its picture comes back by itself."
)


class ViewerConsumer(LiveConsumer):
    """Sends a session's newest view whenever the viewer is ready for one.

    The viewer says ``shown`` for each picture, so that at most two are ever on their way: pictures
    do not pile up in buffers of a slow connection, and somebody who never reads costs two.
    """

    shows_names = True
    _places: Places
    _shared: Recogniser
    _owner_id: int | None = None

    def places_of(self, shared: Recogniser) -> Places:
        """Return where this viewer takes a place."""
        return shared.viewers

    async def start(self, session: LiveSession) -> None:
        """Take a place and begin with the present picture."""
        self._shared = recogniser()
        self._places = self.places_of(self._shared)
        if not self._places.take(session.owner_id):
            await self.leave(CLOSE_TOO_MANY)
            return
        self._owner_id = session.owner_id
        self._bell = asyncio.Event()
        self._bell.set()
        self._channel = self._shared.broadcast.enter(session.pk, self._bell)
        self._shared.relay_views()
        self._unshown = 0
        self._ready_at = time.monotonic()
        for work in (self.guard(), self._send_forever()):
            self.spawn(work)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Hear that a picture was shown; anything else is passed over."""
        if self._owner_id is None:
            return
        try:
            read_viewer(text_data or "")
        except MessageError:
            return
        if self._unshown:
            self._unshown -= 1
            self._ready_at = time.monotonic()
            self._bell.set()

    async def disconnect(self, code: int) -> None:
        """Give the place back."""
        if self._owner_id is not None:
            self._places.give_back(self._owner_id)
            self._owner_id = None
            self._shared.broadcast.leave(self.session_id, self._bell)
        await super().disconnect(code)

    async def _send_forever(self) -> None:
        told: OnAir | None = None
        followed = nobody()
        shown: View | None = None
        while True:
            if self.shows_names and self._channel.following != followed:
                followed = self._channel.following
                await self.tell(followed)
            on_air = self._on_air()
            if on_air != told:
                told = on_air
                await self.tell(on_air)
            view = self._channel.latest
            if view is not None and view is not shown and self._has_room():
                shown = view
                self._unshown += 1
                async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                    await self.send(bytes_data=view.packed(shows_names=self.shows_names))
            if not self._has_room() and time.monotonic() - self._ready_at > PATIENCE_SECONDS:
                await self.leave(CLOSE_TOO_SLOW)
                return
            await self._wait()

    def _on_air(self) -> OnAir:
        """Return whether a camera films, and in words where that cannot be known."""
        on_air: OnAir = {"type": "on_air", "is_on_air": self._channel.is_on_air}
        if self._channel.is_cut_off:
            on_air["message"] = CUT_OFF
        return on_air

    def _has_room(self) -> bool:
        if self._unshown == 0:
            self._ready_at = time.monotonic()
        return self._unshown < UNSHOWN_VIEWS

    async def _wait(self) -> None:
        """Wait for the next picture or the viewer's readiness; now and then look at the clock."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._bell.wait()
        except TimeoutError:
            return
        self._bell.clear()
