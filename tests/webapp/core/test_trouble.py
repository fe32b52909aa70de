"""A database that is away is told from a mistake of the code, wherever it is noticed."""

import errno
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import Client

from tests.prepared import REPOSITORY
from tests.sockets import Socket
from webapp.asgi import application
from webapp.core import patience, trouble
from webapp.core.patience import read_when_back

REFUSED = psycopg.OperationalError("connection failed: Connection refused")


def raised(cause: Exception, kind: type[Exception] = OperationalError) -> Exception:
    """Return the error as Django raises it in place of the driver's."""
    error = kind(*cause.args)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        pytest.param(raised(REFUSED), True, id="connection refused"),
        pytest.param(raised(psycopg.errors.AdminShutdown("terminating")), True, id="shut down"),
        pytest.param(raised(psycopg.errors.CannotConnectNow("starting up")), True, id="starting"),
        pytest.param(raised(psycopg.errors.TooManyConnections("too many")), True, id="crowded"),
        pytest.param(raised(psycopg.errors.DeadlockDetected("deadlock")), True, id="deadlock"),
        pytest.param(InterfaceError("connection already closed"), True, id="closed"),
        pytest.param(raised(sqlite3.OperationalError("database is locked")), True, id="locked"),
        pytest.param(
            raised(sqlite3.OperationalError("unable to open database file")), True, id="no folder"
        ),
        pytest.param(raised(sqlite3.OperationalError("no such table: x")), False, id="no table"),
        pytest.param(raised(psycopg.errors.DiskFull("no space")), False, id="disk full"),
        pytest.param(raised(psycopg.errors.StatementTooComplex("deep")), False, id="complex"),
        pytest.param(InterfaceError("Error binding parameter"), False, id="binding"),
        pytest.param(ZeroDivisionError(), False, id="another mistake"),
    ],
)
def test_a_database_that_is_away_is_told_from_a_mistake(error: Exception, *, is_away: bool) -> None:
    assert trouble.is_database_away(error) is is_away


def test_a_full_disk_of_the_database_server_is_a_full_disk() -> None:
    assert trouble.is_disk_full(raised(psycopg.errors.DiskFull("no space left on device")))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (raised(sqlite3.OperationalError("no such table: accounts_user")), "ENCORE_DATA_DIR"),
        (raised(psycopg.errors.UndefinedTable("no x"), ProgrammingError), "ENCORE_DATABASE_URL"),
        (raised(REFUSED), "cannot be reached: connection failed"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
    ],
)
def test_a_command_says_in_words_what_is_wrong_around_it(error: Exception, says: str) -> None:
    assert says in (trouble.in_command(error) or "")


def test_a_command_keeps_the_traceback_of_a_mistake() -> None:
    assert trouble.in_command(raised(sqlite3.OperationalError("near x: syntax error"))) is None


def test_a_command_on_a_folder_without_a_database_shows_no_traceback(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "import_people", str(tmp_path), "--owner", "minji"],
        cwd=REPOSITORY,
        env={**os.environ, "ENCORE_DATA_DIR": str(tmp_path / "data"), "ENCORE_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "This database is empty" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture
def away(as_owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that refuses whoever reads a session, as middleware does before any view."""

    def refuse(_store: SessionStore) -> Any:
        raise raised(REFUSED)

    monkeypatch.setattr(SessionStore, "load", refuse)


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
def test_a_session_that_cannot_be_read_is_answered_503(
    as_owner: Client, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    as_owner.raise_request_exception = False
    response = as_owner.get("/concerts/", headers={"Accept": accept})
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert trouble.BUSY in response.content.decode()


def test_a_trouble_that_passes_is_not_logged_as_a_mistake() -> None:
    record = logging.makeLogRecord({"status_code": 503})
    assert not trouble.Unlogged().filter(record)
    assert trouble.Unlogged().filter(logging.makeLogRecord({"status_code": 500}))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("away")
@pytest.mark.parametrize(
    "path", ["/ws/events/", f"/ws/live/view/{'0' * 8}-0000-4000-8000-{'0' * 12}/"]
)
async def test_a_handshake_is_answered_503_while_sessions_cannot_be_read(
    as_owner: Client, path: str
) -> None:
    socket = Socket(application, path, as_owner)
    socket.scope["extensions"] = {"websocket.http.response": {}}
    await socket.send_input({"type": "websocket.connect"})
    start = await socket.receive_output(timeout=5)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 503)
    assert b"retry-after" in dict(start["headers"])


async def test_a_read_waits_until_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0)
    answers: list[Exception | str] = [raised(REFUSED), raised(REFUSED), "here"]

    def read() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await read_when_back(read) == "here"
    answers.append(raised(sqlite3.OperationalError("no such table: x")))
    with pytest.raises(OperationalError):
        await read_when_back(read)
