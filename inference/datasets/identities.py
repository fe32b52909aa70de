"""Photos whose people are known, and which of them no training may see.

Recognition is judged on K-pop people, so everything that shows them is kept apart by one rule that
training and evaluation share: the groups blackpink and twice, three of ten photos of the bts_group
set, and the people of girlgroup15_crops who belong to those groups.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from inference.errors import DatasetError

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})

HELD_OUT_GROUPS = frozenset({"blackpink", "twice"})
HELD_OUT_CROPS = frozenset({"lisa", "dahyun", "jihyo", "nayeon", "sana", "chaeyong"})
_ONE_NAME = {"chaeyong": "chaeyoung"}
_HELD_OUT_TENTHS = 3


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One face of a known person in a photo.

    Attributes:
        path: The photo.
        person: Name, the same in every set.
        source: Name of the set.
        box: Where the head is with its hair, ``(x1, y1, x2, y2)`` in pixels, or ``None`` where the
            photo shows this person alone.
        is_tight: The picture is cut so close that a detector needs a border around it.
    """

    path: Path
    person: str
    source: str
    box: tuple[float, float, float, float] | None = None
    is_tight: bool = False


def photo_paths(folder: Path) -> list[Path]:
    """Return the photos directly in a folder, by name.

    Raises:
        DatasetError: There is no such folder, or no photo in it.
    """
    if not folder.is_dir():
        raise DatasetError(f"there is no folder {folder}")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)
    if not paths:
        raise DatasetError(f"there is no photo in {folder}")
    return paths


def held_out_kpop(data: Path) -> list[LabelledPhoto]:
    """List the K-pop faces that only evaluation may use."""
    kpop = data / "faces" / "kpop"
    photos: list[LabelledPhoto] = []
    for group in sorted(HELD_OUT_GROUPS):
        photos += _people_folders(kpop / group, group)
    photos += _girlgroup(kpop, HELD_OUT_CROPS.__contains__)
    return photos + _bts(kpop, is_held_out_file)


def all_kpop(data: Path) -> list[LabelledPhoto]:
    """List every K-pop face, for measures that keep whole groups of people apart by themselves."""
    kpop = data / "faces" / "kpop"
    photos: list[LabelledPhoto] = []
    for group in sorted(HELD_OUT_GROUPS):
        photos += _people_folders(kpop / group, group)
    return photos + _girlgroup(kpop, lambda _name: True) + _bts(kpop, lambda _file: True)


def groups_of(photos: Iterable[LabelledPhoto]) -> dict[str, str]:
    """Tell each K-pop person's group, so that a group can be kept apart as a whole.

    Returns:
        Person to group; who is both in a group's own set and in girlgroup15_crops belongs to it.
    """
    groups: dict[str, str] = {}
    for photo in photos:
        if photo.source != "girlgroup15_crops" or photo.person not in groups:
            groups[photo.person] = photo.source
    return groups


def training_identities(data: Path) -> list[LabelledPhoto]:
    """List the faces of known people that training may use."""
    faces = data / "faces"
    kpop = faces / "kpop"
    photos = _girlgroup(kpop, lambda name: name not in HELD_OUT_CROPS)
    photos += _bts(kpop, lambda file: not is_held_out_file(file))
    photos += _people_folders(faces / "glint24_western", "glint24", is_tight=True)
    return photos + [
        LabelledPhoto(path, path.stem.rpartition("_")[0], "lfw_unpaired", is_tight=True)
        for path in photo_paths(faces / "lfw_unpaired")
    ]


def is_held_out_file(name: str) -> bool:
    """Tell whether a bts_group photo belongs to the three tenths kept for evaluation."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 10 < _HELD_OUT_TENTHS


def _people_folders(folder: Path, source: str, *, is_tight: bool = False) -> list[LabelledPhoto]:
    if not folder.is_dir():
        raise DatasetError(f"there is no folder {folder}")
    return [
        LabelledPhoto(path, person.name, source, is_tight=is_tight)
        for person in sorted(folder.iterdir())
        if person.is_dir()
        for path in photo_paths(person)
    ]


def _girlgroup(kpop: Path, wanted: Callable[[str], bool]) -> list[LabelledPhoto]:
    source = "girlgroup15_crops"
    return [
        LabelledPhoto(p.path, _ONE_NAME.get(p.person, p.person), source, is_tight=True)
        for p in _people_folders(kpop / source, source)
        if wanted(p.person)
    ]


def _bts(kpop: Path, wanted: Callable[[str], bool]) -> list[LabelledPhoto]:
    folder = kpop / "bts_group"
    table = folder / "boxes.csv"
    if not table.is_file():
        raise DatasetError(f"there is no table {table}")
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if wanted(row["file"])]
    return [
        LabelledPhoto(folder / "images" / row["file"], row["person"], "bts_group", _box(row))
        for row in rows
    ]


def _box(row: dict[str, str]) -> tuple[float, float, float, float]:
    return (float(row["x1"]), float(row["y1"]), float(row["x2"]), float(row["y2"]))


def group_by_path(photos: Iterable[LabelledPhoto]) -> dict[Path, list[LabelledPhoto]]:
    """Collect the labelled faces of each photo, so that it is read and searched once."""
    grouped: dict[Path, list[LabelledPhoto]] = {}
    for photo in photos:
        grouped.setdefault(photo.path, []).append(photo)
    return grouped
