"""Grouping faces by likeness."""

import numpy as np
import pytest

from inference.recognition.grouping import (
    ALONE,
    group_faces,
    join_groups,
    middles_of,
    once_per_photo,
)
from inference.types import Embeddings

THRESHOLD = 0.5


def faces_of(person: int, count: int, spread: float = 0.3) -> Embeddings:
    """Return unit rows around one axis."""
    random = np.random.default_rng(person)
    rows = np.eye(32)[person] + spread * random.normal(size=(count, 32)) / np.sqrt(32)
    unit: Embeddings = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def test_each_person_becomes_a_group_of_their_own() -> None:
    rows = np.concatenate([faces_of(person, 6) for person in range(4)])

    labels = group_faces(rows, THRESHOLD).reshape(4, 6)

    assert (labels != ALONE).all()
    assert [len(set(row)) for row in labels.tolist()] == [1, 1, 1, 1]
    assert len(set(labels[:, 0].tolist())) == 4


def test_a_face_like_no_other_stands_alone() -> None:
    rows = np.concatenate([faces_of(0, 6), faces_of(1, 6), faces_of(9, 1)])

    assert group_faces(rows, THRESHOLD)[-1] == ALONE


@pytest.mark.parametrize("count", [2, 4, 40])
def test_faces_of_one_person_alone_in_the_library_are_grouped(count: int) -> None:
    labels = group_faces(faces_of(0, count), THRESHOLD)

    assert (labels != ALONE).mean() > 0.8


def test_two_strangers_are_no_group() -> None:
    assert group_faces(np.eye(32, dtype=np.float32)[:2], THRESHOLD).tolist() == [ALONE, ALONE]


def test_no_faces_are_no_groups() -> None:
    assert group_faces(np.zeros((0, 32), np.float32), THRESHOLD).shape == (0,)


def test_a_new_face_joins_only_whom_it_is_clearly_like() -> None:
    middles = np.eye(32, dtype=np.float32)[:2]
    between = (middles[0] + 0.95 * middles[1]) / np.sqrt(1 + 0.95**2)
    rows = np.stack([faces_of(1, 1)[0], between, faces_of(7, 1)[0]]).astype(np.float32)

    assert join_groups(rows, middles, THRESHOLD).tolist() == [1, ALONE, ALONE]


def test_of_two_faces_of_one_photo_the_likelier_stays() -> None:
    rows = np.concatenate([faces_of(0, 5, spread=0.05), faces_of(0, 6, spread=1.5)[5:]])
    labels = np.zeros(6, np.int64)

    kept = once_per_photo(rows, labels, ["a", "b", "c", "d", "e", "e"])

    assert kept.tolist() == [0, 0, 0, 0, 0, ALONE]


def test_a_middle_is_the_direction_of_the_mean() -> None:
    rows = np.eye(32, dtype=np.float32)[:2]

    assert middles_of(rows, np.zeros(2, np.int64), 1)[0, :2] == pytest.approx([0.5**0.5] * 2)
