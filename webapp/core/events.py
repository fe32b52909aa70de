"""Events: what a user's open pages are told, in the order in which it was committed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

from django.db import connection

from webapp.core.models import Event

REPLAY_BATCH = 50
"""Events read at once for one socket; more are read when these are sent."""

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
    """Delete the user's events about deleted subjects.

    Args:
        user_id: Whose events.
        subjects: Their ids as text.
        subject: Under which name the payload carries the id.
    """
    about = {f"payload__{subject}__in": list(subjects)}
    Event.objects.filter(user_id=user_id, **about).delete()


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
