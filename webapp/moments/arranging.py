"""Moments and videos follow their photos to other concerts."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from webapp.moments.models import Moment, Video
from webapp.photos import arranging
from webapp.photos.chosen import portions
from webapp.photos.models import Concert, Photo, shown_zone


def follow_concerts(_owner_id: int, photo_ids: list[UUID], concert_id: UUID | None) -> None:
    """Let moments belong to the concert that their photos have joined."""
    for some in portions(photo_ids):
        Moment.objects.filter(photo__in=some).update(concert=concert_id)


def follow_days(concert: Concert, days: Mapping[date, Concert]) -> None:
    """Let the moments and videos of a concert that was split go to their days."""
    zone = shown_zone(concert)
    for model, field in ((Moment, "at"), (Video, "recorded_at")):
        rows = model._default_manager.filter(concert=concert).exclude(**{field: None})
        for pk, at in rows.values_list("pk", field):
            part = days.get(arranging.evening_of(at.astimezone(zone)))
            if part is not None:
                model._default_manager.filter(pk=pk).update(concert=part)


@transaction.atomic
def set_concert(owner_id: int, moment_ids: Iterable[UUID], concert: Concert | None) -> int:
    """Let moments, and the photos of all their frames, belong to a concert, or to none."""
    moved = 0
    for some in portions(moment_ids):
        own = Moment.objects.filter(owner_id=owner_id, binned_at=None, pk__in=some)
        moved += own.update(concert=concert)
        frames = Photo.objects.filter(moment_frames__moment__in=own).order_by()
        arranging.set_concert(owner_id, set(frames.values_list("pk", flat=True)), concert)
    return moved
