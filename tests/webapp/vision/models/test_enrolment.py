"""Turning pictures into references, with a detector whose answers the test decides."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.pipeline import EmotionReader, FacePipeline
from inference.types import Embeddings, Face, RGBImage
from webapp.vision import RefusedReferenceError, read_reference
from webapp.vision.models import loading

SIDE = 200
Detect = Callable[[RGBImage], list[Face]]


def face(left: float, top: float, size: float, score: float = 0.99) -> Face:
    """Return a square face."""
    points = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
    landmarks = (points * size + [left, top]).astype(np.float32)
    return Face((left, top, left + size, top + size), score, landmarks)


class FakeParts:
    """A detector and an embedder in one."""

    name = "dlib-resnet"
    dimensions = 128
    threshold = 0.5

    def __init__(self, detect: Detect) -> None:
        self.detect = detect

    def embed_raw(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Return the same embedding for everybody."""
        return np.eye(1, 128, dtype=np.float32).repeat(len(faces), axis=0)


def _no_emotions() -> EmotionReader:
    raise AssertionError("a reference needs no emotion")


@pytest.fixture
def detect(monkeypatch: pytest.MonkeyPatch) -> Callable[[Detect], None]:
    """Use a detector that the test writes."""

    def use(function: Detect) -> None:
        parts = FakeParts(function)
        pipeline = FacePipeline(lambda: parts, lambda: parts, _no_emotions)
        monkeypatch.setattr(loading, "_face_pipeline", pipeline)

    return use


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A square picture of noise, which is sharp everywhere."""
    pixels = np.random.default_rng(1).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def test_the_one_face_of_a_photo_is_taken_as_it_is(
    detect: Callable[[Detect], None], picture: Path
) -> None:
    detect(lambda image: [face(60, 60, 80)])

    reference = read_reference(picture, least_quality=0.0)

    assert list(reference.face.shape.box) == [60, 60, 140, 140]
    assert reference.embedder.startswith("dlib-resnet@")
    assert Image.open(BytesIO(reference.crop)).size == (160, 160)


def test_a_tight_crop_is_enrolled_with_its_place_in_the_picture(
    detect: Callable[[Detect], None], picture: Path
) -> None:
    """The detector only sees it where the picture has a border, of 100 pixels here."""
    detect(lambda image: [face(110, 110, 180)] if image.shape[0] > SIDE else [])

    reference = read_reference(picture, least_quality=0.0)

    assert list(reference.face.shape.box) == [10, 10, 190, 190]
    assert Image.open(BytesIO(reference.crop)).size == (SIDE, SIDE)


def test_a_face_cut_off_by_the_edge_is_no_reference(
    detect: Callable[[Detect], None], picture: Path
) -> None:
    detect(lambda image: [face(-40, 40, 100)] if image.shape[0] == SIDE else [])

    with pytest.raises(RefusedReferenceError, match="cut off"):
        read_reference(picture, least_quality=0.15)


def test_no_face_is_refused(detect: Callable[[Detect], None], picture: Path) -> None:
    detect(lambda image: [])

    with pytest.raises(RefusedReferenceError, match="no face"):
        read_reference(picture, least_quality=0.0)


def test_several_faces_of_like_size_are_refused(
    detect: Callable[[Detect], None], picture: Path
) -> None:
    detect(lambda image: [face(10, 10, 60), face(100, 100, 60), face(10, 100, 50)])

    with pytest.raises(RefusedReferenceError, match="3 faces"):
        read_reference(picture, least_quality=0.0)


@pytest.mark.parametrize(
    "bystander",
    [
        pytest.param(face(10, 10, 20), id="small in the background"),
        pytest.param(face(10, 10, 80, score=0.75), id="hardly a face"),
    ],
)
def test_a_bystander_does_not_matter(
    detect: Callable[[Detect], None], picture: Path, bystander: Face
) -> None:
    detect(lambda image: [bystander, face(80, 80, 90)])

    reference = read_reference(picture, least_quality=0.0)

    assert list(reference.face.shape.box) == [80, 80, 170, 170]


def test_a_poor_face_is_refused(detect: Callable[[Detect], None], picture: Path) -> None:
    detect(lambda image: [face(60, 60, 80)])

    with pytest.raises(RefusedReferenceError, match="too small, blurred, turned away or cut off"):
        read_reference(picture, least_quality=1.01)
