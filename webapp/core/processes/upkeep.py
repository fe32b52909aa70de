"""What has to be done from time to time, by one thread: sweep, erase traces, prune, beat."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeAlias

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from webapp.core import events
from webapp.core.extension import hooks
from webapp.core.files import installation
from webapp.core.jobs.sweep import Sweeper

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1
CHECKPOINT_SECONDS = 20
PRUNE_SECONDS = 3600
KEEP_EVENTS = timedelta(days=7)


def truncate_wal() -> bool:
    """Empty SQLite's write-ahead log, so that deleted embeddings are not left in it.

    Returns:
        Whether the log is empty now; a reader may hold it, then try again later.
    """
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        blocked, _, _ = cursor.fetchone()
    return not blocked


def prune() -> None:
    """Delete events that no open page can still want."""
    events.prune(timezone.now() - KEEP_EVENTS)


Duties: TypeAlias = Sequence[tuple[float, Callable[[], object]]]
"""Each with its pause in seconds."""


def site_duties() -> Duties:
    """Return what one process of a site has to do."""
    return (
        (SWEEP_SECONDS, Sweeper().sweep),
        (CHECKPOINT_SECONDS, truncate_wal),
        (PRUNE_SECONDS, prune),
        *((duty.pause, partial(_do_beside_own_media, duty)) for duty in hooks.duties),
    )


def _do_beside_own_media(duty: hooks.Duty) -> None:
    if not (duty.judges_media and installation.trouble()):
        duty.run()


class Upkeep:
    """Calls each duty when it is due; a duty that fails is tried again at its next turn."""

    def __init__(self, duties: Duties) -> None:
        self._duties = tuple(duties)
        self._due = [0.0 for _ in self._duties]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """End the thread, waiting a little for a duty under way."""
        self._stop.set()
        self._thread.join(timeout_seconds)

    def run(self) -> None:
        """Do what is due until stopped."""
        while not self._stop.is_set():
            close_old_connections()
            self.turn(time.monotonic())
            self._stop.wait(SWEEP_SECONDS / 2)

    def turn(self, now: float) -> None:
        """Do every duty that is due at this moment of the steady clock."""
        for index, (pause, duty) in enumerate(self._duties):
            if now < self._due[index]:
                continue
            self._due[index] = now + pause
            try:
                duty()
            except Error as error:
                logger.warning("upkeep will try again: %s", error)
            except Exception:
                logger.exception("upkeep broke and goes on")
