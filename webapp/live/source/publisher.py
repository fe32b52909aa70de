"""A server-side source at work: publishes pictures like a camera does, over the same websocket."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from webapp.live import tokens
from webapp.live.camera.stream import CREDITS
from webapp.live.messages import FrameHeader, ToCamera, pack
from webapp.live.source.delivery import Delivery
from webapp.live.source.pacing import Pace
from webapp.live.source.ring import SourceRing
from webapp.vision.films.sources import SourceFrame

logger = logging.getLogger(__name__)

TAKEN_OVER_CODE = 4409
FINAL_CODES = {4404, TAKEN_OVER_CODE, 4410}
"""Gone, taken over by another camera, ended: the server will not have this source back."""
TOO_MANY_CODE = 4429
NO_PLACE = "the server has no free place for another camera, or was connected to too often (4429)"
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
LINGER_SECONDS = 2.0
"""A moment of the last pictures may still be asked for after the source has ended."""


@dataclass
class Report:
    """What became of the pictures so far."""

    sent: int = 0
    labelled: int = 0
    passed_over: int = 0


class Slot:
    """The newest picture between the thread that reads and the loop that sends.

    Args:
        waits: Whether the reader waits until a picture was taken, so that every picture of a file
            is sent; otherwise a newer picture replaces the unread one.
    """

    def __init__(self, *, waits: bool) -> None:
        self.waits = waits
        self._condition = threading.Condition()
        self._frame: SourceFrame | None = None
        self.is_over = False
        self.error: Exception | None = None

    def put(self, frame: SourceFrame) -> None:
        """Leave a picture."""
        with self._condition:
            while self.waits and self._frame is not None and not self.is_over:
                self._condition.wait(0.5)
            self._frame = frame
            self._condition.notify_all()

    def take(self) -> SourceFrame | None:
        """Return the picture if there is one, without waiting."""
        with self._condition:
            frame, self._frame = self._frame, None
            self._condition.notify_all()
            return frame

    def end(self, error: Exception | None = None) -> None:
        """Note that no picture will come."""
        with self._condition:
            self.is_over = True
            self.error = error
            self._condition.notify_all()


class Publisher:
    """Sends a source's pictures into one session until the source ends or the session does.

    Args:
        url: Address of the web process, such as ``http://127.0.0.1:8000``.
        told: Called after every answer.
        delivery: Brings the frames of moments; without one none are kept.
        origin: As pages of the site have it, where that differs from ``url``: behind a proxy the
            web process itself speaks plain http.

    Attributes:
        trouble: What keeps the pictures from being taken at this moment; empty where they are.
        refused_by: The close code by which the server said that it takes no more; 0 before.
    """

    def __init__(
        self,
        url: str,
        session_id: UUID,
        slot: Slot,
        told: Callable[[Report], None] = lambda _report: None,
        delivery: Delivery | None = None,
        origin: str = "",
    ) -> None:
        self.report = Report()
        self._url = url
        self._origin = origin
        self._session_id = session_id
        self._slot = slot
        self._told = told
        self._delivery = delivery
        self._pace = Pace(CREDITS)
        self.trouble = ""
        self.refused_by = 0

    async def run(self) -> None:
        """Publish; reconnect with back-off.

        The server refuses a camera only after the handshake, so no picture is sent, and the pause
        stays as long as it has become, until the server's first message (``hello``).
        """
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async with self._connection() as line:
                    await line.send(json.dumps({"type": "resume"}))
                    await self._hear(line, set())
                    pause = FIRST_PAUSE_SECONDS
                    await self._publish(line)
                    await line.send(json.dumps({"type": "over"}))
                    await self._linger(line)
                    return
            except ConnectionClosed as error:
                code = error.rcvd.code if error.rcvd else 1006
                if code in FINAL_CODES:
                    self.refused_by = code
                    logger.warning("the session takes no more pictures (%d)", code)
                    return
                self._warn(NO_PLACE if code == TOO_MANY_CODE else f"the line broke ({code})")
            except (OSError, InvalidHandshake, TimeoutError) as error:
                self._warn(f"the web process cannot be reached: {error}")
            if self._slot.is_over:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _warn(self, trouble: str) -> None:
        """Say what keeps the source from filming, once until that changes."""
        if trouble != self.trouble:
            logger.warning("%s; trying again until the source ends", trouble)
        self.trouble = trouble

    def _connection(self) -> Any:
        parts = urlsplit(self._url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return connect(
            f"{scheme}://{parts.netloc}/ws/live/camera/{self._session_id}/",
            origin=self._origin or f"{parts.scheme}://{parts.netloc}",  # type: ignore[arg-type]
            additional_headers={"Authorization": f"Bearer {tokens.make(self._session_id)}"},
            compression=None,
            proxy=None,
        )

    async def _publish(self, line: ClientConnection) -> None:
        unanswered: set[int] = set()
        self._pace = Pace(CREDITS)
        while True:
            if len(unanswered) >= CREDITS:
                await self._hear(line, unanswered)
                continue
            if not self._slot.waits and not self._pace.is_due(time.monotonic()):
                await self._listen_a_moment(line, unanswered)
                continue
            if (frame := self._slot.take()) is not None:
                header: FrameHeader = {"frame": frame.number, "captured_at": frame.captured_at}
                await line.send(pack(header, frame.jpeg))
                unanswered.add(frame.number)
                self._pace.sent(frame.number, time.monotonic())
                self.report.sent += 1
            elif self._slot.is_over and not unanswered:
                return
            else:
                await self._listen_a_moment(line, unanswered)

    async def _listen_a_moment(self, line: ClientConnection, unanswered: set[int]) -> None:
        try:
            async with asyncio.timeout(0.01):
                await self._hear(line, unanswered)
        except TimeoutError:
            return

    async def _linger(self, line: ClientConnection) -> None:
        """Wait for moments of the last pictures that are still being asked for."""
        end = asyncio.get_running_loop().time() + LINGER_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout_at(end):
                while True:
                    await self._hear(line, set())

    async def _hear(self, line: ClientConnection, unanswered: set[int]) -> None:
        message: ToCamera = json.loads(await line.recv())  # Our own server's.
        if message["type"] == "capture" and self._delivery is not None:
            if (missed := self._delivery.take(message)) is not None:
                await line.send(json.dumps(missed))
            return
        frame = message.get("frame")
        if frame not in unanswered:
            return
        unanswered.discard(frame)
        self.trouble = ""
        self._pace.answered(frame, time.monotonic())
        if message["type"] == "result":
            self.report.labelled += 1
        else:
            self.report.passed_over += 1
        self._told(self.report)


def read_into(
    frames: Iterator[SourceFrame], slot: Slot, ring: SourceRing | None = None
) -> threading.Thread:
    """Read a source in a thread of its own, as reading blocks; a ring gets every picture."""

    def read() -> None:
        try:
            for frame in frames:
                if ring is not None:
                    ring.add(frame)
                slot.put(frame)
                if slot.is_over:
                    return
        except Exception as error:
            logger.debug("the source broke", exc_info=True)
            slot.end(error)
            return
        slot.end()

    thread = threading.Thread(target=read, name="source", daemon=True)
    thread.start()
    return thread
