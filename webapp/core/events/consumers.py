"""The websocket on which a page hears what happens to its user's photos."""

import asyncio
import json
import logging
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from webapp.core import events
from webapp.core.events.feed import feed
from webapp.core.events.sockets import session_is_alive
from webapp.core.patience import read_when_back
from webapp.core.words.said import said_to

logger = logging.getLogger(__name__)

SESSION_CHECK_SECONDS = 4
SEND_TIMEOUT_SECONDS = 20
MAX_EVENT_SOCKETS_PER_USER = 30
"""Open pages of one user in one web process; more are a mistake or an attack."""
CLOSE_UNAUTHENTICATED = 4401
CLOSE_TOO_MANY = 4429
CLOSE_TOO_SLOW = 4408
CLOSE_INTERNAL_ERROR = 1011


class EventConsumer(AsyncWebsocketConsumer):
    """Sends a user's events in order, starting after ``?since=<id>``; reads nothing.

    Without ``since`` it starts with what happens from now on.
    """

    _pump: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Start sending to a signed-in user; anybody else learns the close code only.

        For that the socket is accepted first: a refused handshake is a plain 403, and the page
        would knock for ever.
        """
        user = self.scope["user"]
        if user is None or user.pk is None:
            await self.accept()
            await self.close(CLOSE_UNAUTHENTICATED)
            return
        if feed().listeners(user.pk) >= MAX_EVENT_SOCKETS_PER_USER:
            await self.accept()
            await self.close(CLOSE_TOO_MANY)
            return
        since = await self._since()
        await self.accept()
        self._pump = asyncio.create_task(self._send_forever(user.pk, since))

    async def disconnect(self, code: int) -> None:
        """Stop sending."""
        if self._pump is not None:
            self._pump.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Ignore what the page says; this socket only tells."""

    async def _since(self) -> int:
        query = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        raw = query.get("since", [""])[0]
        if raw.isascii() and raw.isdigit() and len(raw) < 19:
            return int(raw)
        return await database_sync_to_async(events.last_id)()

    async def _send_forever(self, user_id: int, last: int) -> None:
        try:
            with feed().listen(user_id) as bell:
                while await read_when_back(session_is_alive, dict(self.scope)):
                    last = await self._send_new(user_id, last)
                    last = await self._wait_and_send(bell, user_id, last)
            await self.close(CLOSE_UNAUTHENTICATED)
        except TimeoutError:
            await self.close(CLOSE_TOO_SLOW)
        except Exception:
            logger.exception("the event socket broke")
            await self.close(CLOSE_INTERNAL_ERROR)

    async def _wait_and_send(self, bell: asyncio.Event, user_id: int, last: int) -> int:
        """Send events as they come until the session is due to be checked again."""
        check_at = asyncio.get_running_loop().time() + SESSION_CHECK_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(check_at):
                    await bell.wait()
            except TimeoutError:
                return last
            bell.clear()
            last = await self._send_new(user_id, last)
            if asyncio.get_running_loop().time() >= check_at:
                return last

    def _in_words(self, message: events.EventMessage) -> events.EventMessage:
        """Say why something failed in the language of the page."""
        reason = message["payload"].get("reason")
        if not reason:
            return message
        payload = message["payload"] | {"reason": said_to(self.scope, reason)}
        return {**message, "payload": payload}

    async def _send_new(self, user_id: int, last: int) -> int:
        """Send everything after ``last``; return the id of the newest event sent."""
        while messages := await read_when_back(events.messages_after, user_id, last):
            for message in messages:
                async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                    await self.send(text_data=json.dumps(self._in_words(message)))
                last = message["id"]
        return last
