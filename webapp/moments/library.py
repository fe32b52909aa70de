"""Which files of videos and reels there have to be, by their rows."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from webapp.core import jobs
from webapp.core.files.media import Kind
from webapp.core.safekeeping.inventory import Holding, Inventory
from webapp.moments.models import Reel, Video
from webapp.moments.reel import services as reels
from webapp.moments.video import storage as video_storage
from webapp.moments.video.services import ANALYSE
from webapp.uploads.library import uploads


def _videos() -> Iterable[UUID]:
    return Video.objects.values_list("pk", flat=True)


def _reels() -> Iterable[UUID]:
    return Reel.objects.filter(state=Reel.State.READY).values_list("pk", flat=True)


def _reels_in_the_making() -> Iterable[UUID]:
    return Reel.objects.exclude(state=Reel.State.READY).values_list("pk", flat=True)


def _recordings() -> Iterable[UUID]:
    clips = Reel.objects.filter(kind=Reel.Kind.CLIP, video=None)
    return clips.values_list("pk", flat=True)


KINDS = (
    Kind("videos", "videos/??/*.video", rows=_videos, spared=uploads),
    Kind("reels", "reels/[!.]*", rows=_reels, spared=_reels_in_the_making),
    Kind("half-made reels", "reels/.*.part", is_unfinished=True),
    Kind("recordings of clips", "clips/*.recording", rows=_recordings, spared=uploads),
)


def _video_files() -> Iterator[Holding]:
    """Yield the file of every video; while one may be rewritten nobody knows its hash."""
    changing = jobs.open_subjects(ANALYSE)
    hashes = Video.objects.order_by("pk").values_list("pk", "sha256", "stored_sha256")
    for video_id, uploaded, stored in hashes:
        is_changing = stored == Video.REWRITING or video_id in changing
        sha256 = "" if is_changing else stored or uploaded
        yield Holding(video_id, video_storage.file_of(video_id), sha256)


def _reel_files() -> Iterator[Holding]:
    for reel in Reel.objects.filter(state=Reel.State.READY).order_by("pk"):
        yield Holding(reel.pk, reels.file_of(reel), is_derived=True)
        if reel.kind == Reel.Kind.CLIP:
            yield Holding(reel.pk, reels.animation_of(reel), is_derived=True)


def _recording_files() -> Iterator[Holding]:
    for reel_id in _recordings():
        yield Holding(reel_id, reels.recording_of(reel_id))


def _make_again(reel_id: UUID) -> None:
    for reel in Reel.objects.filter(pk=reel_id):
        jobs.enqueue(reels.STAGE, reel.pk, reel.owner_id)


INVENTORIES = (
    Inventory("videos", _video_files),
    Inventory("reels", _reel_files, _make_again),
    Inventory("recordings of clips", _recording_files),
)
