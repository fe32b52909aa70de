"""Which events about photos and concerts the members of a shared concert are told, too."""

from typing import Any

from django.db.models import QuerySet

from webapp.access.models import Member
from webapp.access.rights import Right
from webapp.accounts.models import User
from webapp.core.events import Audience
from webapp.photos import queries
from webapp.photos.models import Concert, Photo


def _photos_of(user_id: int) -> QuerySet[Photo]:
    return queries.photos_visible_to(User(pk=user_id), Right.SEE)


def _concerts_of(user_id: int) -> QuerySet[Concert]:
    return queries.concerts_visible_to(User(pk=user_id), Right.SEE)


def _members_of(concerts: QuerySet[Any, Any]) -> QuerySet[Member]:
    return Member.objects.filter(concert__in=concerts)


OF_PHOTOS = Audience(
    subject="photo",
    kinds=frozenset(
        {"photo_ready", "faces_found", "emotions_found", "portrait_ready", "photos_stacked"}
    ),
    seen_by=_photos_of,
    seeing=queries.members_seeing,
)
"""A burst is of one concert, so what is stacked under a photo is seen by whoever sees the photo."""

OF_CONCERTS = Audience(
    subject="concert",
    kinds=frozenset({"names_changed"}),
    seen_by=_concerts_of,
    seeing=_members_of,
)
