"""Waiting for a database that is away, for what would be lost if it gave up: sockets, results."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.db import Error, OperationalError, connection

from webapp.core.trouble import is_database_away

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
P = ParamSpec("P")
T = TypeVar("T")


def reconnect(seconds: float, tell: Callable[[str], object] = logger.warning) -> None:
    """See to it that this thread's connection works; wait so long for a database that is away.

    A connection that stood idle while a stage computed may have ended with its server, which
    shows only when it is used. Inside a transaction nothing can be done.

    Args:
        seconds: How long to wait.
        tell: Called once, with a sentence, when it has to wait.

    Raises:
        OperationalError: It is still away.
    """
    if connection.in_atomic_block or connection.is_usable():
        return
    connection.close()
    deadline = time.monotonic() + seconds
    is_told = False
    while connection.connection is None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise
            if not is_told:
                tell(f"Waiting for the database: {error}")
                is_told = True
            time.sleep(PAUSE_SECONDS)


async def read_when_back(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what ``read`` finds; while the database is away, ask again every second.

    For reads only: a write that was cut off may have been committed.

    Raises:
        django.db.Error: Something that waiting does not mend.
    """
    is_told = False
    while True:
        try:
            return await database_sync_to_async(read)(*args, **kwargs)
        except Error as error:
            if not is_database_away(error):
                raise
            if not is_told:
                logger.warning("an open socket waits for the database")
                is_told = True
            await asyncio.sleep(PAUSE_SECONDS)
