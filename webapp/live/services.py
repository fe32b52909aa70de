"""Writes of the live app."""

from django.db import transaction
from django.utils import timezone

from webapp.core.names import folded, tidied
from webapp.live.models import LiveSession
from webapp.photos.models import Concert


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


def end_session(session: LiveSession) -> None:
    """End a session; its sockets close by themselves. Ending it twice changes nothing."""
    LiveSession.objects.filter(pk=session.pk, state=LiveSession.State.OPEN).update(
        state=LiveSession.State.ENDED, ended_at=timezone.now()
    )


def delete_session(session: LiveSession) -> None:
    """Forget that a session was."""
    session.delete()
