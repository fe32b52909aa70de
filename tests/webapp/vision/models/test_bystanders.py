"""Our own recogniser knows nobody of real pictures who is hidden, and everybody who is named."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.images.decoding import decode_photo
from inference.pipeline import FacePipeline
from inference.types import Embeddings, Face, RGBImage
from webapp import vision

pytestmark = pytest.mark.weights

PICTURES = (
    "faceapi__examples__images__bbt3.jpg",
    "linzaer__MNN__imgs__2.jpg",
    "ageitgey__examples__knn_examples__test__obama_and_biden.jpg",
    "timesler__data__multiface.jpg",
)


@pytest.fixture(scope="module")
def pipeline() -> Iterator[FacePipeline]:
    """The recogniser that is shipped."""
    yield FacePipeline.load()
    vision.unload()


def _unit(rows: Embeddings) -> Embeddings:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _hidden(path: Path, faces: list[Face], image: RGBImage) -> tuple[RGBImage, RGBImage]:
    boxes = [face.box for face in faces]
    made = vision.hide_bystanders(path, boxes[1:2], boxes[:1], width=image.shape[1])
    first, second = (Image.open(BytesIO(one)).convert("RGB") for one in made)
    return np.asarray(first), np.asarray(second)


@pytest.mark.parametrize("name", PICTURES)
def test_nobody_but_who_is_named_is_recognised(
    shared_data: Path, pipeline: FacePipeline, name: str
) -> None:
    """Only one bystander is told; the others have to be found by the more sensitive search."""
    path = shared_data / "faces" / "crowd_photos" / name
    image = decode_photo(path).image
    faces = pipeline.find_faces(image)
    assert len(faces) > 1
    threshold = vision.usual_threshold(pipeline.embedder_name)
    gallery = _unit(pipeline.embed(image, faces))

    for picture in _hidden(path, faces, image):
        scale = picture.shape[1] / image.shape[1]
        moved = [
            Face(tuple(scale * edge for edge in face.box), face.score, scale * face.landmarks)
            for face in faces
        ]
        probes = _unit(pipeline.embed(picture, moved))
        near = probes @ gallery.T
        assert near[0].argmax() == 0
        assert near[0, 0] > threshold
        assert near[1:].max() < threshold, "looked at where the faces were"
        found = pipeline.find_faces(picture)
        if found:
            again = _unit(pipeline.embed(picture, found)) @ gallery.T
            assert again[:, 1:].max() < threshold, "looked for once more"
