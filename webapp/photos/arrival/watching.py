"""Waiting for what comes into a folder: says when something has come and is written to its end."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

SETTLE_SECONDS = 2.0
"""So long nothing must change, as cameras and sync programs write one file after another."""


class _Ear(FileSystemEventHandler):
    """Remembers when something last changed."""

    def __init__(self) -> None:
        self.heard = threading.Event()
        self.last = 0.0

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note a change; that somebody reads, as we do ourselves, is none."""
        if event.event_type not in {"opened", "closed_no_write"}:
            self.last = time.monotonic()
            self.heard.set()


def changes_of(folder: Path, stop: threading.Event) -> Iterator[None]:
    """Yield once at the start and after each change of a folder, until asked to stop.

    The start counts, because what comes between a first look and the first event would be missed.

    Raises:
        OSError: The folder cannot be watched: it is away, or the system watches too many.
    """
    ear, observer = _Ear(), Observer()
    observer.schedule(ear, str(folder), recursive=True)
    observer.start()
    try:
        yield
        while not stop.is_set():
            if not ear.heard.wait(0.5) or time.monotonic() - ear.last < SETTLE_SECONDS:
                stop.wait(0.1)
                continue
            ear.heard.clear()
            yield
    finally:
        observer.stop()
        observer.join()
