"""The measure of a second opinion asks about nobody it has learnt from."""

import numpy as np
import pytest

from inference.evaluation.naming import second_opinion
from inference.evaluation.naming.people_disjoint import KnownFaces
from inference.evaluation.naming.second_opinion import BAR, measure
from inference.recognition.postprocessing import Part

DIMENSIONS = 24


@pytest.fixture
def faces() -> KnownFaces:
    """Two groups of four people with twelve photos each, every person along an axis."""
    draw = np.random.default_rng(1)
    rows, people, groups = [], [], []
    for group in range(2):
        for member in range(4):
            axis = 4 * group + member
            mine = draw.normal(0, 0.06, (12, DIMENSIONS))
            mine[:, axis] += 1.0
            rows.append(mine / np.linalg.norm(mine, axis=1, keepdims=True))
            people += [f"person {axis}"] * 12
            groups += [f"group {group}"] * 12
    return KnownFaces(
        np.concatenate(rows).astype(np.float32),
        np.array(people),
        np.array(groups),
        (Part(DIMENSIONS, 1.0),),
        {},
    )


def test_people_far_apart_are_named_right_and_no_second_opinion_is_needed(
    faces: KnownFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_opinion, "DRAWS", 3)
    found = measure(faces, "group 0", 5, faces.statistics(["group 1"]), 0.5)
    assert found.shares[0.0] == (1.0, 0.0, 0.0)
    assert found.shares[BAR][0] > 0.9
    assert found.used == 0.0
    assert found.best == (1.0, 1.0)


def test_a_threshold_that_lets_strangers_through_shows_in_their_share(
    faces: KnownFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_opinion, "DRAWS", 3)
    found = measure(faces, "group 0", 5, faces.statistics(["group 1"]), -1.0)
    assert found.shares[0.0][2] == 1.0
    assert found.shares[BAR][2] < 1.0, "some of them the second opinion does not take for members"
