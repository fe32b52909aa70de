"""A long video or a live session is over: its owner, and who may see it, are told that it is.

What is told is that it is over and nothing else; what was found is counted for each who asks
(:mod:`webapp.moments.pages.found`), as they may see different things, and at that moment.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from webapp.core import events
from webapp.core.extension.signals import Signal
from webapp.core.models import Event, Job
from webapp.live.models import LiveSession
from webapp.moments.models import Moment, Video

FOUND = "found"
LONG_VIDEO_SECONDS = 60.0
"""Who uploads shorter ones waits for them on the page of videos; twenty need no twenty messages."""
PATIENCE = timedelta(minutes=20)
"""So long pictures of a session may be on their way; then it is told of without them."""
TOLD_WITHIN = timedelta(hours=2)
"""After its end; of a session that ended before, while Encore was off, nobody is told any more."""

something_found = Signal[events.Subject, int, UUID | None]()
"""Something of this owner's, perhaps of this concert, is over; within its transaction."""


def tell_of_video(video: Video) -> None:
    """Tell that a video is looked through, unless it is short or its session is told of.

    Must be called inside a transaction.
    """
    is_long = (video.duration_seconds or 0.0) >= LONG_VIDEO_SECONDS
    if is_long and video.session_id is None:
        _tell(events.Subject("video", video.pk), video.owner_id, video.concert_id)


def tell_of_sessions() -> None:
    """Tell of each session that has ended and of which nothing is on its way any more."""
    for session_id in list(_untold().values_list("pk", flat=True)):
        with transaction.atomic():
            locked = _untold().select_for_update(of=("self",)).filter(pk=session_id).first()
            if locked is not None:
                _tell(events.Subject("session", locked.pk), locked.owner_id, locked.concert_id)


def _tell(subject: events.Subject, owner_id: int, concert_id: UUID | None) -> None:
    events.publish(owner_id, FOUND, {}, about=subject)
    something_found.send(subject, owner_id, concert_id)


def _untold() -> QuerySet[LiveSession]:
    """Return the sessions to be told of: somebody filmed there, and it is over since a while."""
    now = timezone.now()
    told = Event.objects.filter(
        user_id=OuterRef("owner_id"),
        subject_id=OuterRef("pk"),
        kind=FOUND,
        created_at__gte=OuterRef("ended_at"),
    )
    ended = LiveSession.objects.filter(ended_at__gt=now - TOLD_WITHIN).exclude(on_air_until=None)
    return ended.filter(~Exists(told), Q(ended_at__lt=now - PATIENCE) | ~_is_awaited())


def _is_awaited() -> Q:
    """Return the condition for sessions with moments whose picture, or its names, are to come."""
    moments = Moment.objects.filter(session=OuterRef("pk"))
    unread = Job.objects.filter(
        stage="recognise",
        subject_id=OuterRef("photo_id"),
        state__in=(Job.State.PENDING, Job.State.RUNNING),
    )
    return Q(Exists(moments.filter(state=Moment.State.WANTED))) | Q(
        Exists(moments.filter(Exists(unread)))
    )
