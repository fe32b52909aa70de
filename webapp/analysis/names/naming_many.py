"""Which faces are meant where many photos are named the same."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count

from webapp.analysis.models import DetectedFace
from webapp.photos.chosen import portions


def only_unnamed_faces(photo_ids: Sequence[UUID]) -> list[DetectedFace]:
    """Return, of each photo with just one face without a name, that face, best quality first."""
    found: list[DetectedFace] = []
    for some in portions(photo_ids):
        unnamed = DetectedFace.objects.shown().filter(photo__in=some, person=None).order_by()
        alone = unnamed.values("photo").annotate(faces=Count("pk")).filter(faces=1)
        of_one = unnamed.filter(photo__in=alone.values("photo"))
        found += of_one.select_related("photo")
    return sorted(found, key=lambda face: (-face.quality, face.pk))
