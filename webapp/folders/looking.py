"""A look into a watched folder: what is new in it is imported, a few seconds at a time.

What was seen is kept in the database, so that nothing is read a second time, whoever was restarted
or killed. A folder that is away is said to be away, and looked for again.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from webapp.core import jobs
from webapp.folders import roots
from webapp.folders.models import SeenFile, WatchedFolder
from webapp.photos.arrival import folders
from webapp.photos.arrival.importing import ImportedPhoto, Outcome, PhotoImporter

SLICE_SECONDS = 5.0
"""So long pictures are copied before other work of the worker has its turn."""
PAUSE_SECONDS = 60.0
"""Between two looks, and at least ``WALKS`` times as long as finding the pictures took."""
WALKS = 20
SOON_SECONDS = 10.0
"""Until the next look where a file is still being written."""
SETTLED_SECONDS = 5.0
"""A file that is older, or as it was at the look before, is taken for finished."""
MOST_PASSED = 50
LIBRARY_REFUSES = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE)
PASSES = (HTTPStatus.CONFLICT, HTTPStatus.LOCKED, None)

NOT_OWNER = gettext_noop("Whoever added this folder does not run this installation any more.")
LIBRARY_FULL = gettext_noop("The library cannot be written to; there may be no room on its disk.")
STILL_WRITTEN = gettext_noop("It is still being written.")


class _StopError(Exception):
    """No further file can be taken; the text says why, for the owner."""


@dataclass(slots=True)
class Look:
    """What one look has found.

    Attributes:
        trouble: Why it could not be done, as a sentence.
        is_whole: Whether nothing was left for the next look.
        is_written: Whether some file is still being written.
        walk_seconds: How long it took to find the pictures.
        place: Where the folder really lay.
    """

    trouble: str = ""
    is_whole: bool = True
    is_written: bool = False
    walk_seconds: float = 0.0
    place: Path = Path()
    contents: folders.Contents = field(default_factory=folders.Contents)

    @property
    def pause_seconds(self) -> float:
        """How long the folder is left alone now."""
        if not self.is_whole and not self.trouble:
            return 0.0
        return SOON_SECONDS if self.is_written else max(PAUSE_SECONDS, WALKS * self.walk_seconds)


def look(claim: jobs.Claim) -> None:
    """Look into a folder once; what is left is done by the next job, after other work."""
    folder = WatchedFolder.objects.select_related("owner", "concert").filter(pk=claim.subject_id)
    watched = folder.first()
    if watched is None or watched.is_paused:
        with jobs.finish(claim):
            return
    found = look_into(watched)
    with jobs.finish(claim):
        _save(watched, found)
        if found.pause_seconds == 0:
            jobs.enqueue(claim.stage, claim.subject_id, claim.owner_id)


def look_into(folder: WatchedFolder, seconds: float = SLICE_SECONDS) -> Look:
    """Import what is new in a folder for so long, and return what was found."""
    found, started = Look(), time.monotonic()
    try:
        place = found.place = _place_of(folder)
        found.contents = _contents_of(place)
        found.walk_seconds = time.monotonic() - started
        until = time.monotonic() + max(seconds, found.walk_seconds)
        _Taking(folder, place, found).take_all(until)
    except (roots.FolderRefusedError, _StopError) as error:
        found.trouble = str(error)
    return found


def _place_of(folder: WatchedFolder) -> Path:
    if not (folder.owner.is_staff and folder.owner.is_active):
        raise roots.FolderRefusedError(NOT_OWNER)
    return roots.real_folder(folder.path)


def _contents_of(place: Path) -> folders.Contents:
    contents = folders.look_through(place, roots.stays_inside)
    if any(one.path == place for one in contents.passed):
        raise roots.FolderRefusedError(roots.NOT_THERE)
    return contents


class _Taking:
    """Takes the new pictures of a folder, each noted as soon as it is taken."""

    def __init__(self, folder: WatchedFolder, place: Path, found: Look) -> None:
        self._folder, self._place, self._found = folder, place, found
        self._importer = PhotoImporter(folder.owner, folder.concert)
        self._seen = {
            key: (stamp, state)
            for key, stamp, state in folder.files.values_list("key", "stamp", "state")
        }

    def take_all(self, until: float) -> None:
        """Take what is new until this moment of the steady clock."""
        present = set()
        for path, key, stamp in self._stamped():
            present.add(key)
            seen_stamp, state = self._seen.get(key, ("", ""))
            if seen_stamp == stamp and state != SeenFile.State.WAITING:
                continue
            if time.monotonic() > until:
                self._found.is_whole = False
                return
            if not _is_wanted(self._folder):
                return
            is_finished = seen_stamp == stamp or _age(path) >= SETTLED_SECONDS
            self._take(path, key, stamp, is_finished=is_finished)
        self._forget_troubles(present)

    def _stamped(self) -> Iterator[tuple[Path, str, str]]:
        for path in self._found.contents.pictures:
            try:
                status = path.stat()
            except OSError:  # It has just gone, or its whole folder, which the next look tells.
                continue
            within = os.fsencode(path.relative_to(self._place))
            key = hashlib.blake2b(within, digest_size=16).hexdigest()
            yield path, key, f"{status.st_mtime_ns} {status.st_size}"

    def _take(self, path: Path, key: str, stamp: str, *, is_finished: bool) -> None:
        if not is_finished:
            self._found.is_written = True
            self._note(path, key, stamp, SeenFile.State.WAITING, STILL_WRITTEN)
        elif roots.stays_inside(path):  # It may have become a link since it was found.
            one = self._import(path)
            self._note(path, key, stamp, _state_of(one), one.reason)

    def _import(self, path: Path) -> ImportedPhoto:
        try:
            one = self._importer.take(path)
        except OSError as error:
            raise _StopError(LIBRARY_FULL) from error
        if one.status in LIBRARY_REFUSES:
            raise _StopError(one.reason)
        return one

    def _note(self, path: Path, key: str, stamp: str, state: SeenFile.State, reason: str) -> None:
        shown = folders.shown(path.relative_to(self._place))
        values = {"stamp": stamp, "state": state, "reason": reason[:300], "shown_path": shown}
        with transaction.atomic():
            if WatchedFolder.objects.select_for_update().filter(pk=self._folder.pk).exists():
                self._folder.files.update_or_create(key=key, defaults=values)

    def _forget_troubles(self, present: set[str]) -> None:
        """Forget pictures that waited or were refused and do not lie here any more."""
        good = (SeenFile.State.STORED, SeenFile.State.KNOWN)
        gone = [key for key, (_, state) in self._seen.items() if state not in good]
        for start in range(0, len(gone), 500):
            keys = set(gone[start : start + 500]) - present
            self._folder.files.filter(key__in=keys).delete()


def _is_wanted(folder: WatchedFolder) -> bool:
    """Whether nobody has paused or removed the folder meanwhile."""
    return WatchedFolder.objects.filter(pk=folder.pk, is_paused=False).exists()


def _age(path: Path) -> float:
    """Return for how many seconds a file has not changed, by the clock of whoever keeps it."""
    try:
        status = path.stat()
    except OSError:
        return 0.0
    return time.time() - max(status.st_mtime, status.st_ctime)


def _state_of(one: ImportedPhoto) -> SeenFile.State:
    if one.outcome != Outcome.REFUSED:
        return SeenFile.State(one.outcome.value)
    return SeenFile.State.WAITING if one.status in PASSES else SeenFile.State.REFUSED


def _save(folder: WatchedFolder, found: Look) -> None:
    now = timezone.now()
    fresh: dict[str, object] = {
        "trouble": found.trouble[:300],
        "is_behind": not found.is_whole,
        "next_look_at": now + timedelta(seconds=found.pause_seconds),
    }
    if not found.trouble:
        passed = found.contents.passed
        fresh |= {
            "looked_at": now,
            "picture_count": len(found.contents.pictures),
            "passed_count": len(passed),
            "passed": [
                [folders.shown(one.path.relative_to(found.place)), one.reason]
                for one in passed[:MOST_PASSED]
            ],
        }
    WatchedFolder.objects.filter(pk=folder.pk).update(**fresh)
