"""The stages of work that belong to photos: making a file showable, and erasing a deleted one."""

import datetime as dt

from webapp.core import jobs
from webapp.photos import destinations, storage
from webapp.photos.models import Photo
from webapp.vision import photo_files


def ingest(claim: jobs.Claim) -> None:
    """Decode a photo in a limited child process and store what it is.

    An alternate frame of a moment rests then; it is analysed once it is picked.
    """
    files = storage.files_of(claim.subject_id)
    if not files.original.exists():
        raise jobs.BadInputError("The file of this photo is missing. Upload it again.")
    try:
        facts = photo_files.decode_into(files.folder)
    except photo_files.UnreadablePhotoError as error:
        raise jobs.BadInputError(str(error)) from error
    except photo_files.TooLittleMemoryError as error:
        raise jobs.SetAsideError(str(error)) from error
    taken_at = facts.taken_at.replace(tzinfo=dt.UTC) if facts.taken_at else None
    with jobs.finish(claim) as done:
        photos = Photo.objects.filter(pk=claim.subject_id)
        photos.update(
            state=Photo.State.READY,
            failure="",
            format=facts.format,
            width=facts.width,
            height=facts.height,
            taken_at=taken_at,
            camera=facts.camera,
            bytes=facts.original_bytes,
            stored_sha256=facts.original_sha256,
        )
        destinations.note_readable(claim.subject_id)
        done.is_followed = not photos.filter(shelf=Photo.Shelf.ALTERNATE).exists()
        done.event(
            "photo_ready",
            {
                "photo": str(claim.subject_id),
                "thumb": True,
                "width": facts.width,
                "height": facts.height,
            },
        )


def erase(claim: jobs.Claim) -> None:
    """Remove what is left of a deleted photo, even if a worker was just writing it."""
    if not storage.remove_photo(claim.subject_id):
        raise RuntimeError("a worker is still writing into the folder; trying again")
