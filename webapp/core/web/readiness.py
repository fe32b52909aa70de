"""Whether this process can serve, for machines: words that give nothing away."""

import logging
import os
import shutil
from typing import Literal

from django.conf import settings
from django.db import Error, connection

from webapp.core.jobs import wakeups
from webapp.core.web.health import FREE_SPACE_ERROR_BYTES

logger = logging.getLogger(__name__)

State = Literal["ok", "error"]

INDISPENSABLE = ("database", "disk")
"""Without Redis pages still work and the sweep finds the work, so no traffic is taken away."""


def look() -> dict[str, State]:
    """Ask database, broker and disk; takes as long as the slowest needs to give up."""
    return {
        "database": _state(is_well=_database_answers()),
        "broker": _state(is_well=not wakeups.trouble()),
        "disk": _state(is_well=_disk_can_be_written()),
    }


def can_serve(found: dict[str, State]) -> bool:
    """Whether pages work, whatever else does not."""
    return all(found[name] == "ok" for name in INDISPENSABLE)


def _state(*, is_well: bool) -> State:
    return "ok" if is_well else "error"


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        logger.warning("the database does not answer")
        return False
    return True


def _disk_can_be_written() -> bool:
    folder = settings.MEDIA_ROOT
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK) and free >= FREE_SPACE_ERROR_BYTES
