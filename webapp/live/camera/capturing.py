"""The moments of one camera: told on to whoever keeps them, and asked of the camera.

Pictures never wait for this: what has to be written goes through a short queue to a thread.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

from channels.db import database_sync_to_async
from django.db import Error
from django.utils.translation import gettext

from webapp.live.camera.clock import CameraClock
from webapp.live.camera.samples import Samples
from webapp.live.keeping import CameraTime, Filming, Keeper
from webapp.live.messages import (
    Capture,
    ClockTold,
    MessageError,
    Missed,
    Resume,
    Shutter,
    frames_of,
    moment_of,
)
from webapp.vision.engine.messages import LiveFace, MomentChosen, Taste

logger = logging.getLogger(__name__)

QUEUE_LENGTH = 32
ATTEMPTS = 4
ATTEMPT_PAUSE_SECONDS = 0.4
"""Each attempt waits as long as the database does for a lock; frames go on meanwhile."""
END_SECONDS = 25.0
"""For what is left when the camera leaves; SQLite waits up to 20 s for a lock (``env.py``)."""
TASTE_SECONDS = 2.0
"""How soon another taste counts in the running picture."""
SAMPLES_SECONDS = 5.0
MOST_MISSED = 50
SENT_FRAMES = 64
"""The last ones that were labelled; instants between them may be asked for."""

Work = Callable[[], Capture | list[Capture] | None]


class Capturing:
    """What one camera connection does about moments. Belongs to one event loop.

    Args:
        keeper: Keeps moments.
        filming: Whose camera it is.
        began: When its session began.
        ask: Asks the camera for frames; also called after it has left.
    """

    def __init__(
        self, keeper: Keeper, filming: Filming, began: datetime, ask: Callable[[Capture], None]
    ) -> None:
        self.taste: Taste | None = None
        self.clock = CameraClock()
        self._keeper = keeper
        self._filming = filming
        self._began = began.timestamp()
        self._ask = ask
        self._queue: asyncio.Queue[Work] = asyncio.Queue(QUEUE_LENGTH)
        self._begun: set[asyncio.Task[Any]] = set()
        self._sent: deque[float] = deque(maxlen=SENT_FRAMES)
        self._samples = Samples()

    async def begin(self) -> Taste | None:
        """Read which moments are wanted; none while that cannot be read."""
        try:
            self.taste = await database_sync_to_async(self._keeper.taste)(self._filming)
        except Error:
            logger.warning("a taste could not be read; trying again")
            self.taste = None
        return self.taste

    def labelled(self, captured_at: float, faces: list[LiveFace]) -> None:
        """Note what a frame showed."""
        self._sent.append(captured_at)
        self._samples.note(faces, time.time() - self._began)

    def chosen(self, moment: MomentChosen) -> None:
        """Have a moment of the engine kept."""
        now = self._time()
        self._put(lambda: self._keeper.keep(self._filming, moment, now))

    def hear(self, said: Shutter | Missed | Resume | ClockTold) -> None:
        """Take a message of the camera.

        Raises:
            MessageError: It cannot be used.
        """
        if said["type"] == "clock":
            self.clock.hear(said)
            return
        now = self._time()
        if said["type"] == "shutter":
            frames = frames_of(said)
            self._put(lambda: self._keeper.press(self._filming, frames, now))
        elif said["type"] == "missed":
            moment, missing = moment_of(said), said["frames"][:MOST_MISSED]
            self._put(lambda: self._keeper.miss(self._filming, moment, missing))
        else:
            self._put(lambda: self._keeper.outstanding(self._filming))

    async def work(self) -> None:
        """Do what is queued, in order, for as long as the socket lives."""
        while True:
            await self._unbroken(self._do(await self._queue.get()))

    async def follow_taste(self, tell: Callable[[Taste], None]) -> None:
        """Tell the engine whenever the owner's taste has changed."""
        while True:
            await asyncio.sleep(TASTE_SECONDS)
            before = self.taste
            if (taste := await self.begin()) != before and taste is not None:
                tell(taste)

    async def store_samples(self) -> None:
        """Store what the stars expressed, every few seconds."""
        while True:
            await asyncio.sleep(SAMPLES_SECONDS)
            await self._unbroken(self._store_samples(time.time() - self._began))

    async def end(self) -> None:
        """Write what was heard before the camera left, for as long as ``END_SECONDS``.

        The tasks of the socket are cancelled by now; what they had begun goes on and is waited for.
        """
        try:
            async with asyncio.timeout(END_SECONDS):
                for task in tuple(self._begun):
                    await _logged(asyncio.shield(task))
                while not self._queue.empty():
                    await _logged(self._unbroken(self._do(self._queue.get_nowait())))
                await _logged(self._store_last_samples())
        except TimeoutError:
            logger.warning(
                "a camera left and the database was busy for %.0f s; its last moments may be lost",
                END_SECONDS,
            )

    def _unbroken(self, work: Coroutine[Any, Any, Any]) -> Awaitable[Any]:
        """Begin work that goes on when the task that waits for it is cancelled.

        A cancelled call that waits for the database thread would never be made, and one that the
        thread has begun cannot be told from it.
        """
        task = asyncio.create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return asyncio.shield(task)

    def _time(self) -> CameraTime:
        return CameraTime(self.clock.ahead_ms, tuple(self._sent))

    def _put(self, work: Work) -> None:
        try:
            self._queue.put_nowait(work)
        except asyncio.QueueFull:
            raise MessageError(
                "too_fast", gettext("Too many moments at once; this one is lost.")
            ) from None

    async def _do(self, work: Work) -> None:
        for attempt in range(ATTEMPTS):
            try:
                found = await database_sync_to_async(work)()
            except Error as error:
                logger.warning("a moment could not be written (attempt %d): %s", attempt + 1, error)
                await asyncio.sleep(ATTEMPT_PAUSE_SECONDS)
                continue
            for capture in found if isinstance(found, list) else [found]:
                if capture is not None:
                    self._ask(capture)
            return

    async def _store_samples(self, before_seconds: float | None) -> bool:
        """Store bins that ended before a time, or all; ``False`` when they have to wait."""
        samples = self._samples.take(before_seconds)
        if not samples:
            return True
        try:
            await database_sync_to_async(self._keeper.note_emotions)(self._filming, samples)
        except Error:
            logger.warning("emotions of %d bins wait for the database", len(samples))
            self._samples.put_back(samples)
            return False
        return True

    async def _store_last_samples(self) -> None:
        for _ in range(ATTEMPTS):
            if await self._store_samples(None):
                return
            await asyncio.sleep(ATTEMPT_PAUSE_SECONDS)


async def _logged(work: Awaitable[None]) -> None:
    """Wait for the last work of a camera that has left; nobody else watches it any more."""
    try:
        await work
    except Exception:
        logger.exception("what a camera left behind could not be written")
