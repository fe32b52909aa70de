import cv2
import numpy as np
import pytest
from skimage import data

from inference.recognition.quality import (
    face_quality,
    pose_score,
    sharpness_score,
    size_score,
    visibility_score,
)
from inference.types import Face

BAD_REFERENCE = 0.15
"""A face below this makes a bad reference; see the model card."""
LANDMARKS = np.array(
    [[205, 101.7], [246.8, 103.7], [224.7, 129], [201.7, 139.2], [245.3, 141.9]], dtype=np.float32
)


def face(landmarks=LANDMARKS):
    return Face((173.0, 64.0, 272.0, 184.0), 1.0, np.asarray(landmarks, np.float32))


def blurred(sigma):
    return np.asarray(cv2.GaussianBlur(data.astronaut(), (0, 0), sigma), np.uint8)


def scaled(share):
    image = cv2.resize(data.astronaut(), None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return np.asarray(image, np.uint8), face(LANDMARKS * share)


def turned(share):
    """Landmarks of a head whose nose has moved from the middle towards the left eye."""
    moved = LANDMARKS.copy()
    moved[2] += share * (LANDMARKS[0] - LANDMARKS[1]) / 2
    return moved


def test_a_sharp_large_frontal_face_is_trusted():
    assert face_quality(data.astronaut(), face()) > 0.8


def test_quality_falls_with_every_loss():
    image = data.astronaut()
    whole = face_quality(image, face())
    assert face_quality(blurred(3.0), face()) < 0.5 * whole
    assert face_quality(*scaled(0.25)) < 0.7 * whole
    assert face_quality(image, face(turned(0.9))) < 0.7 * whole


def test_a_very_blurred_face_makes_no_reference():
    assert face_quality(blurred(8.0), face()) < BAD_REFERENCE


def test_a_tiny_face_makes_no_reference():
    assert face_quality(*scaled(0.1)) < BAD_REFERENCE


def test_more_blur_never_looks_sharper():
    scores = [sharpness_score(blurred(sigma), face()) for sigma in (0.5, 1.0, 2.0, 4.0, 8.0)]
    assert scores == sorted(scores, reverse=True)


def test_a_dark_face_is_not_taken_for_a_blurred_one():
    image = data.astronaut()
    dark = (image * 0.4).astype(np.uint8)
    assert sharpness_score(dark, face()) > 0.7 * sharpness_score(image, face())


def test_an_empty_area_has_no_sharpness():
    flat = np.full((300, 300, 3), 90, np.uint8)
    assert face_quality(flat, face()) == 0.0


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [
        pytest.param(0.0, 0.99, 1.0, id="frontal"),
        pytest.param(0.5, 0.4, 0.95, id="half turned"),
        pytest.param(1.5, 0.0, 0.01, id="profile"),
    ],
)
def test_the_nose_tells_how_far_the_head_is_turned(share, low, high):
    assert low <= pose_score(turned(share)) <= high


def test_both_sides_count_alike():
    assert pose_score(turned(0.7)) == pytest.approx(pose_score(turned(-0.7)), abs=0.15)


def test_a_tilted_head_is_not_turned():
    angle = np.deg2rad(40)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    tilted = (LANDMARKS @ turn.T).astype(np.float32)
    assert pose_score(tilted) == pytest.approx(pose_score(LANDMARKS), abs=1e-3)


def test_a_head_in_profile_is_not_small_because_its_eyes_are_close():
    close = LANDMARKS.copy()
    close[1] = close[0] + [4, 0]
    assert size_score(face(close)) > 0.8


def test_landmarks_in_one_point_are_worth_nothing():
    assert face_quality(data.astronaut(), face(np.full((5, 2), 50.0))) == 0.0


@pytest.mark.parametrize(
    ("cut", "at_least", "at_most"),
    [
        pytest.param(0.0, 1.0, 1.0, id="whole"),
        pytest.param(0.15, 1.0, 1.0, id="without its rim, as tight crops are"),
        pytest.param(0.3, 0.0, 0.5, id="without an ear and the cheek"),
        pytest.param(0.4, 0.0, 0.0, id="without an eye"),
        pytest.param(1.2, 0.0, 0.0, id="beside the photo"),
    ],
)
def test_a_face_cut_by_the_edge_is_worth_less(cut, at_least, at_most):
    left = int(173 + cut * 99)
    image = data.astronaut()[:, left:]
    moved = Face((173.0 - left, 64.0, 272.0 - left, 184.0), 1.0, LANDMARKS - np.float32([left, 0]))

    assert at_least <= visibility_score(image, moved) <= at_most
    if cut >= 0.4:
        assert face_quality(image, moved) < BAD_REFERENCE
