"""FER2013 joined with the votes of FERPlus: 35,887 grey faces of 48x48 pixels.

Goodfellow et al. 2013 (arXiv 1307.0414) for the faces and their single labels, Barsoum et al. 2016
(arXiv 1608.01041) for the ten votes a face. The folder holds one sheet of tiles a split and one
table with a row a face.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.emotion.labels import FERPLUS_LABELS, LABELS, PLUS_TO_LABEL
from inference.errors import DatasetError

SIDE = 48
TILES_PER_ROW = 100
SHEETS = {
    "Training": "train.png",
    "PublicTest": "public_test.png",
    "PrivateTest": "private_test.png",
}
VOTE_COLUMNS = (
    *("fp_neutral", "fp_happiness", "fp_surprise", "fp_sadness", "fp_anger"),
    *("fp_disgust", "fp_fear", "fp_contempt", "fp_unknown", "fp_NF"),
)


@dataclass(frozen=True, slots=True, eq=False)
class EmotionSplit:
    """The faces of one official split, in the order of the table.

    Attributes:
        images: ``(N, 48, 48)`` uint8 grey.
        fer: ``(N,)`` int64, FER2013's label as an index into ``LABELS``.
        votes: ``(N, 10)`` float32, votes for the eight classes of FERPlus, then for "unknown" and
            for "no face".
    """

    images: NDArray[np.uint8]
    fer: NDArray[np.int64]
    votes: NDArray[np.float32]

    def __post_init__(self) -> None:
        if not len(self.images) == len(self.fer) == len(self.votes):
            raise ValueError("images, labels and votes must be equally many")

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "EmotionSplit":
        """Return the given rows as a split of their own."""
        return EmotionSplit(self.images[rows], self.fer[rows], self.votes[rows])


def find_folder(directory: Path) -> Path:
    """Return the folder of the data set, given itself or the folder of all data."""
    inner = directory / "emotion" / "fer2013plus"
    return inner if inner.is_dir() else directory


def load_split(directory: Path, name: str) -> EmotionSplit:
    """Read one split.

    Args:
        directory: The folder with ``labels.csv`` and the three sheets.
        name: ``Training``, ``PublicTest`` or ``PrivateTest``.

    Raises:
        DatasetError: A file is missing, cannot be read, or does not fit the table.
    """
    rows = [row for row in _read_table(directory) if row["split"] == name]
    if not rows:
        raise DatasetError(f"{directory / 'labels.csv'} has no rows of split {name}")
    try:
        fer = np.array([int(row["fer_label"]) for row in rows], np.int64)
        votes = np.array([[float(row[c]) for c in VOTE_COLUMNS] for row in rows], np.float32)
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{directory / 'labels.csv'} is damaged: {error}") from error
    if fer.min() < 0 or fer.max() >= len(LABELS):
        raise DatasetError(f"{directory / 'labels.csv'} has labels outside 0 to {len(LABELS) - 1}")
    return EmotionSplit(_read_sheet(directory / SHEETS[name], len(rows)), fer, votes)


def _read_table(directory: Path) -> list[dict[str, str]]:
    if not directory.is_dir():
        raise DatasetError(f"there is no folder {directory}")
    path = directory / "labels.csv"
    if not path.is_file():
        raise DatasetError(f"{directory} has no labels.csv; it is not a FER2013plus folder")
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    if not rows or "split" not in rows[0]:
        raise DatasetError(f"{path} is empty or has no column 'split'")
    return rows


def _read_sheet(path: Path, count: int) -> NDArray[np.uint8]:
    if not path.is_file():
        raise DatasetError(f"there is no sheet {path}")
    try:
        with Image.open(path) as image:
            sheet = np.asarray(image.convert("L"))
    except (OSError, SyntaxError, ValueError) as error:
        raise DatasetError(f"{path} is not a readable picture: {error}") from error
    height, width = sheet.shape
    if width != SIDE * TILES_PER_ROW or height % SIDE or height // SIDE * TILES_PER_ROW < count:
        raise DatasetError(f"{path} is {width}x{height}; {count} tiles of {SIDE} px do not fit it")
    tiles = sheet.reshape(height // SIDE, SIDE, TILES_PER_ROW, SIDE).transpose(0, 2, 1, 3)
    faces: NDArray[np.uint8] = np.ascontiguousarray(tiles.reshape(-1, SIDE, SIDE)[:count])
    return faces


def without_single_votes(votes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Drop votes that only one person gave, as the authors of FERPlus do."""
    kept: NDArray[np.float32] = np.where(votes > 1, votes, 0).astype(np.float32)
    return kept


def vote_distribution(
    votes: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Turn votes into training targets.

    Args:
        votes: ``(N, 10)`` as in ``EmotionSplit``.

    Returns:
        ``(N, 8)`` distributions over the classes of FERPlus, and ``(N,)`` weights: 0 where most
        people saw no face or no known expression, else the share of votes for the eight classes.
    """
    kept = without_single_votes(votes)
    known = kept[:, : len(FERPLUS_LABELS)]
    total = known.sum(1)
    usable = (total > 0) & (kept.argmax(1) < len(FERPLUS_LABELS))
    share = total / np.maximum(kept.sum(1), 1)
    uniform = np.full_like(known, 1 / len(FERPLUS_LABELS))
    distribution = np.where(usable[:, None], known / np.maximum(total, 1)[:, None], uniform)
    return distribution.astype(np.float32), np.where(usable, share, 0).astype(np.float32)


def majority_class(votes: NDArray[np.float32]) -> NDArray[np.int64]:
    """Find the class that more than half of the votes name, by the protocol of FERPlus.

    Returns:
        ``(N,)`` int64 index into ``FERPLUS_LABELS``; -1 where no class has a majority, or where
        the majority saw no face or no known expression.
    """
    kept = without_single_votes(votes)
    top = kept.argmax(1)
    clear = (kept.max(1) > 0.5 * kept.sum(1)) & (top < len(FERPLUS_LABELS))
    chosen: NDArray[np.int64] = np.where(clear, top, -1).astype(np.int64)
    return chosen


def majority_label(votes: NDArray[np.float32]) -> NDArray[np.int64]:
    """Find the majority among the product's seven labels.

    Returns:
        ``(N,)`` int64 index into ``LABELS``; -1 where there is no majority, or it saw contempt.
    """
    column_to_label = np.full(len(FERPLUS_LABELS) + 1, -1, np.int64)
    column_to_label[list(PLUS_TO_LABEL)] = np.arange(len(LABELS))
    return np.asarray(column_to_label[majority_class(votes)], np.int64)


def plurality_class(votes: NDArray[np.float32]) -> NDArray[np.int64]:
    """Find the class with the most votes, majority or not.

    Returns:
        ``(N,)`` int64 index into ``FERPLUS_LABELS``; -1 where most votes went to "unknown" or "no
        face". Of equals the first counts.
    """
    top = votes.argmax(1)
    chosen: NDArray[np.int64] = np.where(top < len(FERPLUS_LABELS), top, -1).astype(np.int64)
    return chosen


def repeated_in(images: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Say which images occur, pixel for pixel, among the others."""
    known = {image.tobytes() for image in others}
    found: Sequence[bool] = [image.tobytes() in known for image in images]
    return np.array(found, np.bool_)
