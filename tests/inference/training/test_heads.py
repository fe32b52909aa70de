import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.datasets.person_masks import load_heads, load_mask_sets
from inference.errors import DatasetError
from inference.training.heads import CROWD_SIDE, find_heads, load_crowds
from inference.types import Face, RGBImage


class OneSureFace:
    """A detector that is sure of one face and not of another."""

    def detect(self, image: RGBImage) -> list[Face]:
        marks = np.zeros((5, 2), np.float32)
        return [Face((10, 12, 30, 36), 0.99, marks), Face((50, 50, 60, 60), 0.5, marks)]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for kind, pixel in (("images", 90), ("masks", 255)):
        (tmp_path / "people" / kind).mkdir(parents=True)
        for name in range(12):
            path = tmp_path / "people" / kind / f"{name}.{'png' if kind == 'masks' else 'jpg'}"
            cv2.imwrite(str(path), np.full((120, 80, 3), pixel, np.uint8))
    return tmp_path


def test_sure_heads_shrink_with_their_photos(photos: Path, tmp_path: Path) -> None:
    heads = find_heads(photos, OneSureFace())
    stored = tmp_path / "heads.json"
    stored.write_text(json.dumps(heads))

    (people,) = load_mask_sets(photos, longest_side=60, heads=load_heads(stored))

    assert {photo.heads for photo in people.training} == {((5.0, 6.0, 15.0, 18.0),)}
    assert people.training[0].image.shape == (60, 40, 3)


@pytest.mark.parametrize("content", ["", "[]", '{"a/1": [[1, 2, 3]]}', '{"a/1": "no"}'])
def test_a_file_that_holds_no_heads_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "heads.json"
    path.write_text(content)

    with pytest.raises(DatasetError, match="holds no heads"):
        load_heads(path)


def test_crowds_are_read_small_and_what_is_no_photo_is_passed_over(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "crowd.jpg"), np.full((600, 1200, 3), 90, np.uint8))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("nothing")

    (crowd,) = load_crowds(tmp_path)

    assert max(crowd.shape) == CROWD_SIDE


def test_a_folder_without_crowds_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no photos found"):
        load_crowds(tmp_path)
