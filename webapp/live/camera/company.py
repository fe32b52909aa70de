"""Other cameras of the same concert: how many film, told to each of them."""

import asyncio
import logging
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import Error

from webapp.live import queries
from webapp.live.camera.stream import Outbox

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0


class Company:
    """Tells one camera how many others film its concert. Belongs to one event loop."""

    def __init__(self, session_id: UUID, outbox: Outbox) -> None:
        self._session_id = session_id
        self._outbox = outbox
        self._told: int | None = None

    async def work(self) -> None:
        """Look every few seconds and tell what has changed, for as long as the socket lives."""
        while True:
            try:
                await self._look()
            except Error:
                logger.warning("how many cameras film a concert could not be read; trying again")
            await asyncio.sleep(PAUSE_SECONDS)

    async def _look(self) -> None:
        others = await database_sync_to_async(queries.cameras_beside)(self._session_id)
        if others != self._told:
            self._told = others
            self._outbox.put({"type": "company", "others": others})
