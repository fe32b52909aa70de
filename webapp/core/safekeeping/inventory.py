"""Every file that the rows say there is, one by one, for looking whether all are there and whole.

Apps register in ``AppConfig.ready`` what they keep; ``media`` knows files by the folder, this
module knows them by the row.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from webapp.core.files import media

Problem = Literal["missing", "changed", "unreadable", "orphaned", "missing derivative"]


@dataclass(frozen=True, slots=True)
class Holding:
    """One file of one row.

    Attributes:
        sha256: What it has to be; empty where that is not known.
        is_derived: Whether it can be made again from another file.
    """

    row_id: UUID
    path: Path
    sha256: str = ""
    is_derived: bool = False


@dataclass(frozen=True, slots=True)
class Inventory:
    """The files of one kind.

    Attributes:
        holdings: Returns every file that has to be there.
        remake: Queues the making of the derived files of one row.
    """

    name: str
    holdings: Callable[[], Iterable[Holding]]
    remake: Callable[[UUID], object] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with one file."""

    problem: Problem
    kind: str
    path: Path
    row_id: UUID | None = None


_inventories: dict[str, Inventory] = {}


def register(*inventories: Inventory) -> None:
    """Add inventories; one of the same name is replaced."""
    _inventories.update({one.name: one for one in inventories})


def check() -> Iterator[Finding]:
    """Read every file and yield what is wrong, kind by kind; takes as long as reading the disk."""
    for inventory in _inventories.values():
        for holding in inventory.holdings():
            problem = _problem_of(holding)
            if problem:
                yield Finding(problem, inventory.name, holding.path, holding.row_id)
    for census in media.count_all():
        for path in census.old_orphans():
            yield Finding("orphaned", census.kind.name, path)


def _problem_of(holding: Holding) -> Problem | None:
    try:
        with holding.path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return "missing derivative" if holding.is_derived else "missing"
    except OSError:
        return "unreadable"
    return "changed" if holding.sha256 not in ("", found) else None


def repair(findings: Iterable[Finding]) -> int:
    """Queue the making of derivatives that are missing; returns of how many rows.

    A row whose own file is missing or wrong is left alone: nothing good can be made of it.
    """
    findings = list(findings)
    spoilt = {one.row_id for one in findings if one.problem in ("missing", "changed", "unreadable")}
    wanted = {
        (one.kind, one.row_id)
        for one in findings
        if one.problem == "missing derivative" and one.row_id not in spoilt
    }
    for kind, row_id in wanted:
        remake = _inventories[kind].remake
        if remake is not None and row_id is not None:
            remake(row_id)
    return len(wanted)
