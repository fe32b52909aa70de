"""Which files of videos and reels there have to be, by their rows."""

from collections.abc import Iterable
from uuid import UUID

from webapp.core.media import Kind
from webapp.moments.models import Reel, Video
from webapp.photos.library import uploads


def _videos() -> Iterable[UUID]:
    return Video.objects.values_list("pk", flat=True)


def _reels() -> Iterable[UUID]:
    return Reel.objects.filter(state=Reel.State.READY).values_list("pk", flat=True)


def _reels_in_the_making() -> Iterable[UUID]:
    return Reel.objects.exclude(state=Reel.State.READY).values_list("pk", flat=True)


KINDS = (
    Kind("videos", "videos/??/*.video", rows=_videos, spared=uploads),
    Kind("reels", "reels/[!.]*", rows=_reels, spared=_reels_in_the_making),
    Kind("half-made reels", "reels/.*.part", is_unfinished=True),
)
