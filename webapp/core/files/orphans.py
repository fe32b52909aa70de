"""The one room that removes files which no user has asked to remove.

What has no row is moved to ``trash/`` in the media folder, where renaming is enough, beside a note
of why and when. It keeps its path below the day on which it was moved, so it can be put back by
hand, and is put back by the sweep when its row is there again. Only after ``ENCORE_TRASH_DAYS`` on
which Encore ran it is gone. Too many orphans at once are left where they are until a person has
looked.

What a user deletes goes at once, from the trash as well: ``erase``.
"""

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from webapp.core.files import installation, media
from webapp.core.models import Installation

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 50
MOST_SHARE = 0.05
FEW = 5
"""So many may go whatever their share is, or a library of ten photos could never be swept."""
SEEN_ON = ".seen-on"
"""In a day of the trash: the later days on which a sweep came by."""
NO_ROW = "nothing in the database belongs to it"

_said: dict[str, str] = {}
"""The trouble that was logged last, so that each is said once."""


def erase(path: Path) -> bool:
    """Remove a file or folder for good, also what rests of it in the trash; returns whether it is.

    For what a user has asked to delete, and for a process to undo what it has just made.
    """
    relative = path.relative_to(media.root())
    for place in (path, *(day / relative for day in _days())):
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)
    for day in _days():
        _note_of(day / relative).unlink(missing_ok=True)
    return not path.exists()


def retire(path: Path, reason: str) -> bool:
    """Move a file or folder to the trash; returns whether it was there."""
    relative = path.relative_to(media.root())
    now = timezone.now()
    for number in count():  # The same path may have been moved earlier on the same day.
        day = trash() / (f"{now:%Y-%m-%d}" + (f".{number}" if number else ""))
        has_aged = (day / SEEN_ON).exists()  # As when a clock was put back.
        if not has_aged and not (day / relative).exists():
            break
    resting = day / relative
    resting.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    note = _note_of(resting)
    note.write_text(json.dumps({"path": str(relative), "reason": reason, "at": now.isoformat()}))
    try:
        path.rename(resting)
    except FileNotFoundError:
        note.unlink(missing_ok=True)
        return False
    except OSError:
        note.unlink(missing_ok=True)
        raise
    return True


def sweep(*, is_approved: bool = False) -> int:
    """Move orphans to the trash and empty it of what has rested long enough.

    Args:
        is_approved: Whether a person has looked at what is too much to be moved unasked.

    Returns:
        How many files and folders were moved.
    """
    trouble = installation.settle()
    _say_once("pairing", f"Files are left alone: {trouble} {installation.ADOPT}" if trouble else "")
    if trouble:
        return 0
    found = [media.count(kind) for kind in media.kinds()]
    moved = sum(_forget(census) for census in found)
    held = {} if is_approved else _held(found)
    for census in found:
        if census.kind.name not in held:
            moved += _clear(census.kind, census.old_orphans())
    _say_once("held", held_sentence(held))
    _put_back()
    _empty()
    installation.finish_turn(held)
    return moved


def too_many(orphans: int, total: int) -> bool:
    """Whether so many orphans are no accident of a crash, and a person has to look first."""
    return orphans >= MOST_AT_ONCE or (orphans > FEW and orphans > MOST_SHARE * total)


def held_sentence(held: dict[str, list[int]]) -> str:
    """Say which sweeps wait for a person; empty when none does."""
    if not held:
        return ""
    which = ", ".join(f"{count} of {total} {name}" for name, (count, total) in held.items())
    return gettext(
        "Too many files have no row: %(which)s. They are left where they are; manage.py "
        "sweep_orphans shows them, and moves them to the trash with --yes."
    ) % {"which": which}


def waiting_for_approval() -> dict[str, list[int]]:
    """Return what stopped the last sweep: per kind how many orphans, of how many."""
    row = Installation.objects.first()
    return dict(row.held_sweeps) if row else {}


def resting() -> int:
    """Return how many files and folders are in the trash."""
    return sum(1 for day in _days() for _ in day.rglob(".*.json"))


def trash() -> Path:
    """Return the folder in which orphans rest."""
    return media.root() / "trash"


def _forget(census: media.Census) -> int:
    """Remove what a user has asked to be forgotten, however new and however much it is."""
    return sum(erase(path) for path in census.orphans if census.kind.is_forgotten(path))


def _held(found: list[media.Census]) -> dict[str, list[int]]:
    """Return which kinds have to wait: all, once one of them has lost too much at once."""
    rest = {
        census.kind.name: [len(census.old_orphans()), census.total]
        for census in found
        if not census.kind.is_unfinished
    }
    if not any(too_many(orphans, total) for orphans, total in rest.values()):
        return {}
    return {name: counts for name, counts in rest.items() if counts[0]}


def _clear(kind: media.Kind, orphans: list[Path]) -> int:
    moved = 0
    for path in orphans:
        try:
            moved += retire(path, NO_ROW)
        except OSError as error:  # Another file system, for example: better left where it is.
            logger.warning("an orphan among the %s cannot be moved: %s", kind.name, error)
            break
    if moved:
        logger.info("%d orphans among the %s were moved to the trash", moved, kind.name)
    return moved


def _put_back() -> None:
    """Put back what has a row again, as after the database was restored."""
    for kind in media.kinds():
        found = [(day, path) for day in _days() for path in kind.below(day)]
        rows = {str(pk) for pk in kind.rows()} if found else set()
        for day, path in found:
            place = media.root() / path.relative_to(day)
            if media.owner_of(path) not in rows or place.exists():
                continue
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                path.rename(place)
                _note_of(path).unlink(missing_ok=True)
                logger.info("one of the %s has its row again and was put back", kind.name)


def _empty() -> None:
    """Remove what has rested on enough days.

    The days on which a sweep came by are counted, in a note beside what rests: a clock that jumps,
    or a machine that was off for a month, adds one and not many.
    """
    today = timezone.now().date().isoformat()
    for day in _days():
        note = day / SEEN_ON
        seen = set(note.read_text().split()) if note.exists() else set()
        if today in seen or day.name.startswith(today):
            continue
        if len(seen) >= settings.TRASH_DAYS:
            shutil.rmtree(day, ignore_errors=True)
            continue
        with suppress(OSError):  # On a disk that takes nothing more it just rests longer.
            note.write_text("\n".join(sorted(seen | {today})))


def _days() -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from sorted(trash().iterdir())


def _note_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.json")


def _say_once(about: str, sentence: str) -> None:
    if sentence and _said.get(about) != sentence:
        logger.warning("%s", sentence)
    _said[about] = sentence
