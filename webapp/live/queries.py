"""Reads of the live app; each says for whom."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from webapp.access.rights import Asker
from webapp.accounts.queries import has_consent
from webapp.live.models import LiveSession
from webapp.people.models import Person
from webapp.people.queries import enrolled_of, gallery_state, learnt_spaces_of
from webapp.vision.engine.roster import Roster


def sessions_visible_to(user: Asker) -> QuerySet[LiveSession]:
    """Return the live sessions this user may film and watch, newest first."""
    return LiveSession.objects.filter(owner_id=user.pk).select_related("concert")


def open_sessions_visible_to(user: Asker) -> QuerySet[LiveSession]:
    """Return those that have not ended."""
    return sessions_visible_to(user).filter(state=LiveSession.State.OPEN)


def is_open(session_id: UUID) -> bool:
    """Whether a session is there and has not ended."""
    return LiveSession.objects.filter(pk=session_id, state=LiveSession.State.OPEN).exists()


def cameras_beside(session_id: UUID) -> int:
    """Return how many other cameras of the same user film the concert of a session now."""
    concert = LiveSession.objects.filter(pk=session_id, concert__isnull=False)
    others = LiveSession.objects.filter(
        concert__in=concert.values("concert"),
        owner__in=concert.values("owner"),
        state=LiveSession.State.OPEN,
        on_air_until__gt=timezone.now(),
    )
    return others.exclude(pk=session_id).count()


def followed_in(session_id: UUID) -> Person | None:
    """Return the star whom a session's camera follows, if any."""
    session = LiveSession.objects.filter(pk=session_id).select_related("followed").first()
    return session.followed if session else None


def is_owned_by_active_user(session_id: UUID) -> bool:
    """Whether the owner of a session may still sign in."""
    return LiveSession.objects.filter(pk=session_id, owner__is_active=True).exists()


def roster_state(owner_id: int) -> tuple[object, ...]:
    """Return something that changes whenever :func:`roster_of` would."""
    names = Person.objects.filter(owner_id=owner_id).order_by("pk").values_list("pk", "name")
    return (has_consent(owner_id), gallery_state(owner_id), hash(tuple(names)))


def roster_of(owner_id: int) -> Roster:
    """Return everybody a user has enrolled; nobody without their consent to recognition."""
    if not has_consent(owner_id):
        return Roster({}, ())
    names = Person.objects.filter(owner_id=owner_id).values_list("pk", "name")
    return Roster(dict(names), tuple(enrolled_of(owner_id)), tuple(learnt_spaces_of(owner_id)))
