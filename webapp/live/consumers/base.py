"""What cameras and viewers have in common: who may come in, and when they must leave."""

import asyncio
import json
import logging
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error

from webapp.core.events.sockets import session_is_alive
from webapp.core.words.said import said_to
from webapp.live import queries
from webapp.live.models import LiveSession

logger = logging.getLogger(__name__)

SESSION_CHECK_SECONDS = 4
SEND_TIMEOUT_SECONDS = 20
IN_WORDS = ("message", "reason")
"""What of a message is read by people, and said in the language of the page."""
CLOSE_UNAUTHENTICATED = 4401
CLOSE_NOT_FOUND = 4404
CLOSE_TOO_SLOW = 4408
CLOSE_REPLACED = 4409
CLOSE_ENDED = 4410
CLOSE_TOO_MANY = 4429
CLOSE_INTERNAL_ERROR = 1011


class LiveConsumer(AsyncWebsocketConsumer):
    """Lets the owner of a session in, and closes when the sign-in or the session ends."""

    close_when_out = CLOSE_UNAUTHENTICATED
    """Tells the page why, where whoever came in may not stay."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tasks: list[asyncio.Task[None]] = []
        self._is_closing = False

    async def dispatch(self, message: Any) -> None:
        """Hand a message on; what comes from the browser waits for no database.

        Channels tidies up database connections before each message, in the one thread that all
        consumers share, so that frames would stand still while anybody waits for a lock.
        """
        if message["type"] == "websocket.receive":
            await self.websocket_receive(message)
        else:
            await super().dispatch(message)

    async def connect(self) -> None:
        """Tell who may not come in why, by a close code; start the work of the rest."""
        session = await self._admit()
        if session is None:
            return
        try:
            await self.start(session)
        except Exception:
            logger.exception("a live socket could not start")
            await self.leave(CLOSE_INTERNAL_ERROR)

    async def start(self, session: LiveSession) -> None:
        """Begin the work of an accepted socket."""
        raise NotImplementedError

    async def _admit(self) -> LiveSession | None:
        # While the database is away the handshake fails here, before it is accepted.
        may_enter, session = await self.let_in()
        await self.accept()  # A refused handshake is a plain 403: the page would not learn why.
        if not may_enter:
            await self.close(self.close_when_out)
            return None
        if session is None:
            await self.close(CLOSE_NOT_FOUND)
            return None
        if not session.is_open:
            await self.close(CLOSE_ENDED)
            return None
        self.session_id = session.pk
        return session

    async def let_in(self) -> tuple[bool, LiveSession | None]:
        """Return whether whoever knocks may come in at all, and to which session."""
        session_id: UUID = self.scope["url_route"]["kwargs"]["session_id"]
        may_enter = await self.may_enter(session_id)
        return may_enter, await self._find(session_id) if may_enter else None

    async def _find(self, session_id: UUID) -> LiveSession | None:
        """Return the session if whoever knocks may see it."""
        user = self.scope["user"]
        sessions = LiveSession.objects.filter(owner__is_active=True)
        if user is not None and user.pk is not None:
            sessions = queries.sessions_visible_to(user)
        return await sessions.filter(pk=session_id).afirst()

    async def may_enter(self, session_id: UUID) -> bool:
        """Whether somebody is signed in; their right to this session is looked at later."""
        user = self.scope["user"]
        return user is not None and user.pk is not None

    async def still_may(self) -> bool:
        """Whether the sign-in that opened this socket still holds."""
        return bool(await database_sync_to_async(session_is_alive)(dict(self.scope)))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task that ends with the socket; if it breaks, the socket closes."""
        self._tasks.append(asyncio.create_task(self._watched(work)))

    async def _watched(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except TimeoutError:
            await self.leave(CLOSE_TOO_SLOW)
        except OSError:
            logger.info("a browser left while it was told something")
        except Exception:
            logger.exception("a live socket broke")
            await self.leave(CLOSE_INTERNAL_ERROR)

    async def guard(self) -> None:
        """Look every few seconds whether the sign-in and the session still hold."""
        while True:
            await asyncio.sleep(SESSION_CHECK_SECONDS)
            try:
                is_allowed = await self.still_may()
                is_open = await database_sync_to_async(queries.is_open)(self.session_id)
            except Error:
                logger.warning("the session of a live socket could not be read; trying again")
                continue
            if not is_allowed:
                return await self.leave(self.close_when_out)
            if not is_open:
                return await self.leave(CLOSE_ENDED)

    async def tell(self, message: Mapping[str, Any]) -> None:
        """Send a text message; a browser that does not read for 20 s is given up."""
        words = {key: said_to(self.scope, message[key]) for key in IN_WORDS if message.get(key)}
        async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
            await self.send(text_data=json.dumps({**message, **words}))

    async def leave(self, code: int) -> None:
        """Close once; what is told to a closed socket is lost."""
        if not self._is_closing:
            self._is_closing = True
            with suppress(OSError):  # The browser has left already.
                await self.close(code)

    async def disconnect(self, code: int) -> None:
        """End the tasks."""
        self._is_closing = True
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
