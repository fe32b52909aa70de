"""Writes of the live app."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from webapp.core import events
from webapp.core.words.names import folded, tidied
from webapp.live import sources
from webapp.live.models import LiveSession, Source
from webapp.people.models import Person
from webapp.photos.models import Concert

ON_AIR = timedelta(seconds=25)
"""So long a session counts as filmed after the last word of its camera."""
LEFT_AFTER = timedelta(minutes=30)
UNUSED_AFTER = timedelta(hours=12)
"""A session may be prepared in the morning of a concert."""


def start_session(owner_id: int, title: str, concert: Concert | None) -> LiveSession:
    """Begin a session that one camera may film in."""
    return LiveSession.objects.create(owner_id=owner_id, title=title, concert=concert)


def session_for_source(owner_id: int, concert_name: str) -> LiveSession:
    """Return the open session of a server-side source, making it and its concert if need be.

    A source that is started again films in the session it had.
    """
    with transaction.atomic():
        called_so = Concert.objects.filter(owner_id=owner_id, folded_name=folded(concert_name))
        concert = called_so.order_by("-created_at", "id").first()
        if concert is None:
            concert = Concert.objects.create(owner_id=owner_id, name=tidied(concert_name))
        open_one = LiveSession.objects.filter(
            owner_id=owner_id, concert=concert, title=concert.name, state=LiveSession.State.OPEN
        ).first()
        return open_one or start_session(owner_id, concert.name, concert)


def session_filmed_by(source: Source) -> LiveSession:
    """Return the session in which a camera of the server films: the one it had, while it is open.

    One that was ended because no picture came for long is followed by another one.
    """
    with transaction.atomic():
        session = source.session
        if session is None or not session.is_open:
            session = start_session(source.owner_id, source.name, source.concert)
            Source.objects.filter(pk=source.pk).update(session=session)
        return session


def follow(session_id: UUID, owner_id: int, person_id: UUID | None) -> None:
    """Have the camera of a session follow one of its owner's stars, or nobody.

    Somebody who is not theirs, or not there any more, is nobody.
    """
    own = Person.objects.filter(owner_id=owner_id)
    person = own.filter(pk=person_id).first() if person_id else None
    LiveSession.objects.filter(pk=session_id, owner_id=owner_id).update(followed=person)


def end_session(session: LiveSession) -> None:
    """End a session; its sockets close by themselves. Ending it twice changes nothing.

    A camera of the server that films in it is off, or it would begin another session.
    """
    sources.turn_off_in(session.pk)
    LiveSession.objects.filter(pk=session.pk, state=LiveSession.State.OPEN).update(
        state=LiveSession.State.ENDED, ended_at=timezone.now()
    )


def reopen_session(session: LiveSession) -> None:
    """Let a camera film again in a session that has ended; in an open one it may already."""
    LiveSession.objects.filter(pk=session.pk, state=LiveSession.State.ENDED).update(
        state=LiveSession.State.OPEN, ended_at=None, on_air_until=timezone.now()
    )


def note_filming(session_id: UUID) -> None:
    """Write down that a camera films; to be repeated before ``ON_AIR`` is over."""
    LiveSession.objects.filter(pk=session_id).update(on_air_until=timezone.now() + ON_AIR)


def note_silence(session_id: UUID) -> None:
    """Write down that the camera films no more; where it is known already, nothing changes."""
    now = timezone.now()
    LiveSession.objects.filter(pk=session_id, on_air_until__gt=now).update(on_air_until=now)


def end_silent() -> int:
    """End the sessions in which nobody has filmed for long; returns how many."""
    now = timezone.now()
    was_left = Q(on_air_until__lt=now - LEFT_AFTER)
    was_never_used = Q(on_air_until=None, started_at__lt=now - UNUSED_AFTER)
    found = LiveSession.objects.filter(was_left | was_never_used, state=LiveSession.State.OPEN)
    return found.update(state=LiveSession.State.ENDED, ended_at=now)


def delete_session(session: LiveSession) -> None:
    """Forget that a session was."""
    with transaction.atomic():
        events.forget(session.owner_id, [session.pk])
        sources.turn_off_in(session.pk)
        session.delete()
