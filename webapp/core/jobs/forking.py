"""Keeps the database out of a process at the moment when it forks.

SQLite keeps its locks in the memory of the process, which a fork copies: a child that was forked
in the middle of somebody's write finds the database locked for as long as it lives.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

_lock = threading.Lock()
os.register_at_fork(
    before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
)


@contextmanager
def between_forks() -> Iterator[None]:
    """Let a thread of a process that forks ask the database: forks wait until the block ends."""
    with _lock:
        try:
            yield
        finally:
            connections.close_all()
