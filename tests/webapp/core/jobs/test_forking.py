"""No child inherits a connection in the middle of its work."""

import os
import threading

import pytest
from django.db import connection

from webapp.core.jobs import forking


@pytest.mark.django_db(transaction=True)
def test_a_fork_waits_for_who_asks_the_database() -> None:
    forked = threading.Event()

    def fork() -> None:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        forked.set()

    thread = threading.Thread(target=fork)
    with forking.between_forks():
        thread.start()
        assert not forked.wait(0.3)
    thread.join(10)
    assert forked.is_set()


@pytest.mark.django_db(transaction=True)
def test_no_connection_stays_open_for_the_next_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr(connection, "close", lambda: closed.append(True))
    with forking.between_forks():
        connection.ensure_connection()
    assert closed
