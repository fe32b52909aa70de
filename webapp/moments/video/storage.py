"""Where the files of videos live: one each, named by the id; nothing a user writes in a path."""

from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings

from webapp.core.files import orphans
from webapp.core.files.durable import sync_folder


def file_of(video_id: UUID) -> Path:
    """Return where the file of a video is, whether it exists or not."""
    return _root() / video_id.hex[:2] / f"{video_id}.video"


def adopt(part: Path, video_id: UUID) -> None:
    """Make finished upload bytes a video; durable when this returns.

    The part's bytes must have been synced already.
    """
    path = file_of(video_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part.replace(path)
    sync_folder(path.parent)
    sync_folder(path.parent.parent)
    sync_folder(path.parent.parent.parent)


def give_back(video_id: UUID, part: Path) -> None:
    """Undo ``adopt``, so that the upload can be finished again later."""
    with suppress(FileNotFoundError):
        file_of(video_id).replace(part)


def remove(video_id: UUID) -> None:
    """Remove the file of a video; one that is gone already is no error."""
    orphans.erase(file_of(video_id))


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "videos"
