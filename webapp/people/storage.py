"""Where the crops of references lie: one folder a user, so that forgetting leaves nothing."""

import os
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from webapp.core.files import orphans


def references_folder(owner_id: int) -> Path:
    """Return the folder with all crops of one user; it may not exist yet."""
    return Path(settings.MEDIA_ROOT) / "references" / str(owner_id)


def crop_path(owner_id: int, reference_id: UUID) -> Path:
    """Return where the crop of one reference lies."""
    return references_folder(owner_id) / f"{reference_id}.jpg"


def write_crop(owner_id: int, reference_id: UUID, jpeg: bytes) -> None:
    """Store a crop so that a reader sees all of it or nothing."""
    path = crop_path(owner_id, reference_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{uuid4().hex}.part")
    with unfinished.open("xb") as file:
        file.write(jpeg)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def remove_crop(owner_id: int, reference_id: UUID) -> None:
    """Remove one crop; one that is gone already is no error."""
    orphans.erase(crop_path(owner_id, reference_id))


def remove_all_crops(owner_id: int) -> None:
    """Remove every crop of one user, also those no row points to any more."""
    orphans.erase(references_folder(owner_id))
