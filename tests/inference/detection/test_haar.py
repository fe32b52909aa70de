"""The cascade finds frontal faces, and its landmarks are estimated believably."""

import numpy as np
import pytest
from skimage.data import astronaut

from inference.detection import haar, load_detector
from inference.detection.haar import CANONICAL_FACE, HaarDetector, choose_eyes, face_from_eyes
from inference.errors import WeightsError
from inference.geometry import box_iou


@pytest.mark.weights
def test_the_astronaut_is_found_like_mtcnn_finds_her() -> None:
    (seen,) = load_detector("mtcnn").detect(astronaut())
    face = load_detector("haar").detect(astronaut())[0]
    overlap = box_iou(np.array([face.box], np.float32), np.array([seen.box], np.float32))
    assert overlap[0, 0] > 0.6
    error = np.linalg.norm(face.landmarks - seen.landmarks, axis=1) / seen.width
    assert error.mean() < 0.12
    assert 0 <= face.score <= 1


@pytest.mark.weights
def test_a_blank_photo_holds_no_faces() -> None:
    assert load_detector("haar").detect(np.zeros((100, 100, 3), np.uint8)) == []


def test_a_file_that_is_no_cascade_is_refused() -> None:
    with pytest.raises(WeightsError, match="no cascade"):
        HaarDetector(haar.__file__, haar.__file__, 24)


def test_eyes_in_their_places_are_chosen_left_first() -> None:
    centres = np.array([[0.7, 0.41], [0.3, 0.4], [0.5, 0.1]], dtype=np.float32)
    chosen = choose_eyes(centres)
    assert chosen is not None
    assert chosen.tolist() == centres[[1, 0]].tolist()


@pytest.mark.parametrize(
    "centres",
    [
        pytest.param(np.zeros((0, 2), np.float32), id="nothing found"),
        pytest.param(np.array([[0.3, 0.4]], np.float32), id="one eye"),
        pytest.param(np.array([[0.3, 0.4], [0.5, 0.6]], np.float32), id="an eye and a nostril"),
    ],
)
def test_eyes_that_are_not_believable_are_left_alone(centres: np.ndarray) -> None:
    assert choose_eyes(centres) is None


def test_a_tilted_pair_of_eyes_tilts_the_face() -> None:
    eyes = np.array([[0.3, 0.36], [0.68, 0.44]], dtype=np.float32)
    landmarks = face_from_eyes(eyes)
    np.testing.assert_allclose(landmarks[:2], eyes, atol=1e-5)
    assert landmarks[3, 0] < CANONICAL_FACE[3, 0]
    assert landmarks[3, 1] < landmarks[4, 1]
