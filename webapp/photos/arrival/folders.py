"""Which files of a folder are meant: one answer for the browser, the import and ``analyse``.

What systems leave in folders (previews, halves of files, bins) is nobody's photo, however much it
looks like one. What is passed over is named, so that nothing is missing without a word.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext_noop

from webapp.core.words.names import folded
from webapp.vision.sandbox import photos as photo_files

PICTURE_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".heic", ".heif", ".hif",
)  # fmt: skip
"""As names end that a photo may have; without an ending the content decides."""

MACHINE_NAMES = (
    "@eaDir", "@Recycle", "@tmp", "#recycle", "#snapshot", "$RECYCLE.BIN", "__MACOSX",
    "System Volume Information", "RECYCLER", "lost+found", "Thumbs.db", "ehthumbs.db",
    "desktop.ini",
)  # fmt: skip
"""Folders and files that systems make; so is everything whose name begins with a dot."""

MACHINE_MADE = gettext_noop("made by the system, not by you")
NO_PHOTO = gettext_noop("not a JPEG, PNG, WebP or HEIC file")
NO_FILE = gettext_noop("could not be read")
SEEN = gettext_noop("a folder that was looked through already")
LEADS_OUT = gettext_noop("a link that leads out of the allowed folders")

_MACHINE_NAMES = frozenset(folded(name) for name in MACHINE_NAMES)


@dataclass(frozen=True, slots=True, order=True)
class PassedOver:
    """A file or a whole folder that was not looked at.

    Attributes:
        path: As it was found.
        reason: A few words that follow the name.
    """

    path: Path
    reason: str


@dataclass(slots=True)
class Contents:
    """What was found below a folder, each list in the order of its paths."""

    pictures: list[Path] = field(default_factory=list)
    passed: list[PassedOver] = field(default_factory=list)


def is_machine_made(name: str) -> bool:
    """Whether a file or folder of this name was made by a system and not by a person."""
    return name.startswith(".") or folded(name) in _MACHINE_NAMES


def for_browser() -> dict[str, list[str]]:
    """Return what the scripts of upload pages must know to answer the same."""
    return {"suffixes": list(PICTURE_SUFFIXES), "machineNames": sorted(_MACHINE_NAMES)}


def look_through(folder: Path, may_follow: Callable[[Path], bool] | None = None) -> Contents:
    """Find the pictures of a folder and of those in it; linked folders are followed once.

    Args:
        folder: Its own name does not matter: somebody has chosen it.
        may_follow: Asked of each link to a file or folder; without it all are followed.
    """
    contents, seen = Contents(), set[tuple[int, int]]()
    waiting = deque([folder])
    while waiting:
        inner = waiting.popleft()
        try:
            status, entries = inner.stat(), list(inner.iterdir())
        except OSError:
            contents.passed.append(PassedOver(inner, NO_FILE))
            continue
        place = (status.st_dev, status.st_ino)
        if place in seen:
            contents.passed.append(PassedOver(inner, SEEN))
            continue
        seen.add(place)
        # Links come last, so that what can be reached twice is found where it lies.
        inside = _sort_in(entries, contents, may_follow)
        waiting.extendleft(path for path in inside if not path.is_symlink())
        waiting.extend(path for path in inside if path.is_symlink())
    contents.pictures.sort()
    contents.passed.sort()
    return contents


def _sort_in(
    entries: Iterable[Path], contents: Contents, may_follow: Callable[[Path], bool] | None
) -> list[Path]:
    """Add the files to what was found; returns the folders that are to be looked through."""
    inside = []
    for path in entries:
        if is_machine_made(path.name):
            contents.passed.append(PassedOver(path, MACHINE_MADE))
        elif may_follow is not None and path.is_symlink() and not may_follow(path):
            contents.passed.append(PassedOver(path, LEADS_OUT))
        elif path.is_dir():
            inside.append(path)
        elif reason := _reason_against(path):
            contents.passed.append(PassedOver(path, reason))
        else:
            contents.pictures.append(path)
    return inside


def _reason_against(path: Path) -> str:
    """Return why a file is not taken, empty where it is."""
    if not path.is_file():  # Also a link to nowhere, and what only looks like a file.
        return NO_FILE
    if path.suffix:
        return "" if path.suffix.lower() in PICTURE_SUFFIXES else NO_PHOTO
    try:
        photo_files.check_header(path)
    except photo_files.UnreadablePhotoError:
        return NO_PHOTO
    except OSError:
        return NO_FILE
    return ""


def shown(path: Path) -> str:
    """Return a path as text; letters that this system cannot write are marked."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def in_words(passed: Iterable[PassedOver], below: Path | None = None) -> Iterator[str]:
    """Yield one line for each thing that was passed over, and before them how many there are."""
    listed = list(passed)
    if listed:
        yield f"passed over {len(listed)} {'entry' if len(listed) == 1 else 'entries'}:"
    for one in listed:
        yield f"  {shown(one.path.relative_to(below) if below else one.path)}: {one.reason}"
