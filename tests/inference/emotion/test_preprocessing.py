import numpy as np
import pytest
import torch

from inference.emotion.preprocessing import (
    SIDE,
    TEMPLATE,
    emotion_crop,
    grey,
    network_input,
)
from inference.types import Face, RGBImage


def face_at(landmarks: np.ndarray) -> Face:
    (x1, y1), (x2, y2) = landmarks.min(0), landmarks.max(0)
    return Face((float(x1), float(y1), float(x2), float(y2)), 0.99, landmarks.astype(np.float32))


def marked(landmarks: np.ndarray, side: int = 400) -> RGBImage:
    """Black picture with a blob of its own colour on every landmark."""
    image = np.zeros((side, side, 3), np.uint8)
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)]
    for (x, y), colour in zip(landmarks.round().astype(int), colours, strict=True):
        image[y - 6 : y + 7, x - 6 : x + 7] = colour
    return image


@pytest.mark.parametrize("degrees", [0, 30, -75])
def test_landmarks_land_on_the_template_however_the_head_is_tilted(degrees: float) -> None:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = (TEMPLATE - 24) @ turn.T * 4 + 200

    crop = emotion_crop(marked(landmarks), face_at(landmarks))

    assert crop.shape == (SIDE, SIDE, 3)
    left_eye, right_eye, nose = (crop[round(y), round(x)] for x, y in TEMPLATE[:3].tolist())
    assert left_eye[0] > 150 > left_eye[1:].max()
    assert right_eye[1] > 150 > max(right_eye[0], right_eye[2])
    assert nose[2] > 150 > nose[:2].max()


def test_the_template_is_symmetric_so_a_mirrored_face_is_framed_alike() -> None:
    mirrored = np.column_stack([SIDE - TEMPLATE[:, 0], TEMPLATE[:, 1]])[[1, 0, 2, 4, 3]]

    np.testing.assert_allclose(mirrored, TEMPLATE, atol=1e-4)


def test_a_face_cut_by_the_photo_repeats_the_edge_instead_of_adding_a_bar() -> None:
    image = np.full((100, 100, 3), 90, np.uint8)
    landmarks = TEMPLATE * 2 + np.array([60, 60])

    crop = emotion_crop(image, face_at(landmarks))

    assert crop.min() == crop.max() == 90


def test_a_larger_crop_shows_the_same_part_of_the_photo() -> None:
    landmarks = TEMPLATE * 4 + 50
    image = marked(landmarks)

    large = emotion_crop(image, face_at(landmarks), size=96)

    x, y = (TEMPLATE[0] * 2).round().astype(int)
    assert large.shape == (96, 96, 3)
    assert large[y, x, 0] > 200


def test_grey_is_luma_so_green_is_brighter_than_blue() -> None:
    image = np.zeros((1, 3, 3), np.uint8)
    image[0] = np.eye(3, dtype=np.uint8) * 255

    assert grey(image)[0].tolist() == [76, 150, 29]


def test_the_network_sees_values_from_zero_to_one() -> None:
    tensor = network_input([np.zeros((4, 4), np.uint8), np.full((4, 4), 255, np.uint8)])

    assert tensor.shape == (2, 1, 4, 4)
    assert tensor.dtype == torch.float32
    assert tensor[0].max() == 0
    assert tensor[1].min() == 1
