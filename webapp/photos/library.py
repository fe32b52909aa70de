"""Which files of photos there have to be, by their rows, and how they are made anew."""

from collections.abc import Iterable, Iterator
from itertools import chain
from uuid import UUID

from webapp.core import jobs
from webapp.core.files.media import Kind
from webapp.core.safekeeping.inventory import Holding, Inventory
from webapp.photos.models import Photo
from webapp.photos.services import INGEST, REVISE
from webapp.photos.storage import files_of
from webapp.uploads.library import uploads


def _photos() -> Iterable[UUID]:
    return Photo.objects.exclude(state=Photo.State.FAILED).values_list("pk", flat=True)


def _failed_and_coming() -> Iterable[UUID]:
    failed = Photo.objects.filter(state=Photo.State.FAILED).values_list("pk", flat=True)
    return chain(failed, uploads())


KINDS = (
    Kind(
        "photos",
        "photos/??/????????-????-????-????-????????????",
        rows=_photos,
        spared=_failed_and_coming,
    ),
    Kind("half-written pictures", "photos/??/*/.*.part", is_unfinished=True),
)


def _holdings() -> Iterator[Holding]:
    """Yield every file of every photo.

    While a stage is to blank places out of an original, nobody knows what its hash has to be: it
    may be done and not yet written down, above all in a backup, which is of one instant.
    """
    changing = jobs.open_subjects(INGEST, REVISE)
    rows = Photo.objects.exclude(state=Photo.State.FAILED).order_by("pk")
    for photo_id, state, sha256 in rows.values_list("pk", "state", "stored_sha256").iterator():
        files = files_of(photo_id)
        yield Holding(photo_id, files.original, "" if photo_id in changing else sha256)
        if state == Photo.State.READY:
            for path in (files.full, files.display, files.thumb):
                yield Holding(photo_id, path, is_derived=True)


def _read_again(photo_id: UUID) -> None:
    for photo in Photo.objects.filter(pk=photo_id):
        jobs.enqueue(INGEST, photo.pk, photo.owner_id)


INVENTORY = Inventory("photos", _holdings, _read_again)
