"""The kinds of files in the media folder, and how the files of each agree with their rows.

Apps register their kinds in ``AppConfig.ready``; core knows none of them by name.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

YOUNG_SECONDS = 3600
"""For this long a file without a row may be on its way, and half a file be written."""


def _nobody() -> Iterable[object]:
    return ()


def _never(_path: Path) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Kind:
    """Files or folders that stand for one row each, or unfinished ones that stand for none.

    What is called ``<id>`` or ``<id>.<anything>`` belongs to the row of that id.

    Attributes:
        name: In the plural, for people.
        pattern: Finds them below the media folder.
        rows: Returns the ids whose file has to be there.
        spared: Returns further ids whose file may be there.
        is_unfinished: Whether no row ever had it, so that any number of it may be cleared away.
        young_seconds: How old an orphan has to be.
        is_forgotten: Whether a user has asked for everything of this kind to go, so that an orphan
            may not even rest.
    """

    name: str
    pattern: str
    rows: Callable[[], Iterable[object]] = _nobody
    spared: Callable[[], Iterable[object]] = _nobody
    is_unfinished: bool = False
    young_seconds: float = YOUNG_SECONDS
    is_forgotten: Callable[[Path], bool] = _never

    def below(self, folder: Path) -> list[Path]:
        """Return what is there of this kind below a folder that is laid out like the media."""
        return sorted(folder.glob(self.pattern))


@dataclass(frozen=True, slots=True)
class Census:
    """How rows and files of one kind agree.

    Attributes:
        kept: How many files have a row.
        orphans: Those that have none, whatever their age.
        missing: Ids of rows without their file.
    """

    kind: Kind
    kept: int
    orphans: list[Path]
    missing: list[str]

    @property
    def total(self) -> int:
        """How many files there are."""
        return self.kept + len(self.orphans)

    def old_orphans(self) -> list[Path]:
        """Return the orphans that are no longer on their way."""
        before = time.time() - self.kind.young_seconds
        found = []
        for path in self.orphans:
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    found.append(path)
        return found


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Add kinds; one of the same name is replaced."""
    _kinds.update({kind.name: kind for kind in kinds})


def kinds() -> tuple[Kind, ...]:
    """Return all kinds, in the order of registration."""
    return tuple(_kinds.values())


def root() -> Path:
    """Return the media folder."""
    return Path(settings.MEDIA_ROOT)


def owner_of(path: Path) -> str:
    """Return the id of the row that a file or folder stands for; empty for an unfinished one."""
    return path.name.partition(".")[0]


def count(kind: Kind) -> Census:
    """Compare files and rows.

    The files are listed before the rows are read, so what is being made meanwhile is no orphan.
    """
    files = kind.below(root())
    rows = {str(pk) for pk in kind.rows()}
    known = rows.union(str(pk) for pk in kind.spared())
    orphans = [path for path in files if owner_of(path) not in known]
    missing = sorted(rows.difference(owner_of(path) for path in files))
    return Census(kind, len(files) - len(orphans), orphans, missing)


def count_all() -> list[Census]:
    """Compare files and rows of every kind that has rows."""
    return [count(kind) for kind in kinds() if not kind.is_unfinished]
