"""The chosen frames of a video as photos: decoded in full size, stored like any upload."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from webapp.core import jobs
from webapp.core.words.names import MAX_NAME_LENGTH
from webapp.moments.models import MomentFrame, Video
from webapp.moments.video import storage as video_storage
from webapp.moments.video.services import kept_moments
from webapp.photos import storage
from webapp.photos.models import Photo
from webapp.photos.services import INGEST
from webapp.uploads import parts
from webapp.vision.chosen import ChosenMoment
from webapp.vision.sandbox.videos import read_pictures


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame whose file lies where a photo's does.

    Attributes:
        photo_id: Of the photo it is, or is to become.
        sha256: Of the file; empty where the photo is there already, for an earlier moment.
        size: In bytes; likewise 0.
    """

    photo_id: UUID
    sha256: str = ""
    size: int = 0


Pictures = dict[int, Picture]
"""By the tick of the frame."""


def keep(video: Video, moments: Sequence[ChosenMoment], is_wanted: Callable[[], bool]) -> Pictures:
    """Decode the frames of moments and put them where photos lie; rows follow in ``insert``.

    A photo's id follows from its video, round and frame, so doing it twice leaves one file. Of a
    killed process a folder without a row may be left, which the sweep of photos removes.

    Args:
        video: Theirs.
        moments: Whose frames.
        is_wanted: Asked before the work begins.

    Returns:
        Frames that cannot be decoded are missing.

    Raises:
        webapp.vision.sandbox.videos.UnreadableVideoError: The file is at fault.
        OSError: The disk is full, for example.
    """
    ticks = {frame.number for moment in moments for frame in moment.frames}
    if not ticks or not is_wanted():
        return {}
    photos = {tick: uuid5(video.pk, f"{video.round}:{tick}") for tick in ticks}
    frames = MomentFrame.objects.filter(moment__in=kept_moments(video), number__in=ticks)
    there = frames.exclude(photo=None).values_list("number", "photo_id")
    found = {tick: Picture(photo_id) for tick, photo_id in there if photo_id}
    missing = sorted(ticks - found.keys())
    for tick, content in read_pictures(video_storage.file_of(video.pk), missing):
        found[tick] = _write(photos[tick], content)
    return found


def _write(photo_id: UUID, content: bytes) -> Picture:
    parts.check_room(len(content))
    part = parts.part_of(photo_id)
    with parts.open_part(part) as handle:
        parts.cut(handle, 0)
        parts.append(handle, [content], offset=0, limit=len(content))
    storage.adopt(part, photo_id)
    return Picture(photo_id, hashlib.sha256(content).hexdigest(), len(content))


def insert(video: Video, pictures: Iterable[Picture], at_seconds: float) -> None:
    """Make the rows of photos that have none and queue their ingest, inside a transaction.

    All begin as alternates; ``webapp.moments.services.shelve`` brings picked ones up.
    """
    stem = video.display_name.rpartition(".")[0] or video.display_name
    minutes, seconds = divmod(int(at_seconds), 60)
    ending = f" {minutes}-{seconds:02d}.jpg"
    for one in pictures:
        if not one.sha256 or Photo.objects.filter(pk=one.photo_id).exists():
            continue
        Photo.objects.create(
            id=one.photo_id,
            owner_id=video.owner_id,
            concert_id=video.concert_id,
            display_name=stem[: MAX_NAME_LENGTH - len(ending)] + ending,
            sha256=one.sha256,
            stored_sha256=one.sha256,
            bytes=one.size,
            shelf=Photo.Shelf.ALTERNATE,
        )
        jobs.enqueue(INGEST, one.photo_id, video.owner_id)


def drop_unused(pictures: Pictures) -> None:
    """Remove the files of frames that came to no row: their video or their people are gone."""
    wanted = {one.photo_id for one in pictures.values()}
    kept = set(Photo.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    for photo_id in wanted - kept:
        storage.remove_photo(photo_id)
