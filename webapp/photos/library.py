"""Which files of photos and uploads there have to be, by their rows."""

from collections.abc import Iterable
from itertools import chain
from uuid import UUID

from django.conf import settings

from webapp.core.media import Kind
from webapp.photos.models import Photo, Upload


def _photos() -> Iterable[UUID]:
    return Photo.objects.exclude(state=Photo.State.FAILED).values_list("pk", flat=True)


def _failed_and_coming() -> Iterable[UUID]:
    failed = Photo.objects.filter(state=Photo.State.FAILED).values_list("pk", flat=True)
    return chain(failed, uploads())


def uploads() -> Iterable[UUID]:
    """Return the ids of uploads, which what they become keeps."""
    return Upload.objects.values_list("pk", flat=True)


KINDS = (
    Kind(
        "photos",
        "photos/??/????????-????-????-????-????????????",
        rows=_photos,
        spared=_failed_and_coming,
    ),
    Kind("half-written pictures", "photos/??/*/.*.part", is_unfinished=True),
    Kind(
        "unfinished uploads",
        "incoming/*.part",
        spared=uploads,
        is_unfinished=True,
        young_seconds=settings.UPLOAD_EXPIRES_HOURS * 3600,
    ),
)
