"""Copies of the whole database at one instant, and back, for SQLite and PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from webapp.core.trouble import is_database_away

LOCK_TIMEOUT_MS = 500
"""Less than PostgreSQL waits before it ends one side of a deadlock: we step back, not a writer."""
LOCK_TRIES = 120
LOCK_PAUSE_SECONDS = 0.5
NO_PROGRAM = (
    "{program} is not installed. Install PostgreSQL's client programs (postgresql-client), at "
    "least as new as the server."
)


class SnapshotError(Exception):
    """The database could not be copied; the text says why."""


def file_name() -> str:
    """Return what the copy of this kind of database is called."""
    return "encore.sqlite3" if connection.vendor == "sqlite" else "encore.pgdump"


def take(target: Path, gather: Callable[[], object]) -> None:
    """Copy the database, and call ``gather`` while nothing in it can change.

    Whoever wants to write waits for the gathering, on SQLite also for the copy.

    Raises:
        SnapshotError: The program for it is missing or failed.
    """
    if connection.vendor == "sqlite":
        with transaction.atomic():  # Takes the write lock at once.
            gather()
            with closing(sqlite3.connect(_sqlite_path())) as reader:
                reader.execute("VACUUM INTO ?", [str(target)])
        return
    program = _program("pg_dump")
    with transaction.atomic(), connection.cursor() as cursor:
        with _writers_waiting():
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            gather()
        _run(program, "--format=custom", f"--snapshot={snapshot}", f"--file={target}", _address())


def put_back(copy: Path) -> None:
    """Fill the empty database from its copy.

    Raises:
        SnapshotError: The program for it is missing or failed.
    """
    if connection.vendor == "sqlite":
        connection.close()
        part = _sqlite_path().with_suffix(".part")
        shutil.copyfile(copy, part)
        part.chmod(0o600)
        part.replace(_sqlite_path())
        return
    _run(
        _program("pg_restore"),
        *("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
        f"--dbname={_address()}",
        str(copy),
    )


def is_empty() -> bool:
    """Whether the database has no table yet."""
    return not connection.introspection.table_names()


@contextmanager
def _writers_waiting() -> Iterator[None]:
    """Let nobody write to a table of ours meanwhile; reading goes on.

    The lock has a connection of its own, so that it ends before the dump does.
    """
    with closing(connection.copy()) as other:
        other.set_autocommit(autocommit=False)
        _lock_all(other)
        yield
        other.rollback()


def _lock_all(other: BaseDatabaseWrapper) -> None:
    """Lock every table, stepping back whenever somebody is in the way.

    A writer that holds one table may want another one that is locked here already.

    Raises:
        SnapshotError: There is no moment without a writer.
    """
    tables = ", ".join(sorted(other.introspection.django_table_names(only_existing=True)))
    for _ in range(LOCK_TRIES):
        try:
            with other.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
                cursor.execute(f"LOCK TABLE {tables} IN SHARE MODE")
        except OperationalError as error:
            other.rollback()
            if not is_database_away(error):
                raise
            time.sleep(LOCK_PAUSE_SECONDS)
        else:
            return
    raise SnapshotError("The database is too busy to be copied; try again later.")


def _sqlite_path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _address() -> str:
    """Return how libpq reaches the database, without the password."""
    from psycopg.conninfo import make_conninfo  # SQLite does not wait for it.

    places = {"dbname": "NAME", "user": "USER", "host": "HOST", "port": "PORT"}
    known: dict[str, Any] = connection.settings_dict
    parts = {key: str(known[name]) for key, name in places.items() if known[name]}
    options = {key: value for key, value in known["OPTIONS"].items() if isinstance(value, str)}
    return str(make_conninfo(**parts, **options))


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SnapshotError(NO_PROGRAM.format(program=name))
    return found


def _run(*arguments: str) -> None:
    secret = str(connection.settings_dict["PASSWORD"])
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        arguments,
        env=os.environ | ({"PGPASSWORD": secret} if secret else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SnapshotError(f"{Path(arguments[0]).name} failed: {done.stderr.strip()}")
