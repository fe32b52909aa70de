"""Whether the database and the media folder belong together.

Files are judged by rows, so an empty, another or a restored database beside full media would take
every file for an orphan, and full rows beside an empty folder every photo for lost. Both sides
therefore carry a mark. Where the marks do not agree nothing is removed, no job is done and nothing
is called lost, until the right folder is back or a person adopts this one (``adopt_media``).
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from django.db.models import F
from django.utils.translation import gettext_noop

from webapp.core.files import media
from webapp.core.models import Installation

ADOPT = gettext_noop(
    "manage.py adopt_media shows what would be kept, and adopts the folder with --yes."
)
NEW_DATABASE = gettext_noop("The media folder belongs to another database; this one is new.")
OTHER_DATABASE = gettext_noop("The media folder belongs to another database.")
OLDER_DATABASE = gettext_noop(
    "The database is older than the media folder, as after restoring a backup."
)
NO_MARKER = gettext_noop(
    "The media folder does not carry the mark of this database: it is not mounted, or one of the "
    "two is not the right one."
)
LAST_TURN = 2**62
"""What is higher was not counted, and does not fit in a database."""
UNREADABLE = gettext_noop("The mark of the media folder cannot be read.")


@dataclass(frozen=True, slots=True)
class Marker:
    """What the media folder says about the database that it belongs to."""

    mark: UUID
    turn: int


def marker_path() -> Path:
    """Return the file that marks the media folder."""
    return media.root() / "installation.json"


def read_marker() -> Marker | None:
    """Return what is written in the media folder, or ``None`` when it is not marked.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no marker.
    """
    try:
        written = marker_path().read_text()
    except FileNotFoundError:
        return None
    try:
        content = json.loads(written)
        marker = Marker(UUID(content["installation"]), int(content["turn"]))
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("the marker of the media folder is not one") from error
    if not 0 <= marker.turn <= LAST_TURN:
        raise ValueError("the marker of the media folder is not one")
    return marker


def write_marker(marker: Marker, path: Path | None = None) -> None:
    """Mark the media folder, or write such a file elsewhere; whole or not at all."""
    path = path or marker_path()
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    content = json.dumps({"installation": str(marker.mark), "turn": marker.turn})
    try:
        with part.open("x") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def trouble() -> str:
    """Return why files must not be judged by this database, as a sentence; empty when they may.

    A new installation, on which neither side is marked, is no trouble yet; ``settle`` decides.
    """
    try:
        marker = read_marker()
    except (OSError, ValueError):
        return UNREADABLE
    return _compare(Installation.objects.first(), marker)


def _compare(row: Installation | None, marker: Marker | None) -> str:
    if row is None:
        return NEW_DATABASE if marker else ""
    if marker is None:
        return NO_MARKER
    if marker.mark != row.mark:
        return OTHER_DATABASE
    return OLDER_DATABASE if marker.turn > row.turn else ""


def settle() -> str:
    """Pair the two where that is safe; returns the trouble that is left, as a sentence.

    They are paired by themselves when there is nothing on either side, or when they never were
    and most rows have their file and most files their row, as after the update that brought marks.
    """
    row = Installation.objects.first()
    try:
        marker = read_marker()
    except (OSError, ValueError):
        return UNREADABLE
    if row is not None and marker is not None:
        return _compare(row, marker)
    census = media.count_all()
    is_first = marker is None and (row is None or row.turn == 0)
    is_bare = not any(one.total or one.missing for one in census)
    if is_bare or (is_first and belong_together(census)):
        adopt()
        return ""
    if marker is None and row is None:
        row, _ = Installation.objects.get_or_create(pk=1)
    return _compare(row, marker)


def belong_together(census: Sequence[media.Census]) -> bool:
    """Whether most rows have their file and most files their row; ids never agree by chance."""
    kept = sum(one.kept for one in census)
    files = sum(one.total for one in census)
    rows = kept + sum(len(one.missing) for one in census)
    return 2 * kept > files and 2 * kept > rows


def adopt() -> None:
    """Let the media folder belong to this database from now on.

    The database takes over a mark that it does not have yet, and a higher turn.
    """
    marker = None
    with suppress(OSError, ValueError):
        marker = read_marker()
    fresh = {"mark": marker.mark} if marker else {}
    row, _ = Installation.objects.get_or_create(pk=1, defaults=fresh)
    row.turn = max(row.turn, marker.turn if marker else 0) + 1
    row.save(update_fields=["turn"])
    write_marker(Marker(row.mark, row.turn))


def finish_turn(held_sweeps: dict[str, list[int]]) -> None:
    """Note on both sides that a sweep is over.

    The folder's turn is written last and only grows as far as the database's, so after a crash,
    or with several sweepers, it is never ahead.
    """
    Installation.objects.update(turn=F("turn") + 1, held_sweeps=held_sweeps)
    row = Installation.objects.get()
    write_marker(Marker(row.mark, row.turn))
