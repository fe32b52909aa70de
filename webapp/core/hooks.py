"""Where apps above core add to what core does, without core knowing them."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from webapp.core.sections import Section


class Duty(NamedTuple):
    """What the upkeep does again and again.

    Attributes:
        pause: Seconds between two turns.
        judges_media: Whether it removes files, or says that they are lost; it then rests while
            the media folder is not the database's own.
    """

    pause: float
    run: Callable[[], object]
    judges_media: bool = False


class Merger(Protocol):
    """Moves what one app knows of a person to another one, and back.

    Attributes:
        name: Under which what it moved is kept.
    """

    name: str

    def merge(self, source_id: UUID, target_id: UUID) -> object:
        """Move all of the source to the target; returns, as JSON, what it takes to go back."""
        ...

    def part(self, source_id: UUID, target_id: UUID, moved: Any) -> None:
        """Give back to the source what was moved and is still there."""
        ...


_greeters: list[Callable[[str], list[str]]] = []
_reports: list[Callable[[], Section]] = []
_erasers: list[Callable[[int], object]] = []
_mergers: dict[str, Merger] = {}
_movers: list[Callable[[int, str], object]] = []
_duties: list[Duty] = []
_worker_duties: list[tuple[float, Callable[[], object]]] = []


def greet_with(greeter: Callable[[str], list[str]]) -> None:
    """Add lines to what ``manage.py up`` prints; the greeter gets the site's address."""
    if greeter not in _greeters:
        _greeters.append(greeter)


def first_start_lines(url: str) -> list[str]:
    """Return the lines of all greeters."""
    return [line for greeter in _greeters for line in greeter(url)]


def report_with(report: Callable[[], Section]) -> None:
    """Add a section to the health page; it must not take longer than a second."""
    if report not in _reports:
        _reports.append(report)


def reports() -> list[Callable[[], Section]]:
    """Return the sections that were added."""
    return list(_reports)


def forget_faces_with(eraser: Callable[[int], object]) -> None:
    """Add what deletes a user's embeddings and names; the eraser gets the user's id."""
    if eraser not in _erasers:
        _erasers.append(eraser)


def forget_faces(user_id: int) -> None:
    """Delete everything by which this user's photos name faces; cannot be taken back."""
    for eraser in _erasers:
        eraser(user_id)


def merge_people_with(merger: Merger) -> None:
    """Add what moves from one person to another when two are merged."""
    _mergers[merger.name] = merger


def people_merged(source_id: UUID, target_id: UUID) -> dict[str, object]:
    """Move to the target what is left of the source, which goes next; within its transaction.

    Returns:
        What was moved, to be handed to ``people_parted``.
    """
    return {name: merger.merge(source_id, target_id) for name, merger in _mergers.items()}


def people_parted(source_id: UUID, target_id: UUID, moved: dict[str, Any]) -> None:
    """Undo ``people_merged``, as far as what was moved is still there."""
    for name, merger in _mergers.items():
        if name in moved:
            merger.part(source_id, target_id, moved[name])


def set_zone_with(mover: Callable[[int, str], object]) -> None:
    """Add who stores where a user lives; the mover gets the user's id and the zone's name."""
    if mover not in _movers:
        _movers.append(mover)


def user_moved(user_id: int, zone: str) -> None:
    """Say that a user lives in this zone from now on."""
    for mover in _movers:
        mover(user_id, zone)


def do_every(seconds: float, run: Callable[[], object], *, judges_media: bool = False) -> None:
    """Add a duty to the upkeep; it must be short and harmless to repeat."""
    duty = Duty(seconds, run, judges_media)
    if duty not in _duties:
        _duties.append(duty)


def duties() -> list[Duty]:
    """Return the duties that were added."""
    return list(_duties)


def do_in_workers_every(seconds: float, duty: Callable[[], object]) -> None:
    """Add a duty of each process that does jobs, done beside them; short, harmless to repeat."""
    if (seconds, duty) not in _worker_duties:
        _worker_duties.append((seconds, duty))


def worker_duties() -> list[tuple[float, Callable[[], object]]]:
    """Return the duties of workers, each with its pause in seconds."""
    return list(_worker_duties)
