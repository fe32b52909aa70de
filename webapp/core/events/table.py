"""Events: what a user's open pages are told, in the order in which it was committed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from django.db import connection

from webapp.core.models import Event

REPLAY_BATCH = 50
"""Events read at once for one socket; more are read when these are sent."""

FORGOTTEN_AT_ONCE = 500
"""Subjects of one statement; SQLite takes no endless lists."""

_ORDER_LOCK = 0x656E636F
"""Key of the PostgreSQL lock below; any number that nobody else uses."""


class Subject(NamedTuple):
    """What an event is about: ``photo``, ``video``, ``moment`` or ``reel``, and which."""

    kind: str
    id: UUID


class EventMessage(TypedDict):
    """Server to browser: one event. Pages drop ids they have already seen."""

    id: int
    kind: str
    payload: dict[str, Any]
    created_at: str


def publish(
    user_id: int, kind: str, payload: dict[str, Any], *, about: Subject | None = None
) -> Event:
    """Record an event for one user; open pages hear of it when the transaction commits.

    What it is ``about`` is the first thing in its payload, and takes the event along when it is
    forgotten.

    Must be called inside a transaction. Ids have to grow in the order of commits, or a reader
    that has seen 8 would never look for a 7 committed later. SQLite has one writer at a time; on
    PostgreSQL an advisory lock until the commit gives the same.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("publish an event inside the transaction it tells of")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ORDER_LOCK])
    if about is None:
        return Event.objects.create(user_id=user_id, kind=kind, payload=payload)
    return Event.objects.create(
        user_id=user_id,
        kind=kind,
        subject_kind=about.kind,
        subject_id=about.id,
        payload={about.kind: str(about.id), **payload},
    )


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


def forget(user_id: int, subject_ids: Iterable[UUID], *, kind: str = "") -> None:
    """Delete the user's events about these subjects, of one kind or of all."""
    rows = Event.objects.filter(user_id=user_id, **({"kind": kind} if kind else {}))
    ids = list(subject_ids)
    for start in range(0, len(ids), FORGOTTEN_AT_ONCE):
        rows.filter(subject_id__in=ids[start : start + FORGOTTEN_AT_ONCE]).delete()


def forget_kind(user_id: int, kind: str) -> None:
    """Delete all of the user's events of one kind."""
    Event.objects.filter(user_id=user_id, kind=kind).delete()


def prune(before: datetime) -> int:
    """Delete events older than this; no page asks for them any more."""
    deleted, _ = Event.objects.filter(created_at__lt=before).delete()
    return deleted
