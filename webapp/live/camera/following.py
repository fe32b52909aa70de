"""The star whom one camera follows: written down, and told to the camera and to who watches."""

import asyncio
import logging
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import Error

from webapp.live import queries, services
from webapp.live.camera.broadcast import Channel, nobody
from webapp.live.camera.stream import Outbox
from webapp.live.messages import Following

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
"""After a choice that could not be written, or before the star is looked for again."""


class Follower:
    """Keeps whom a camera follows. Belongs to one event loop.

    Only the newest choice counts: whoever goes through a list of stars means the last one.
    """

    def __init__(self, session_id: UUID, owner_id: int, channel: Channel, outbox: Outbox) -> None:
        self._session_id = session_id
        self._owner_id = owner_id
        self._channel = channel
        self._outbox = outbox
        self._chosen: list[UUID | None] = []
        self._told: Following | None = None
        self._bell = asyncio.Event()

    def choose(self, person_id: UUID | None) -> None:
        """Follow a star from now on, or nobody."""
        self._chosen = [person_id]
        self._bell.set()

    async def work(self) -> None:
        """Write choices down and tell whom the camera follows, for as long as the socket lives.

        It looks every few seconds: the star may be renamed, or chosen at another door.
        """
        while True:
            try:
                await self._settle()
            except Error:
                logger.warning("whom a camera follows could not be written; trying again")
            await self._wait()

    async def _settle(self) -> None:
        """Write the newest choice, if there is one, and tell what has changed."""
        chosen = self._chosen
        if chosen:
            write = database_sync_to_async(services.follow)
            await write(self._session_id, self._owner_id, chosen[0])
        star = await database_sync_to_async(queries.followed_in)(self._session_id)
        if self._chosen is not chosen:
            return  # A newer one came meanwhile, and the bell has rung for it.
        self._chosen = []
        following = nobody()
        if star is not None:
            following = Following(type="following", person=str(star.pk), name=star.name)
        if chosen or following != self._told:
            self._told = following
            self._outbox.put(following)
            self._channel.follow(following)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._bell.wait()
        except TimeoutError:
            return
        self._bell.clear()
