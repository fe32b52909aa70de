"""Faces made of numbers, for trackers."""

import numpy as np

from inference.types import Embedding, Face

LANDMARKS = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])


def face(x: float, y: float = 100.0, side: float = 60.0, score: float = 0.99) -> Face:
    """Return a square face with its centre at a place."""
    corner = np.array([x - side / 2, y - side / 2])
    landmarks = (corner + LANDMARKS * side).astype(np.float32)
    return Face((*corner.tolist(), *(corner + side).tolist()), score, landmarks)


def person(index: int, noise: float = 0.0, seed: int = 0) -> Embedding:
    """Return the embedding of one of a few people, all orthogonal without noise."""
    row = np.zeros(16, dtype=np.float32)
    row[index] = 1.0
    row += noise * np.random.default_rng(seed).normal(size=16).astype(np.float32)
    unit: Embedding = row / np.linalg.norm(row)
    return unit
