"""Troubles that pass, a full disk and a database that is away: how to know and answer them."""

import errno
import logging
import sqlite3

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 10
BUSY = gettext_noop("Encore is busy with other work. Please try again in a moment.")
DISK_FULL = gettext_noop("The disk is full. Free some space, then try again.")
PASSING_CLASSES = {"08", "40", "57"}
"""SQLSTATE classes: connection exception, transaction rollback, operator intervention."""
PASSING_STATES = {"53300", "55P03"}
"""Too many connections, lock not available."""
DISK_FULL_STATE = "53100"
_UNPREPARED_STATES = {"42P01", "42703"}
"""A table or a column that is not there."""
_UNPREPARED_SIGNS = ("no such table", "no such column")
_SQLITE_SIGNS = ("locked", "unable to open", "disk i/o error")


def answer(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return the answer for a trouble that is known, ``None`` for any other exception."""
    if error is None:
        return None
    if is_disk_full(error):
        logger.error("the disk is full")
        return _page(request, 507, gettext(DISK_FULL))
    if is_database_away(error):
        logger.warning("the database is away: %s", _one_line(error))
        response = _page(request, 503, gettext(BUSY))
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return None


def in_command(error: BaseException) -> str | None:
    """Return what to tell whoever ran a command that met a known trouble, ``None`` for others."""
    if is_disk_full(error):
        return str(DISK_FULL)
    if is_database_away(error):
        return f"The database cannot be reached: {_one_line(error)}"
    if _lacks_tables(error):
        return (
            f"{_one_line(error)}\n"
            f"This database is empty or of another version: {settings.DATABASES['default']['NAME']}"
            "\nCheck ENCORE_DATA_DIR and ENCORE_DATABASE_URL, or start Encore on it once, "
            "which prepares it."
        )
    return None


def is_disk_full(error: BaseException) -> bool:
    """Whether an exception says that there is no space left, by the system or by the database."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    if not isinstance(error, OperationalError):
        return False
    return _state(error) == DISK_FULL_STATE or "disk is full" in str(error)


def is_database_away(error: BaseException) -> bool:
    """Whether the database is unreachable, locked or out of time; later the same call may work."""
    if isinstance(error, InterfaceError):
        return "connection" in str(error)
    if not isinstance(error, OperationalError):
        return False
    if error.__cause__ is None or isinstance(error.__cause__, sqlite3.Error):
        return any(sign in str(error).lower() for sign in _SQLITE_SIGNS)
    state = _state(error)
    # Without a state nothing came back from the server: the connection was refused or cut.
    return state is None or state[:2] in PASSING_CLASSES or state in PASSING_STATES


class Unlogged(logging.Filter):
    """Keeps Django from logging these answers again, each with its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let pass what is a mistake."""
        return getattr(record, "status_code", 0) not in {503, 507}


def _state(error: DatabaseError) -> str | None:
    """Return PostgreSQL's code for what went wrong, ``None`` when it sent none."""
    return getattr(error.__cause__, "sqlstate", None)


def _page(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """Answer in the form the client asked for; no session or database is touched."""
    if request.headers.get("Accept", "").startswith("text/html"):
        context = {"status": status, "message": message}
        return render(None, "core/trouble.html", context, status=status)
    return JsonResponse({"error": message}, status=status)


def _lacks_tables(error: BaseException) -> bool:
    return isinstance(error, DatabaseError) and (
        _state(error) in _UNPREPARED_STATES or any(sign in str(error) for sign in _UNPREPARED_SIGNS)
    )


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
