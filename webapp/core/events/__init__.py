"""What open pages are told: the table of events, the poller, and the sockets that carry it.

This is the door for everybody who has something to tell: ``events.publish(...)``.
"""

from webapp.core.events.table import (
    REPLAY_BATCH,
    Audience,
    EventMessage,
    Subject,
    audiences,
    forget,
    forget_kind,
    last_id,
    messages_after,
    prune,
    publish,
    users_with_events_after,
)

__all__ = [
    "REPLAY_BATCH",
    "Audience",
    "EventMessage",
    "Subject",
    "audiences",
    "forget",
    "forget_kind",
    "last_id",
    "messages_after",
    "prune",
    "publish",
    "users_with_events_after",
]
