"""Request bodies on ASGI: streamed where uploads arrive, capped and timed everywhere.

Django's own handler copies the whole body to a temporary file before the view runs: without a
limit, and losing all of it when the connection drops. Here an upload's bytes reach the view while
they come in, so what arrived before a drop is kept, and any other body is small or refused.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

STREAMED_FOLDER = "/upload/tus/"
STREAMED_PATHS = frozenset({"/api/v1/photos", "/api/v1/predict", "/api/v1/packs", "/people/packs/"})
IDLE_SECONDS = 10.0
"""Longest silence within a body."""
GRACE_SECONDS = 20.0
MIN_BYTES_PER_SECOND = 1_000
"""Slowest form after the grace; a client that sends a byte a second only holds the place."""
MIN_UPLOAD_BYTES_PER_SECOND = 50
"""Slowest upload: less than a phone with one packet in ten seconds, and only for the signed-in."""

_REASONS = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is more than this server takes at once.",
    HTTPStatus.REQUEST_TIMEOUT: "The data came too slowly. Check the connection and try again.",
    HTTPStatus.BAD_REQUEST: "The request does not say correctly how long it is.",
}


class BodyTooLargeError(OSError):
    """More bytes came than a request may have."""


class BodyTooSlowError(OSError):
    """The bytes come too slowly."""


class ConnectionDroppedError(OSError):
    """The client went away in the middle of the body."""


class Body:
    """The bytes of one request, read from the event loop with a cap and a clock.

    Errors are ``OSError``, which Django turns into ``UnreadablePostError`` for the view.
    """

    def __init__(self, receive: Receive, limit: int, slowest: int = MIN_BYTES_PER_SECOND) -> None:
        self._receive = receive
        self._limit = limit
        self._slowest = slowest
        self._received = 0
        self._started = time.monotonic()
        self.ended = asyncio.Event()

    async def next_block(self) -> bytes:
        """Return the next bytes, empty at the end.

        Raises:
            OSError: Too large, too slow or dropped.
        """
        while not self.ended.is_set():
            try:
                message = await asyncio.wait_for(self._receive(), IDLE_SECONDS)
            except TimeoutError as error:
                raise BodyTooSlowError from error
            if message["type"] == "http.disconnect":
                raise ConnectionDroppedError
            block: bytes = message.get("body", b"")
            self._count(block)
            if not message.get("more_body", False):
                self.ended.set()
            if block:
                return block
        return b""

    def _count(self, block: bytes) -> None:
        self._received += len(block)
        if self._received > self._limit:
            raise BodyTooLargeError
        seconds = time.monotonic() - self._started
        if seconds > GRACE_SECONDS and self._received < seconds * self._slowest:
            raise BodyTooSlowError


class StreamedBody:
    """A body as the file object that Django's request reads from, in the view's thread.

    It is also the ``receive`` that Django's handler listens to for a disconnect, which must not
    steal a piece of the body: it keeps silent until the body has been read.
    """

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._body = Body(receive, limit, slowest=MIN_UPLOAD_BYTES_PER_SECOND)
        self._loop = asyncio.get_running_loop()
        self._rest = b""

    async def __call__(self) -> Message:
        """Wait for what comes after the body."""
        await self._body.ended.wait()
        return await self._receive()

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes as soon as some are there; everything for -1."""
        if size < 0:
            return b"".join(iter(lambda: self.read(65_536), b""))
        if not self._rest:
            coming = asyncio.run_coroutine_threadsafe(self._body.next_block(), self._loop)
            self._rest = coming.result()
        block, self._rest = self._rest[:size], self._rest[size:]
        return block

    def readline(self) -> bytes:
        """Return the next bytes, a line or not: Django reads a form's rest in lines to drop it."""
        return self.read(65_536)

    def close(self) -> None:
        """Nothing to release; the bytes were never kept."""


class CappedHandler(ASGIHandler):
    """Django's handler for pages, with streamed uploads and a cap on every other body."""

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle one request; a body that may not be read is answered here."""
        limit = settings.UPLOAD_MAX_REQUEST_BYTES
        path = scope["path"]
        is_streamed = path in STREAMED_PATHS or path.startswith(STREAMED_FOLDER)
        if not is_streamed:
            limit = settings.FORM_MAX_REQUEST_BYTES
        refusal = _refuse_by_length(scope, limit)
        if refusal is not None:
            await _answer(send, refusal)
            return
        try:
            await super().handle(
                scope, StreamedBody(receive, limit) if is_streamed else receive, send
            )
        except BodyTooLargeError:
            await _answer(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except BodyTooSlowError:
            await _answer(send, HTTPStatus.REQUEST_TIMEOUT)

    async def read_body(self, receive: Any) -> Any:
        """Return the streamed body as it is, any other one whole."""
        if isinstance(receive, StreamedBody):
            return receive
        body = Body(receive, settings.FORM_MAX_REQUEST_BYTES)
        spooled = await super().read_body(_no_body)
        try:
            while block := await body.next_block():
                spooled.write(block)
        except OSError as error:
            spooled.close()
            if isinstance(error, ConnectionDroppedError):
                raise RequestAborted from error
            raise
        spooled.seek(0)
        return spooled


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _refuse_by_length(scope: Any, limit: int) -> HTTPStatus | None:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    if not lengths:
        return None
    if len(lengths) > 1 or not lengths[0].isdigit():
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if int(lengths[0]) > limit else None


async def _answer(send: Send, status: HTTPStatus) -> None:
    """Answer without Django and end the connection, whose body was not read to its end."""
    content = json.dumps({"error": _REASONS[status]}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"private, no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": content})
