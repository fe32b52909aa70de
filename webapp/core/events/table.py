"""Events: what a user's open pages are told, in the order in which it was committed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeAlias, TypedDict

from django.db import connection

from webapp.core.models import Event

REPLAY_BATCH = 50
"""Events read at once for one socket; more are read when these are sent."""

FORGOTTEN_AT_ONCE = 500
"""Subjects of one statement; each statement reads all events of the user."""

_Gathered: TypeAlias = defaultdict[tuple[int, str], list[str]]
_gathered: ContextVar[_Gathered | None] = ContextVar("gathered_to_forget", default=None)
"""Per user and name in the payload the subjects that ``forget_together`` forgets at its end."""

_ORDER_LOCK = 0x656E636F
"""Key of the PostgreSQL lock below; any number that nobody else uses."""


class EventMessage(TypedDict):
    """Server to browser: one event. Pages drop ids they have already seen."""

    id: int
    kind: str
    payload: dict[str, Any]
    created_at: str


def publish(user_id: int, kind: str, payload: dict[str, Any]) -> Event:
    """Record an event for one user; open pages hear of it when the transaction commits.

    Must be called inside a transaction. Ids have to grow in the order of commits, or a reader
    that has seen 8 would never look for a 7 committed later. SQLite has one writer at a time; on
    PostgreSQL an advisory lock until the commit gives the same.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("publish an event inside the transaction it tells of")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ORDER_LOCK])
    return Event.objects.create(user_id=user_id, kind=kind, payload=payload)


def last_id() -> int:
    """Return the newest event id of all users, 0 when there is none."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def users_with_events_after(event_id: int) -> set[int]:
    """Return who has events newer than this one."""
    return set(Event.objects.filter(pk__gt=event_id).values_list("user_id", flat=True).distinct())


def messages_after(user_id: int, event_id: int) -> list[EventMessage]:
    """Return the user's next events after this id, oldest first, at most ``REPLAY_BATCH``."""
    rows = Event.objects.filter(user_id=user_id, pk__gt=event_id).order_by("pk")
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "payload": row.payload,
            "created_at": row.created_at.isoformat(timespec="milliseconds"),
        }
        for row in rows[:REPLAY_BATCH]
    ]


def forget(user_id: int, subjects: Iterable[str], *, subject: str = "photo") -> None:
    """Delete the user's events about deleted subjects; inside ``forget_together`` at its end.

    Args:
        user_id: Whose events.
        subjects: Their ids as text.
        subject: Under which name the payload carries the id.
    """
    gathered = _gathered.get()
    if gathered is not None:
        gathered[user_id, subject].extend(subjects)
    else:
        _forget(user_id, list(subjects), subject)


def _forget(user_id: int, subjects: list[str], subject: str) -> None:
    for start in range(0, len(subjects), FORGOTTEN_AT_ONCE):
        about = {f"payload__{subject}__in": subjects[start : start + FORGOTTEN_AT_ONCE]}
        Event.objects.filter(user_id=user_id, **about).delete()


@contextmanager
def forget_together() -> Iterator[None]:
    """Delete at the end, and all at once, the events of everything that is forgotten inside.

    No index knows what events are about, so each deletion reads all events of the user, with the
    database locked for writing. Whoever deletes many subjects wraps it in this, inside the
    transaction, and publishes nothing about them within. After an exception nothing is deleted,
    as the transaction is rolled back.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("forget together inside the transaction that deletes the subjects")
    gathered: _Gathered = defaultdict(list)
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
    for (user_id, subject), subjects in gathered.items():
        forget(user_id, subjects, subject=subject)


def forget_kind(user_id: int, kind: str, subjects: Iterable[str] | None = None) -> None:
    """Delete the user's events of one kind: all of them, or those about these photos."""
    rows = Event.objects.filter(user_id=user_id, kind=kind)
    if subjects is not None:
        rows = rows.filter(payload__photo__in=list(subjects))
    rows.delete()


def prune(before: datetime) -> int:
    """Delete events older than this; no page asks for them any more."""
    deleted, _ = Event.objects.filter(created_at__lt=before).delete()
    return deleted
