"""Pictures that a small network can learn in seconds, in the layout of FER2013plus."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.datasets.fer2013plus import (
    SHEETS,
    SIDE,
    TILES_PER_ROW,
    VOTE_COLUMNS,
    EmotionSplit,
)
from inference.emotion.labels import FERPLUS_LABELS, LABELS


def generated_split(count: int, seed: int) -> EmotionSplit:
    """Noise with one bright bar; its height tells the label, for both labelings alike."""
    generator = np.random.default_rng(seed)
    fer = np.arange(count) % len(LABELS)
    images = generator.integers(0, 90, (count, 48, 48)).astype(np.uint8)
    votes = np.zeros((count, 10), np.float32)
    for image, row, label in zip(images, votes, fer, strict=True):
        top = 3 + int(label) * 6
        image[top : top + 5] += 120
        row[FERPLUS_LABELS.index(LABELS[label])] = 8
        row[(FERPLUS_LABELS.index(LABELS[label]) + 1) % 8] = 2
    return EmotionSplit(images, fer.astype(np.int64), votes)


def write_generated_data(directory: Path, training: int = 200) -> Path:
    """Write all three splits and return the folder."""
    splits = {
        "Training": generated_split(training, 1),
        "PublicTest": generated_split(42, 2),
        "PrivateTest": generated_split(42, 3),
    }
    write_split_files(directory, splits)
    return directory


def write_split_files(directory: Path, splits: dict[str, EmotionSplit]) -> None:
    """Write splits in the layout that ``load_split`` reads."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["index", "split", "fer_label", *VOTE_COLUMNS])
        index = 0
        for name, split in splits.items():
            for label, votes in zip(split.fer, split.votes, strict=True):
                writer.writerow([index, name, int(label), *(int(v) for v in votes)])
                index += 1
            Image.fromarray(_sheet(split.images)).save(directory / SHEETS[name])


def _sheet(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows = -(-len(images) // TILES_PER_ROW)
    tiles = np.zeros((rows * TILES_PER_ROW, SIDE, SIDE), np.uint8)
    tiles[: len(images)] = images
    grid = tiles.reshape(rows, TILES_PER_ROW, SIDE, SIDE).transpose(0, 2, 1, 3)
    sheet: NDArray[np.uint8] = grid.reshape(rows * SIDE, TILES_PER_ROW * SIDE)
    return sheet
