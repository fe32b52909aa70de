"""Upkeep: nothing deleted stays readable, nothing old piles up, one failure stops nothing."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from webapp.accounts.models import User
from webapp.core import events
from webapp.core.models import Event
from webapp.core.processes import upkeep
from webapp.core.processes.upkeep import Upkeep

MARK = "embedding-" + uuid4().hex


@pytest.mark.django_db(transaction=True)
def test_deleted_bytes_are_in_neither_the_database_nor_its_log(owner: User) -> None:
    database = Path(str(connection.settings_dict["NAME"]))
    with transaction.atomic():
        for number in range(50):
            events.publish(owner.pk, "kept", {"mark": f"{MARK}{number}" * 20})
    Event.objects.all().delete()
    assert upkeep.truncate_wal()
    for path in database.parent.glob(f"{database.name}*"):
        assert MARK.encode() not in path.read_bytes(), path.name


@pytest.mark.django_db(transaction=True)
def test_a_log_held_by_a_reader_is_reported_and_emptied_later(owner: User) -> None:
    with transaction.atomic():
        events.publish(owner.pk, "kept", {})
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=100")
    reader = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM core_event").fetchone()
    with transaction.atomic():
        events.publish(owner.pk, "kept", {})
    assert not upkeep.truncate_wal()
    reader.close()
    assert upkeep.truncate_wal()


def test_old_events_are_pruned(owner: User) -> None:
    with transaction.atomic():
        old, new = (events.publish(owner.pk, "kept", {}) for _ in range(2))
    Event.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=8))
    upkeep.prune()
    assert [event.pk for event in Event.objects.all()] == [new.pk]


def test_a_duty_that_fails_is_tried_again_and_stops_no_other(db: None) -> None:
    calls = {"broken": 0, "busy": 0, "sound": 0}

    def broken() -> None:
        calls["broken"] += 1
        raise ZeroDivisionError

    def busy() -> None:
        calls["busy"] += 1
        raise OperationalError("database is locked")

    def sound() -> None:
        calls["sound"] += 1

    care = Upkeep([(1, broken), (1, busy), (10, sound)])
    for second in range(20):
        care.turn(1000.0 + second)
    assert calls == {"broken": 20, "busy": 20, "sound": 2}


def test_an_event_outside_a_transaction_is_refused(transactional_db: None, owner: User) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        events.publish(owner.pk, "kept", {})
