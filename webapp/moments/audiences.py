"""Which events about moments, videos and sessions members of a shared concert are told, too."""

from typing import Any

from django.db.models import QuerySet

from webapp.access.models import Member
from webapp.access.rights import Right
from webapp.accounts.models import User
from webapp.core.events import Audience
from webapp.live.models import LiveSession
from webapp.moments import queries
from webapp.moments.models import Moment, Video


def _moments_of(user_id: int) -> QuerySet[Moment]:
    return queries.moments_visible_to(User(pk=user_id), Right.SEE)


def _videos_of(user_id: int) -> QuerySet[Video]:
    return queries.videos_visible_to(User(pk=user_id), Right.SEE)


def _sessions_of(user_id: int) -> QuerySet[LiveSession]:
    return queries.sessions_told_to(User(pk=user_id))


def _members_seeing_moments(moments: QuerySet[Any, Any]) -> QuerySet[Member]:
    return Member.objects.filter(concert__moments__in=moments)


def _members_seeing_videos(videos: QuerySet[Any, Any]) -> QuerySet[Member]:
    return Member.objects.filter(concert__videos__in=videos)


def _members_seeing_sessions(sessions: QuerySet[Any, Any]) -> QuerySet[Member]:
    return Member.objects.filter(concert__live_sessions__in=sessions)


OF_MOMENTS = Audience(
    subject="moment",
    kinds=frozenset({"moment_ready", "moment_scored"}),
    seen_by=_moments_of,
    seeing=_members_seeing_moments,
)

OF_VIDEOS = Audience(
    subject="video",
    kinds=frozenset({"video_progress", "video_ready", "found"}),
    seen_by=_videos_of,
    seeing=_members_seeing_videos,
)

OF_SESSIONS = Audience(
    subject="session",
    kinds=frozenset({"found"}),
    seen_by=_sessions_of,
    seeing=_members_seeing_sessions,
)
"""Of a camera itself members hear nothing; when it has ended, that its moments are there."""
