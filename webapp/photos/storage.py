"""Where the files of photos live, and how they get there without ever being half there.

A photo has one folder, named by its id; nothing a user writes becomes part of a path. A file is
written under another name, synced and renamed, so a reader sees all of it or nothing.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from webapp.core.files import orphans
from webapp.core.files.durable import sync_folder


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """The files of one photo. Which of them exist depends on how far it has come.

    Attributes:
        original: As uploaded, any format; leaves the site only as attachment.
        full: Upright sRGB JPEG of full size without metadata; what the vision stages read.
        display: At most 2,048 pixels on the long side.
        thumb: At most 512 pixels on the long side.
        alpha: Soft person mask of the size of ``full``, 8-bit grey PNG.
        portrait: ``full`` with its background blurred; ``portrait_display`` likewise.
        masks: Small masks of everybody and of each person, one below the other, to choose by.
        hidden: ``display`` with everybody hidden who is not named; ``hidden_thumb`` likewise.
    """

    folder: Path

    @property
    def original(self) -> Path:
        """The uploaded file."""
        return self.folder / "original"

    @property
    def full(self) -> Path:
        """The upright photo."""
        return self.folder / "full.jpg"

    @property
    def display(self) -> Path:
        """The photo for a screen."""
        return self.folder / "display.jpg"

    @property
    def thumb(self) -> Path:
        """The photo for a grid."""
        return self.folder / "thumb.jpg"

    @property
    def alpha(self) -> Path:
        """The person mask."""
        return self.folder / "alpha.png"

    @property
    def portrait(self) -> Path:
        """The portrait version."""
        return self.folder / "portrait.jpg"

    @property
    def portrait_display(self) -> Path:
        """The portrait version for a screen."""
        return self.folder / "portrait-display.jpg"

    @property
    def masks(self) -> Path:
        """The masks of people to choose by."""
        return self.folder / "masks.png"

    @property
    def hidden(self) -> Path:
        """The photo for a screen in which only the named are recognised."""
        return self.folder / "hidden.jpg"

    @property
    def hidden_thumb(self) -> Path:
        """The photo for a grid in which only the named are recognised."""
        return self.folder / "hidden-thumb.jpg"


def files_of(photo_id: UUID) -> PhotoFiles:
    """Return where the files of a photo are, whether they exist or not."""
    return PhotoFiles(_photos_root() / photo_id.hex[:2] / str(photo_id))


def adopt(part: Path, photo_id: UUID) -> None:
    """Make finished upload bytes the original of a photo; durable when this returns.

    The part's bytes must have been synced already.
    """
    files = files_of(photo_id)
    is_new_shelf = not files.folder.parent.exists()
    files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part.replace(files.original)
    sync_folder(files.folder)
    sync_folder(files.folder.parent)
    if is_new_shelf:
        sync_folder(files.folder.parent.parent)


def give_back(photo_id: UUID, part: Path) -> None:
    """Undo ``adopt``, so that the upload can be finished again later."""
    with suppress(FileNotFoundError):
        files_of(photo_id).original.replace(part)
    remove_photo(photo_id)


def remove_photo(photo_id: UUID) -> bool:
    """Remove every file of a photo; returns whether the folder is gone.

    A worker that is just writing there may put a file back; the next try finds it.
    """
    return orphans.erase(files_of(photo_id).folder)


def _photos_root() -> Path:
    return Path(settings.MEDIA_ROOT) / "photos"
