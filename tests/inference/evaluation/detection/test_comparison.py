"""Counting what a detector found, missed and invented."""

import json
from pathlib import Path

import numpy as np
import pytest

from inference.errors import DatasetError
from inference.evaluation.detection.comparison import (
    PlainMtcnn,
    count,
    landmark_error_at_edges,
    match,
    read_annotated,
)
from inference.types import BoxArray, Face, RGBImage

IMAGE = np.zeros((200, 300, 3), dtype=np.uint8)


def _face(x: float, y: float, side: float = 40) -> Face:
    points = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
    return Face((x, y, x + side, y + side), 0.99, points * side + np.array([x, y], np.float32))


def _boxes(*faces: Face) -> BoxArray:
    return np.array([face.box for face in faces], dtype=np.float32).reshape(-1, 4)


class Fixed:
    """Always sees the same faces."""

    def __init__(self, *faces: Face) -> None:
        self._faces = list(faces)

    def detect(self, image: RGBImage) -> list[Face]:
        return self._faces


@pytest.mark.parametrize(
    ("faces", "annotated", "found", "left"),
    [
        pytest.param([_face(0, 0)], [_face(2, 2)], [True], 0, id="found"),
        pytest.param([_face(100, 0)], [_face(0, 0)], [False], 1, id="elsewhere"),
        pytest.param([], [_face(0, 0)], [False], 0, id="nothing detected"),
        pytest.param([_face(0, 0)], [], [], 1, id="nobody there"),
        pytest.param([_face(0, 0), _face(3, 0)], [_face(0, 0)], [True], 1, id="found twice"),
        pytest.param([_face(0, 0)], [_face(0, 0), _face(4, 0)], [True, False], 0, id="one for two"),
    ],
)
def test_a_detected_face_counts_for_one_annotated_face(
    faces: list[Face], annotated: list[Face], found: list[bool], left: int
) -> None:
    hits, over = match(faces, _boxes(*annotated))
    assert (hits.tolist(), over) == (found, left)


def test_tiny_annotated_faces_neither_help_nor_hurt() -> None:
    annotated = _boxes(_face(0, 0), _face(100, 0, side=12), _face(200, 0, side=12))
    counted = count(Fixed(_face(0, 0), _face(100, 0, side=12)), [(IMAGE, annotated)])
    assert (counted.found, counted.annotated, counted.false) == (1, 1, 0)
    assert (counted.recall, counted.precision) == (1, 1)


def test_invented_faces_lower_the_precision() -> None:
    counted = count(Fixed(_face(0, 0), _face(100, 100)), [(IMAGE, _boxes(_face(0, 0)))])
    assert (counted.recall, counted.precision) == (1, 0.5)


class Shifting:
    """Sees a face where it is, but 4 pixels too low once the photo is cut."""

    def detect(self, image: RGBImage) -> list[Face]:
        cut = 300 - image.shape[1]
        return [_face(100 - cut, 50 + (4 if cut else 0))]


def test_errors_at_the_edge_are_parts_of_the_face() -> None:
    found, error = landmark_error_at_edges(Shifting(), Shifting(), [(IMAGE, _boxes())], 0.3)
    assert (found, error) == (1, pytest.approx(0.1, abs=1e-3))


def test_annotations_are_needed(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no annotations\.json"):
        read_annotated(tmp_path)


def test_an_annotated_photo_that_is_missing_is_named(tmp_path: Path) -> None:
    entry = {"file": "gone.jpg", "faces": [{"box": [1, 2, 3, 4]}]}
    (tmp_path / "annotations.json").write_text(json.dumps([entry]), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"gone\.jpg"):
        read_annotated(tmp_path)


@pytest.mark.weights
def test_the_plain_pipeline_survives_a_blank_photo() -> None:
    assert PlainMtcnn().detect(IMAGE) == []


@pytest.mark.weights
@pytest.mark.slow
def test_mtcnn_finds_the_annotated_faces(shared_data: Path) -> None:
    from inference.detection import load_detector

    photos = read_annotated(shared_data / "faces" / "detection_dlib")
    counted = count(load_detector("mtcnn"), photos)
    assert counted.recall >= 0.95
    assert counted.precision >= 0.97
