"""A copy of the whole installation, made while it runs, and bringing one back.

While nobody can write, the database is copied and every file of its rows gets a second name
(a hard link) beside the media; that takes seconds. Then the files are copied at leisure: what users
delete meanwhile is deleted at once, and is still in the copy, as its row is.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from webapp.core.files import installation, media
from webapp.core.models import Installation
from webapp.core.safekeeping import snapshots

MANIFEST = "manifest.json"
FORMAT = 1
STAGING = ".backup-{}"
LOCK = ".lock"


class BackupError(Exception):
    """There is no backup, or nothing was restored; the text says why."""


def back_up(target: Path) -> int:
    """Make a backup in an empty folder; returns how many files it has.

    Raises:
        BackupError: The folder is not empty, or the media are not the database's own.
        webapp.core.safekeeping.snapshots.SnapshotError: The database could not be copied.
    """
    if trouble := installation.settle():  # A backup before the first start has its mark, too.
        raise BackupError(f"{trouble} {installation.ADOPT}")
    if target.resolve().is_relative_to(media.root().resolve()):
        raise BackupError("The backup must not lie in the media folder.")
    if target.exists() and any(target.iterdir()):
        raise BackupError(f"{target} is not empty; name a new folder.")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    marks: list[installation.Marker] = []

    def gather() -> None:
        row = Installation.objects.get()
        marks.append(installation.Marker(row.mark, row.turn))
        _link_all(staging)

    with _staging() as staging:
        snapshots.take(target / snapshots.file_name(), gather)
        for path in sorted(staging.rglob("*")):
            if path.is_file() and path.name != LOCK:
                _copy(path, target / "media" / path.relative_to(staging))
    (target / "media").mkdir(mode=0o700, exist_ok=True)
    installation.write_marker(marks[0], target / "media" / installation.marker_path().name)
    for name, key in _keys().items():
        (target / name).write_text(key)
    return _write_manifest(target)


def restore(source: Path) -> int:
    """Fill an empty installation from a backup; returns how many files it had.

    Raises:
        BackupError: It is no whole backup, of another kind of database, or here is something.
        webapp.core.safekeeping.snapshots.SnapshotError: The database could not be filled.
    """
    if any(media.root().iterdir()):
        raise BackupError(f"{media.root()} is not empty; restore only into a new place.")
    if not snapshots.is_empty():
        raise BackupError("The database is not empty; restore only into a new one.")
    manifest = _read_manifest(source)
    copy = source / snapshots.file_name()
    if not copy.is_file():
        raise BackupError(
            f"The backup has no {copy.name}; it was made of another kind of database. "
            "Set ENCORE_DATABASE_URL as it was then."
        )
    for path in sorted((source / "media").rglob("*")):
        if path.is_file():
            _copy(path, media.root() / path.relative_to(source / "media"))
    for name in _keys():
        if (source / name).is_file():  # An older backup has fewer.
            key = Path(settings.DATA_DIR) / name
            key.write_text((source / name).read_text())
            key.chmod(0o600)
    snapshots.put_back(copy)  # Last: until then the folder belongs to no database.
    if trouble := installation.trouble():
        raise BackupError(trouble)
    return len(manifest)


def _keys() -> dict[str, str]:
    """Return the keys of the installation by the names of their files."""
    return {"secret-key": settings.SECRET_KEY, "push-key": settings.PUSH_KEY}


def clear_abandoned() -> int:
    """Remove what killed backups have left, for it may hold what users have deleted since.

    Returns:
        How many there were.
    """
    count = 0
    for staging in media.root().glob(STAGING.format("*")):
        with suppress(FileNotFoundError, BlockingIOError), (staging / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(staging, ignore_errors=True)
            count += 1
    return count


@contextmanager
def _staging() -> Iterator[Path]:
    """Make the folder of second names, locked as long as this process lives."""
    staging = media.root() / STAGING.format(uuid4().hex)
    staging.mkdir(mode=0o700)
    try:
        with (staging / ".new").open("x") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (staging / ".new").rename(staging / LOCK)  # Nobody finds it before it is locked.
            yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _link_all(staging: Path) -> None:
    """Give every file of a row, as it is now, a second name below the staging folder."""
    for kind in media.kinds():
        if kind.is_unfinished:
            continue
        known = {str(pk) for ids in (kind.rows(), kind.spared()) for pk in ids}
        for unit in kind.below(media.root()):
            if media.owner_of(unit) not in known:
                continue
            for path in sorted(unit.rglob("*")) if unit.is_dir() else [unit]:
                if path.is_file() and not path.name.startswith("."):
                    _link(path, staging / path.relative_to(media.root()))


def _link(path: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(path, place)
    except FileNotFoundError:
        return
    except OSError:  # A file system without hard links.
        shutil.copyfile(path, place)


def _copy(path: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy2(path, place)


def _write_manifest(target: Path) -> int:
    """Write down every file with its hash; last, so that a backup without it is not whole."""
    files = {str(path.relative_to(target)): _sha256(path) for path in _files(target)}
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    content = {"format": FORMAT, "encore": settings.VERSION, "made_at": made_at, "files": files}
    (target / MANIFEST).write_text(json.dumps(content, indent=1))
    return len(files)


def _read_manifest(source: Path) -> dict[str, str]:
    """Return the hash of every file of a backup, after looking whether it is whole."""
    try:
        content: dict[str, Any] = json.loads((source / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BackupError(f"{source} is no whole backup: {MANIFEST} cannot be read.") from error
    if content.get("format") != FORMAT:
        raise BackupError("The backup is of another version of Encore.")
    files: dict[str, str] = content["files"]
    there = {str(path.relative_to(source)) for path in _files(source)}
    wrong = [name for name in files if name not in there or _sha256(source / name) != files[name]]
    wrong += sorted(there.difference(files))
    if wrong:
        raise BackupError(f"{len(wrong)} files of the backup are not as written, as {wrong[0]}.")
    return files


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
