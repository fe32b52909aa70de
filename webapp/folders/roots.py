"""Which folders may be watched: only those below the roots that the installation names.

Links and ``..`` are followed before anything is compared, and again at each look: what was a folder
yesterday may be a link to elsewhere today.
"""

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_noop

from webapp.photos.arrival.folders import is_machine_made

SUGGESTED_DEPTH = 2
MOST_SUGGESTED = 200

NOT_THERE = gettext_noop("There is no such folder on this server, or it cannot be read.")
OUTSIDE = gettext_noop("This folder lies outside of those that ENCORE_IMPORT_ROOTS allows.")
OWN_FILES = gettext_noop("Encore keeps its own files there.")


class FolderRefusedError(Exception):
    """A folder may not be watched, or not now. The text is a sentence in English."""


def real_roots() -> list[Path]:
    """Return where the allowed folders really lie; one that is not there allows nothing."""
    found = []
    for root in settings.IMPORT_ROOTS:
        try:
            found.append(root.resolve(strict=True))
        except (OSError, RuntimeError):
            continue
    return found


def is_allowed(real: Path) -> bool:
    """Whether a path without links lies in one of the allowed folders."""
    return any(real.is_relative_to(root) for root in real_roots())


def stays_inside(path: Path) -> bool:
    """Whether a link leads to something that is allowed; one that leads nowhere does no harm."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return True
    return is_allowed(real)


def real_folder(path: str) -> Path:
    """Return where a folder really lies.

    What lies outside of the roots is refused in the same words whether it is there or not.

    Raises:
        FolderRefusedError: It is not there, lies elsewhere, or holds Encore's own files.
    """
    try:
        real = Path(path).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # A circle of links, or no path at all.
        raise FolderRefusedError(NOT_THERE) from error
    if not is_allowed(real):
        raise FolderRefusedError(OUTSIDE)
    if not real.is_dir():
        raise FolderRefusedError(NOT_THERE)
    own = Path(settings.DATA_DIR).resolve(), Path(settings.MEDIA_ROOT).resolve()
    if any(real.is_relative_to(one) or one.is_relative_to(real) for one in own):
        raise FolderRefusedError(OWN_FILES)
    return real


def suggestions() -> list[str]:
    """Return the allowed folders and some of those in them, to choose from."""
    found: list[str] = []
    level = [root for root in settings.IMPORT_ROOTS if root.is_dir()]
    for _ in range(SUGGESTED_DEPTH + 1):
        found += [str(folder) for folder in level if str(folder).isprintable()]
        if len(found) >= MOST_SUGGESTED:
            break
        level = [inner for folder in level for inner in _inside(folder)]
    return found[:MOST_SUGGESTED]


def _inside(folder: Path) -> list[Path]:
    try:
        inner = [one for one in folder.iterdir() if one.is_dir() and not one.is_symlink()]
    except OSError:
        return []
    return sorted(one for one in inner if not is_machine_made(one.name))
