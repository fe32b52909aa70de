"""MTCNN agrees with its reference inside the photo, and does better at its edges."""

import tracemalloc

import cv2
import numpy as np
import pytest
from facenet_pytorch import MTCNN
from PIL import Image
from skimage.data import astronaut

from inference.detection import load_detector
from inference.detection.mtcnn import MtcnnDetector, keep_uncontained
from inference.geometry import box_iou
from inference.types import RGBImage

pytestmark = pytest.mark.weights

FACE_BOX = (175, 70, 265, 185)
"""Where the astronaut's face is, by eye."""


@pytest.fixture(scope="module")
def detector() -> MtcnnDetector:
    return MtcnnDetector.load()


@pytest.fixture(scope="module")
def plain() -> MtcnnDetector:
    """Without the second look, which the reference does not have."""
    return MtcnnDetector.load(checks=False)


@pytest.fixture(scope="module")
def reference() -> MTCNN:
    return MTCNN(keep_all=True)


def _portrait(side: int) -> RGBImage:
    """The astronaut's head with some room, in a square of ``side`` pixels."""
    head = astronaut()[0:280, 80:360]
    return np.asarray(cv2.resize(head, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _grid(heads: int, side: int, seed: int = 3) -> RGBImage:
    """Heads of different sizes and brightness in a row, on noise."""
    generator = np.random.default_rng(seed)
    image = generator.integers(60, 120, (side, side * heads, 3), dtype=np.uint8)
    for index in range(heads):
        size = int(side * generator.uniform(0.5, 0.95))
        head = (_portrait(size) * generator.uniform(0.6, 1)).astype(np.uint8)
        top = (side - size) // 2
        image[top : top + size, index * side + top : index * side + top + size] = head
    return image


IMAGES = {
    "astronaut": astronaut(),
    "astronaut upside down": astronaut()[::-1].copy(),
    "one head": _portrait(300),
    "a small head": _portrait(70),
    "four heads": _grid(4, 200),
    "dark heads": (_grid(3, 260, seed=5) * 0.4).astype(np.uint8),
    "wider than a tile": _grid(7, 180, seed=9),
}


@pytest.mark.parametrize("name", IMAGES)
def test_it_finds_what_the_reference_finds(
    name: str, plain: MtcnnDetector, reference: MTCNN
) -> None:
    image = IMAGES[name]
    boxes, scores, landmarks = reference.detect(Image.fromarray(image), landmarks=True)
    faces = plain.detect(image)
    assert len(faces) == (0 if boxes is None else len(boxes))
    if boxes is None:
        return
    order = np.argsort(-scores.astype(float))
    for face, index in zip(faces, order, strict=True):
        np.testing.assert_allclose(face.box, boxes[index].astype(float), atol=0.05)
        np.testing.assert_allclose(face.landmarks, landmarks[index].astype(float), atol=0.05)
        assert face.score == pytest.approx(float(scores[index]), abs=1e-4)


def test_the_astronaut_is_found_where_she_is(detector: MtcnnDetector) -> None:
    (face,) = detector.detect(astronaut())
    overlap = box_iou(np.array([face.box], np.float32), np.array([FACE_BOX], np.float32))
    assert overlap[0, 0] > 0.6
    left_eye, right_eye, nose, left_mouth, right_mouth = face.landmarks
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(np.zeros((300, 400, 3), np.uint8), id="black"),
        pytest.param(np.full((120, 90, 3), 200, np.uint8), id="grey"),
        pytest.param(np.zeros((1, 1, 3), np.uint8), id="one pixel"),
        pytest.param(np.zeros((4, 5000, 3), np.uint8), id="a line"),
        pytest.param(
            np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8), id="noise"
        ),
    ],
)
def test_where_nobody_is_nobody_is_found(detector: MtcnnDetector, image: RGBImage) -> None:
    assert detector.detect(image) == []


@pytest.mark.parametrize("cut", [0.15, 0.3])
@pytest.mark.parametrize("side", ["left", "right", "top"])
def test_a_face_cut_by_the_edge_keeps_its_landmarks(
    detector: MtcnnDetector, side: str, cut: float
) -> None:
    image = astronaut()
    (whole,) = detector.detect(image)
    x1, y1, x2, _ = whole.box
    shift = np.zeros(2)
    if side == "left":
        shift[0] = int(x1 + cut * whole.width)
        image = image[:, int(shift[0]) :]
    elif side == "right":
        image = image[:, : int(x2 - cut * whole.width)]
    else:
        shift[1] = int(y1 + cut * whole.height)
        image = image[int(shift[1]) :]
    (face,) = detector.detect(np.ascontiguousarray(image))
    error = np.linalg.norm(face.landmarks + shift - whole.landmarks, axis=1) / whole.width
    assert error.max() < 0.12


def test_a_tight_crop_of_a_face_is_found(detector: MtcnnDetector) -> None:
    (whole,) = detector.detect(astronaut())
    x1, y1, x2, y2 = (round(value) for value in whole.box)
    (face,) = detector.detect(np.ascontiguousarray(astronaut()[y1:y2, x1:x2]))
    error = (
        np.linalg.norm(face.landmarks + np.array([x1, y1]) - whole.landmarks, axis=1) / whole.width
    )
    assert error.max() < 0.1


def _crowd(columns: int, rows: int, face: float) -> tuple[RGBImage, np.ndarray]:
    """A 12-megapixel photo with heads whose faces are ``face`` pixels wide."""
    generator = np.random.default_rng(2)
    coarse = generator.integers(20, 90, (30, 40, 3), dtype=np.uint8)
    image = cv2.resize(coarse, (4000, 3000), interpolation=cv2.INTER_CUBIC)
    side = round(280 * face / 75)  # the face of the 280 px head is about 75 px wide
    places = []
    for row in range(rows):
        for column in range(columns):
            x = int((column + 0.5) * 4000 / columns) + int(generator.integers(-40, 40))
            y = int((row + 0.5) * 3000 / rows) + int(generator.integers(-40, 40))
            image[y : y + side, x : x + side] = _portrait(side)
            places.append((x + side * 0.5, y + side * 0.45))
    return np.asarray(image, dtype=np.uint8), np.array(places)


@pytest.mark.slow
def test_faces_of_24_px_in_12_megapixels_are_all_found_once(detector: MtcnnDetector) -> None:
    image, places = _crowd(12, 9, face=24)
    faces = detector.detect(image)
    centres = np.array([[(f.box[0] + f.box[2]) / 2, (f.box[1] + f.box[3]) / 2] for f in faces])
    near = np.linalg.norm(centres[:, None] - places[None], axis=2) < 24
    assert near.sum(axis=0).tolist() == [1] * len(places)
    assert len(faces) == len(places)


@pytest.mark.slow
def test_a_photo_of_50_megapixels_stays_within_its_memory(detector: MtcnnDetector) -> None:
    image = np.zeros((5774, 8660, 3), dtype=np.uint8)
    image[1000:1560, 3000:3560] = _portrait(560)
    tracemalloc.start()
    (face,) = detector.detect(image)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 3000 < face.box[0] < face.box[2] < 3560
    assert peak < 500e6


def test_the_same_photo_gives_the_same_faces(detector: MtcnnDetector) -> None:
    first, second = detector.detect(IMAGES["four heads"]), detector.detect(IMAGES["four heads"])
    assert [face.box for face in first] == [face.box for face in second]


def test_faces_come_most_confident_first(detector: MtcnnDetector) -> None:
    scores = [face.score for face in detector.detect(IMAGES["wider than a tile"])]
    assert len(scores) > 3
    assert scores == sorted(scores, reverse=True)


def test_a_box_inside_a_better_one_is_dropped() -> None:
    boxes = np.array([[0, 0, 100, 100], [30, 30, 60, 60], [200, 0, 300, 100]], dtype=np.float32)
    assert keep_uncontained(boxes, np.array([0.9, 0.8, 0.95], np.float32), 0.7) == [2, 0]


def test_a_detector_of_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="no detector is called 'yolo'"):
        load_detector("yolo")  # type: ignore[arg-type]
