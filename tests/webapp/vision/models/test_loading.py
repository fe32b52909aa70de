"""What happens when a model is missing: a sentence for the user, and everything else goes on."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inference import weights
from inference.errors import WeightsError
from inference.pipeline import FacePipeline, PortraitPipeline
from inference.types import Embeddings, Face, RGBImage
from webapp import vision
from webapp.vision.models import loading

SECRET_PATH = "/home/somebody/weights/net.pt"
FACE = Face(
    (100, 100, 180, 200),
    0.99,
    np.array([[120, 140], [160, 140], [140, 160], [125, 180], [155, 180]], np.float32),
)


class FakeParts:
    """Finds one face and embeds it."""

    name = "dlib-resnet"
    dimensions = 128
    threshold = 0.5

    def detect(self, image: RGBImage) -> list[Face]:
        """Find the same face in every picture."""
        return [FACE]

    def embed_raw(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        """Return the same embedding for everybody."""
        return np.eye(1, 128, dtype=np.float32).repeat(len(faces), axis=0)


def missing() -> Any:
    """Load nothing, as where a file is gone."""
    raise WeightsError(f"net: no net.pt in {SECRET_PATH}")


@pytest.fixture(autouse=True)
def unloaded() -> Iterator[None]:
    """Leave no fake model for other tests."""
    vision.unload()
    yield
    vision.unload()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture of noise."""
    pixels = np.random.default_rng(1).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def use(monkeypatch: pytest.MonkeyPatch, **parts: Any) -> None:
    """Install a pipeline whose named parts are given."""
    working = {"detector": FakeParts, "embedder": FakeParts, "emotions": FakeParts}
    monkeypatch.setattr(loading, "_face_pipeline", FacePipeline(**{**working, **parts}))


def test_a_missing_detector_is_a_sentence_without_paths(
    monkeypatch: pytest.MonkeyPatch, photo: Path
) -> None:
    use(monkeypatch, detector=missing)

    with pytest.raises(vision.UnavailableError, match="Face detection is unavailable") as caught:
        vision.find_faces(photo, embed=True)

    assert SECRET_PATH not in str(caught.value)


def test_a_missing_embedder_leaves_only_the_embeddings_out(
    monkeypatch: pytest.MonkeyPatch, photo: Path
) -> None:
    use(monkeypatch, embedder=missing)

    seen = vision.find_faces(photo, embed=True)

    assert len(seen.faces) == 1
    assert (seen.faces[0].embedding, seen.embedder) == (None, "")
    assert "Recognition is unavailable" in seen.names_unavailable


def test_without_consent_the_embedder_is_not_even_loaded(
    monkeypatch: pytest.MonkeyPatch, photo: Path
) -> None:
    use(monkeypatch, embedder=lambda: pytest.fail("the embedder was loaded"))

    assert vision.find_faces(photo, embed=False).faces[0].embedding is None


def test_a_missing_emotion_model_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, photo: Path
) -> None:
    use(monkeypatch, emotions=missing)

    with pytest.raises(vision.UnavailableError, match="Emotion labelling is unavailable"):
        vision.classify_emotions(photo, [])


def test_a_missing_portrait_model_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, photo: Path
) -> None:
    monkeypatch.setattr(loading, "_portrait_pipeline", PortraitPipeline(missing))

    with pytest.raises(vision.UnavailableError, match="Portrait mode is unavailable"):
        vision.make_portrait(photo, 0.5)


def test_a_broken_photo_is_named_as_such(monkeypatch: pytest.MonkeyPatch, photo: Path) -> None:
    use(monkeypatch)
    photo.write_bytes(b"no picture")

    with pytest.raises(vision.UnreadablePhotoError):
        vision.find_faces(photo, embed=False)


def test_a_face_to_keep_is_added_only_if_it_was_lost(
    monkeypatch: pytest.MonkeyPatch, photo: Path
) -> None:
    use(monkeypatch)
    points = ((25.0, 30.0), (45.0, 30.0), (35.0, 45.0), (27.0, 55.0), (43.0, 55.0))
    same = vision.FaceShape((101, 101, 181, 201), 0.9, points)
    lost = vision.FaceShape((10, 10, 60, 70), 0.9, points)

    seen = vision.find_faces(photo, embed=True, keep=[same, lost])

    assert [face.shape.box for face in seen.faces] == [FACE.box, lost.box]
    assert seen.faces[1].embedding is not None


def test_a_tag_changes_with_the_file_of_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def register(sha256: str) -> None:
        records = {
            name: weights.WeightsRecord(
                name=name, filename="f", sha256=digest, bytes=1, origin="trained", licence="MIT"
            )
            for name, digest in (("net", "0" * 64), ("net-head", sha256), ("other", "9" * 64))
        }
        monkeypatch.setattr(weights, "records", lambda: records)

    register("1" * 64)
    before = loading.model_tag("net")
    register("2" * 64)

    assert loading.model_tag("net") != before
    assert before.startswith("net@")
    assert loading.model_tag("unregistered") == "unregistered"


def test_importing_the_door_loads_no_model() -> None:
    code = (
        "import sys, webapp.vision\n"
        "loaded = {'torch', 'cv2', 'inference'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_fused_embedder_is_another_when_one_of_its_parts_is_trained_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = loading.model_tag("encore")
    again = {
        name: replace(record, sha256="0" * 64) if name == "dlib-resnet" else record
        for name, record in weights.records().items()
    }
    monkeypatch.setattr(weights, "records", lambda: again)

    assert loading.model_tag("encore") != before
