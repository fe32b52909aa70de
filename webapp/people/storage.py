"""Where the crops of references lie: one folder a user, so that forgetting leaves nothing."""

import os
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings


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
    crop_path(owner_id, reference_id).unlink(missing_ok=True)


def remove_all_crops(owner_id: int) -> None:
    """Remove every crop of one user, also those no row points to any more."""
    shutil.rmtree(references_folder(owner_id), ignore_errors=True)


def crops_older_than(moment: float) -> list[Path]:
    """Return every file below the folders of references that was written before this time."""
    found = []
    for path in (Path(settings.MEDIA_ROOT) / "references").glob("*/*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < moment:
                found.append(path)
    return found


def remove_orphans(files: Collection[Path], reference_ids: Collection[UUID]) -> int:
    """Remove the files that are no crop of these references; returns how many."""
    known = {f"{reference_id}.jpg" for reference_id in reference_ids}
    lost = [path for path in files if path.name not in known]
    for path in lost:
        path.unlink(missing_ok=True)
    return len(lost)
