"""How captured frames of a server-side source become photos: by the same service as uploads.

A thread of its own brings one frame at a time; what fails for a passing reason is tried again.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import Error, close_old_connections

from webapp.live.messages import Capture, Missed
from webapp.live.models import LiveSession
from webapp.live.source.ring import SourceRing
from webapp.photos.arrival.intake import PHOTOS
from webapp.uploads import limits
from webapp.uploads import receiving as uploads
from webapp.uploads.intake import Ticket
from webapp.uploads.tus import UploadRefusedError
from webapp.vision.films.sources import SourceFrame

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
ATTEMPTS = 150
"""Five minutes: long enough to free a disk or to restart a database."""
WAITING_BYTES = 100_000_000
"""Of frames that wait to be brought, about as much as a ring holds (``source_ring``)."""
PASSING = {423, 429, 503, 507}
"""Answers after which the same frame may be taken; 507 is a share that is full."""
Bring = Callable[[UUID, SourceFrame, dict[str, str]], None]


@dataclass(frozen=True, slots=True)
class _Errand:
    frame: SourceFrame
    about: dict[str, str]


class _Waiting:
    """Errands in order; too many bytes of them cost the oldest. Safe to use from several threads.

    Attributes:
        bytes: Of the frames that wait; not of the one that is being brought.
    """

    def __init__(self, max_bytes: int) -> None:
        self.bytes = 0
        self._max_bytes = max_bytes
        self._errands: deque[_Errand] = deque()
        self._is_busy = False
        self._changed = threading.Condition()

    def put(self, errand: _Errand) -> int:
        """Leave an errand; returns how many older ones were given up for it."""
        with self._changed:
            self._errands.append(errand)
            self.bytes += len(errand.frame.whole)
            before = len(self._errands)
            while self.bytes > self._max_bytes and len(self._errands) > 1:
                self._pop()
            self._changed.notify_all()
            return before - len(self._errands)

    def take(self) -> _Errand:
        """Wait for the oldest errand and remove it."""
        with self._changed:
            self._changed.wait_for(lambda: self._errands)
            self._is_busy = True
            return self._pop()

    def done(self) -> None:
        """Note that the errand that was taken is over."""
        with self._changed:
            self._is_busy = False
            self._changed.notify_all()

    def wait_until_done(self, timeout_seconds: float) -> bool:
        """Wait until nothing waits or is being brought; ``False`` when that takes too long."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._errands and not self._is_busy, timeout_seconds
            )

    def _pop(self) -> _Errand:
        errand = self._errands.popleft()
        self.bytes -= len(errand.frame.whole)
        return errand


def bring(session_id: UUID, frame: SourceFrame, about: dict[str, str]) -> None:
    """Store a frame as a photo of its moment; doing so twice stores it once.

    Raises:
        UploadRefusedError: The moment has no use for it, or there is no room.
        OSError: The disk is full.
        django.db.Error: The database is busy.
    """
    session = LiveSession.objects.select_related("owner", "concert").get(pk=session_id)
    name = f"moment {about['frame']}.jpg"
    ticket = Ticket(session.owner, name, about=about)
    limits.check_limits(PHOTOS, session.owner, len(frame.whole))
    part_id = uuid4()
    try:
        uploads.receive(part_id, [frame.whole], offset=0, length=len(frame.whole))
        uploads.finish(PHOTOS, ticket, part_id)
    except BaseException:
        uploads.drop(part_id)
        raise


class Delivery:
    """Takes frames out of a ring when they are asked for, and brings them, the best first.

    Args:
        bring: Stores one frame; for tests.
        pause_seconds: Between two attempts.
        max_bytes: Of the frames that wait.
    """

    def __init__(
        self,
        session_id: UUID,
        ring: SourceRing,
        bring: Bring = bring,
        pause_seconds: float = PAUSE_SECONDS,
        max_bytes: int = WAITING_BYTES,
    ) -> None:
        self.brought = 0
        self._session_id = session_id
        self._ring = ring
        self._bring = bring
        self._pause_seconds = pause_seconds
        self._asked: set[tuple[str, int]] = set()
        self._waiting = _Waiting(max_bytes)
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._thread.start()

    def take(self, capture: Capture) -> Missed | None:
        """Hold the frames of a ``capture``; returns the ``missed`` to answer with, if any."""
        frames = capture["frames"]
        taken = {asked["frame"] for asked in frames}
        peak = self._ring.nearest(capture["near"][0]) if capture["near"] else None
        if peak is not None and peak.number not in taken:
            taken.add(peak.number)
            self._add(capture["moment"], peak, is_peak="true")
        missed = []
        for asked in frames:
            frame = self._ring.find(asked)
            if frame is None:
                missed.append(asked["frame"])
            else:
                self._add(capture["moment"], frame)
        for at in capture["near"][1:]:
            if (beside := self._ring.nearest(at, taken)) is not None:
                taken.add(beside.number)
                self._add(capture["moment"], beside)
        if not missed or capture["is_repeated"]:
            return None
        return {"type": "missed", "moment": capture["moment"], "frames": missed}

    def finish(self, timeout_seconds: float = 60.0) -> bool:
        """Wait until all is brought; ``False`` when that takes too long."""
        return self._waiting.wait_until_done(timeout_seconds)

    def _add(self, moment: str, frame: SourceFrame, **more: str) -> None:
        if (moment, frame.number) in self._asked:
            return
        self._asked.add((moment, frame.number))
        about = {
            "moment": moment,
            "frame": str(frame.number),
            "captured_at": str(frame.captured_at),
            **more,
        }
        if given_up := self._waiting.put(_Errand(frame, about)):
            logger.error("captured frames given up, as too many wait to be stored: %d", given_up)

    def _run(self) -> None:
        while True:
            errand = self._waiting.take()
            try:
                self._persist(errand)
            except Exception:
                logger.exception("a captured frame could not be stored")
            finally:
                self._waiting.done()

    def _persist(self, errand: _Errand) -> None:
        for _ in range(ATTEMPTS):
            close_old_connections()
            try:
                self._bring(self._session_id, errand.frame, errand.about)
            except UploadRefusedError as error:
                if error.status not in PASSING:
                    logger.warning("a captured frame was refused: %s", error.reason)
                    return
                logger.warning("a captured frame waits: %s", error.reason)
            except (Error, OSError) as error:
                logger.warning("a captured frame waits: %s", error)
            else:
                self.brought += 1
                return
            finally:
                close_old_connections()
            time.sleep(self._pause_seconds)
        logger.error("a captured frame was given up")
