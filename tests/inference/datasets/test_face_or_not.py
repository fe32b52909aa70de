import numpy as np
import pytest
import torch
from torch import nn

from inference.datasets.face_or_not import mistakes, random_boxes, times_shown
from inference.detection.summed import SummedArea
from inference.types import Face

FACE = Face((40.0, 10.0, 80.0, 60.0), 0.99, np.zeros((5, 2), np.float32))


class LikesLight(nn.Module):
    """Calls a crop the more a face the brighter it is."""

    def forward(self, crops):
        bright = crops.mean(dim=(1, 2, 3))
        return None, None, torch.stack([-bright, bright], dim=1)


def found(photo, faces, first_row=0.0):
    return mistakes(photo, faces, first_row, LikesLight(), np.random.default_rng(0))


def photo():
    image = np.zeros((200, 120, 3), np.uint8)
    image[150:] = 255
    return SummedArea(image)


def test_random_boxes_lie_below_the_row_and_in_the_photo():
    for x1, y1, x2, y2 in random_boxes(photo(), 120.0, np.random.default_rng(0)):
        assert 0 <= (x1 + x2) / 2 <= 120
        assert 120 <= (y1 + y2) / 2 <= 200


def test_what_the_judge_likes_best_is_kept():
    boxes = found(photo(), [FACE])
    assert 1 <= len(boxes) <= 6
    assert np.mean([(box[1] + box[3]) / 2 for box in boxes]) > 130


def test_no_mistake_overlaps_a_face():
    for x1, y1, x2, y2 in found(photo(), [FACE]):
        width, height = min(x2, 80) - max(x1, 40), min(y2, 60) - max(y1, 10)
        shared = max(width, 0) * max(height, 0)
        assert shared <= min((x2 - x1) * (y2 - y1), 2000) / 8 + 1e-3


def test_the_detectors_own_mistakes_count_unless_they_may_be_the_head():
    knee = Face((30.0, 150.0, 70.0, 190.0), 0.8, np.zeros((5, 2), np.float32))
    cheek = Face((55.0, 20.0, 75.0, 45.0), 0.8, np.zeros((5, 2), np.float32))
    boxes = found(photo(), [FACE, knee, cheek])
    assert knee.box in boxes
    assert cheek.box not in boxes


def test_a_photo_without_a_sure_face_teaches_nothing():
    unsure = Face(FACE.box, 0.9, FACE.landmarks)
    assert found(photo(), []) == []
    assert found(photo(), [unsure]) == []


@pytest.mark.parametrize(
    ("score", "last_row", "times"),
    [
        pytest.param(0.99, 0.0, 1, id="a sure face, wherever it is"),
        pytest.param(0.8, 100.0, 8, id="a doubtful one where the head is"),
        pytest.param(0.8, 20.0, 0, id="a doubtful one below the head"),
        pytest.param(0.3, 100.0, 0, id="hardly one at all"),
    ],
)
def test_doubtful_faces_are_shown_often(score, last_row, times):
    assert times_shown([Face(FACE.box, score, FACE.landmarks)], last_row) == times


def test_a_photo_without_any_box_shows_no_face():
    assert times_shown([], 100.0) == 0
