"""Composed photos hold what they say they hold."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from inference.errors import DatasetError
from inference.evaluation.composed import grid_of, paste_small_faces, read_photo, stage
from inference.types import Face, RGBImage


class FixedDetector:
    """Sees one face at a fixed place of any photo."""

    def detect(self, image: RGBImage) -> list[Face]:
        return [Face((80, 60, 160, 160), 1.0, np.zeros((5, 2), dtype=np.float32))]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A black photo, white where the fixed detector sees a face."""
    photo = np.zeros((250, 250, 3), dtype=np.uint8)
    photo[60:160, 80:160] = 255
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), photo)
    return path


def test_pasted_faces_lie_in_their_boxes(source: Path) -> None:
    photo = paste_small_faces([source] * 5, FixedDetector(), width=24, seed=0, faces=5)
    assert photo.image.shape == (3000, 4000, 3)
    for x1, y1, x2, y2 in photo.boxes:
        assert x2 - x1 == pytest.approx(24)
        inside = photo.image[round(y1) + 2 : round(y2) - 2, round(x1) + 2 : round(x2) - 2]
        assert inside.min() > 250


def test_pasted_faces_do_not_touch(source: Path) -> None:
    boxes = paste_small_faces([source] * 80, FixedDetector(), width=48, seed=0).boxes
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    assert gaps[~np.eye(len(boxes), dtype=bool)].min() > 100


def test_too_few_sources_are_an_error(source: Path) -> None:
    with pytest.raises(DatasetError, match="only 1 of 5"):
        paste_small_faces([source], FixedDetector(), width=24, seed=0, faces=5)


def test_a_missing_picture_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="missing or no picture"):
        read_photo(tmp_path / "nothing.jpg")


def test_a_grid_shows_every_photo_whole() -> None:
    photos = [np.full((100, 80, 3), value, dtype=np.uint8) for value in (150, 200, 250)]
    grid = grid_of(photos, (400, 600), columns=2)
    for value in (150, 200, 250):
        assert (grid == value).all(axis=2).sum() >= 200 * 160 * 0.95


def test_a_stage_is_the_same_for_the_same_seed() -> None:
    assert np.array_equal(stage((60, 90), 3), stage((60, 90), 3))
    assert not np.array_equal(stage((60, 90), 3), stage((60, 90), 4))


def test_red_stays_red(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), astronaut()[..., ::-1])
    assert np.array_equal(read_photo(path), astronaut())
