"""Faces pass the second look; hands, patterns and flat colour do not."""

import time

import cv2
import numpy as np
import pytest
import torch
from skimage.data import astronaut, brick, coffee, coins, grass, gravel, page, text

from inference.detection.mtcnn import MtcnnDetector, MtcnnOptions
from inference.detection.networks import (
    OutputNet,
    load_output_net,
    load_proposal_net,
    load_refinement_net,
)
from inference.detection.refusing import SIDE, SURE, FaceCheck, FaceCheckNet, look_corners
from inference.detection.summed import SummedArea

FACE_BOX = (180.0, 75.0, 265.0, 185.0)
"""Where the astronaut's face is, by eye."""

GOLDEN = (10.88, -12.15, -5.74)
"""Logits of the shipped layer for that face and two places without one."""


def boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


class Refusing:
    """Refuses every box whose middle is left of a column."""

    def __init__(self, column):
        self.column = column

    def holds_face(self, _photo, found, _scores):
        return (found[:, 0] + found[:, 2]) / 2 >= self.column


@pytest.fixture(scope="module")
def check():
    return FaceCheck.load(torch.device("cpu"))


def passes(check, image, found):
    """Whether boxes of which the detector was not sure pass."""
    return check.holds_face(SummedArea(image), found, np.full(len(found), 0.8, np.float32)).tolist()


def shrunk(image, side):
    factor = side / (FACE_BOX[3] - FACE_BOX[1])
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return small, boxes(tuple(factor * edge for edge in FACE_BOX))


def test_a_look_is_a_square_about_the_box_by_its_longer_side():
    assert look_corners(boxes((10, 0, 20, 40))).tolist() == [[-15, -10, 45, 50]]


def test_no_boxes_make_no_looks():
    assert look_corners(boxes()).shape == (0, 4)


def test_the_network_takes_looks_and_gives_one_logit_each():
    assert FaceCheckNet(OutputNet()).eval()(torch.zeros(2, 3, SIDE, SIDE)).shape == (2,)


@pytest.mark.weights
@pytest.mark.parametrize("side", [110, 48, 24, 20])
def test_a_face_of_any_size_passes(check, side):
    assert passes(check, *shrunk(astronaut(), side)) == [True]


@pytest.mark.weights
@pytest.mark.parametrize("light", [(1.0, 0.3, 0.9), (0.3, 0.3, 1.0), (0.18, 0.18, 0.18)])
def test_a_face_passes_under_stage_light(check, light):
    lit = (astronaut() * np.array(light)).astype(np.uint8)
    assert passes(check, lit, boxes(FACE_BOX)) == [True]


@pytest.mark.weights
def test_a_face_cut_by_the_edge_passes(check):
    image = astronaut()[:, 200:].copy()
    box = boxes((FACE_BOX[0] - 200, FACE_BOX[1], FACE_BOX[2] - 200, FACE_BOX[3]))
    assert passes(check, image, box) == [True]


@pytest.mark.weights
@pytest.mark.parametrize("picture", [brick, gravel, grass, coins, text, page])
def test_what_is_no_face_is_refused(check, picture):
    image = np.repeat(picture()[:, :, None], 3, axis=2)
    found = boxes((60, 40, 120, 110), (150, 60, 210, 130), (20, 70, 90, 150))
    assert passes(check, image, found) == [False] * 3


@pytest.mark.weights
def test_a_cup_is_no_face_unless_the_detector_is_sure(check):
    cup, box = SummedArea(coffee()), boxes((240, 120, 400, 300))
    assert check.holds_face(cup, box, np.array([0.94], np.float32)).tolist() == [False]
    assert check.holds_face(cup, box, np.array([SURE], np.float32)).tolist() == [True]


@pytest.mark.weights
def test_no_boxes_need_no_network(check):
    assert passes(check, astronaut(), boxes()) == []


@pytest.mark.weights
def test_a_look_takes_a_few_milliseconds_and_few_faces_need_one(check):
    photo, many = SummedArea(astronaut()), boxes(*[FACE_BOX] * 32)
    check.logits(photo, many)
    taken = []
    for _ in range(5):
        began = time.thread_time()
        check.logits(photo, many)
        taken.append(time.thread_time() - began)
    assert min(taken) / 32 < 0.005


@pytest.mark.weights
def test_the_layer_answers_as_it_did_when_it_was_measured(check):
    looks = boxes(FACE_BOX, (20, 20, 120, 120), (300, 300, 420, 450))
    np.testing.assert_allclose(check.logits(SummedArea(astronaut()), looks), GOLDEN, atol=0.05)


@pytest.mark.weights
def test_the_detector_leaves_out_what_is_refused():
    twins = np.concatenate([astronaut(), astronaut()], axis=1)
    assert len(MtcnnDetector.load(checks=False).detect(twins)) == 2
    networks = [load_proposal_net(), load_refinement_net(), load_output_net()]
    strict = MtcnnDetector(networks, torch.device("cpu"), MtcnnOptions(), Refusing(column=512))
    [face] = strict.detect(twins)
    assert face.box[0] > 512
    assert face.landmarks[:, 0].min() > 512
