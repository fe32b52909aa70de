"""A live session as the list shows it: whether somebody films, how long, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext

from webapp.live.keeping import Kept, keeper
from webapp.live.models import LiveSession


@dataclass(frozen=True, slots=True)
class SessionCard:
    """One session.

    Attributes:
        is_on_air: Whether a camera films at this moment.
        seen_at: When the last frame came; ``None`` where nobody has filmed.
        length: From its start to its last frame, as ``48 min``; empty where nobody has filmed.
        kept: Moments that were captured in it.
    """

    session: LiveSession
    is_on_air: bool
    seen_at: datetime | None
    length: str
    kept: Kept


def cards_of(sessions: Iterable[LiveSession]) -> list[SessionCard]:
    """Return how sessions are told, with one question to whoever keeps moments."""
    shown = list(sessions)
    keeps = keeper()
    kept = keeps.kept([session.pk for session in shown]) if keeps and shown else {}
    now = timezone.now()
    return [_card(session, kept.get(session.pk, Kept()), now) for session in shown]


def _card(session: LiveSession, kept: Kept, now: datetime) -> SessionCard:
    until = session.on_air_until
    seen_at = min(until, now) if until is not None else None
    length = _said(seen_at - session.started_at) if seen_at is not None else ""
    is_on_air = session.is_open and until is not None and until > now
    return SessionCard(session, is_on_air, seen_at, length, kept)


def _said(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    if minutes < 1:
        return gettext("under a minute")
    hours, rest = divmod(minutes, 60)
    if hours:
        return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    return gettext("%(minutes)s min") % {"minutes": minutes}
