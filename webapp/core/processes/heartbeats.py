"""Signs of life that processes leave in the database for the health page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from django.db import Error, close_old_connections
from django.utils import timezone

from webapp.core import counts
from webapp.core.models import Heartbeat

BEAT_SECONDS = 10
LATE_AFTER_SECONDS = 45
STOP_SECONDS = 2
FORGET_AFTER = timedelta(days=1)


def beat(name: str, detail: dict[str, Any]) -> None:
    """Leave a sign of life, and forget processes not heard of for a day."""
    now = timezone.now()
    Heartbeat.objects.update_or_create(name=name, defaults={"detail": detail, "seen_at": now})
    Heartbeat.objects.filter(seen_at__lt=now - FORGET_AFTER).delete()


@contextmanager
def beating(name: str, detail: dict[str, Any]) -> Iterator[None]:
    """Leave signs of life until the block ends.

    An orderly end takes the sign away; a process that was killed is seen to be silent.
    """
    stop, thread = start_beating(name, detail)
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)
        forget(name)


def start_beating(name: str, detail: dict[str, Any]) -> tuple[threading.Event, threading.Thread]:
    """Leave a sign of life every few seconds from a thread, which ends with the process or event.

    It tells what this process has counted as well (``webapp.core.counts``).
    """
    stop = threading.Event()

    def keep_beating() -> None:
        while not stop.is_set():
            close_old_connections()
            with suppress(Error):  # A busy database shows by the missing beat itself.
                beat(name, detail | {"counts": counts.totals()})
            stop.wait(BEAT_SECONDS)

    thread = threading.Thread(target=keep_beating, name="heartbeat", daemon=True)
    thread.start()
    return stop, thread


def forget(name: str) -> None:
    """Take the sign of a process away that has ended in order."""
    with suppress(Error):
        Heartbeat.objects.filter(name=name).delete()
