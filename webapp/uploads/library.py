"""Which part files there have to be, by the rows of uploads."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from webapp.core.files.media import Kind
from webapp.uploads.models import Upload


def uploads() -> Iterable[UUID]:
    """Return the ids of uploads, which what they become keeps."""
    return Upload.objects.values_list("pk", flat=True)


PARTS = Kind(
    "unfinished uploads",
    "incoming/*.part",
    spared=uploads,
    is_unfinished=True,
    young_seconds=settings.UPLOAD_EXPIRES_HOURS * 3600,
)
