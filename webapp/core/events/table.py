"""Events: what a user's open pages are told, in the order in which it was committed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from webapp.core.extension.signals import Registry
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


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears of things of others: those who may see them at the moment they are told.

    Attributes:
        subject: Kind of the things, as in ``Subject``.
        kinds: Events about them that others are told, too.
        seen_by: From the id of a user to the things that this user may see.
        seeing: From ids of things to the ids of users who may see some of them, or more of them.
    """

    subject: str
    kinds: frozenset[str]
    seen_by: Callable[[int], QuerySet[Any]]
    seeing: Callable[[QuerySet[Any, Any]], QuerySet[Any, Any]]

    def events(self) -> QuerySet[Event]:
        """Return the events that others may be told."""
        return Event.objects.filter(subject_kind=self.subject, kind__in=self.kinds)

    def told_to(self, user_id: int) -> Q:
        """Return the condition for the events that this user is told.

        Of each event its thing is looked up by id; the other way round the database would list
        all that the user may see.
        """
        seen = self.seen_by(user_id).order_by().filter(pk=OuterRef("subject_id"))
        return Q(Exists(seen), subject_kind=self.subject, kind__in=self.kinds)


audiences: Registry[Audience] = Registry()
"""Apps that know who may see what of others say so here."""


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
    """Return who has events newer than this one; of members also some who may not see them."""
    newer = Q(pk__gt=event_id)
    owners = Event.objects.filter(newer).values_list("user_id")
    others = [
        one.seeing(one.events().filter(newer).values("subject_id"))
        .order_by()
        .values_list("user_id")
        for one in audiences
    ]
    return {user_id for (user_id,) in owners.union(*others)}


def messages_after(user_id: int, event_id: int) -> list[EventMessage]:
    """Return what this user is told next after this id, oldest first, at most ``REPLAY_BATCH``.

    These are the user's own events, and those about things of others that the user may see now.
    """
    told = Q(user_id=user_id)
    for one in audiences:
        told |= one.told_to(user_id)
    rows = Event.objects.filter(told, pk__gt=event_id).order_by("pk")
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
