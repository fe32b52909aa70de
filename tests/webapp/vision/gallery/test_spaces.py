"""What makes stored embeddings comparable."""

from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest

from inference import weights
from inference.recognition.adaptation import shipped_postprocessing
from webapp.vision import Enrolled, LibraryGallery, Probe
from webapp.vision.gallery.spaces import space_of
from webapp.vision.models.loading import model_tag

NAMES = ("encore", "encore-resnet", "dlib-resnet")


def raw_rows(count: int, dimensions: int) -> np.ndarray:
    rows = np.random.default_rng(3).standard_normal((count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("name", NAMES)
def test_embeddings_of_the_present_model_are_post_processed_when_they_are_compared(
    name: str,
) -> None:
    shipped = shipped_postprocessing(name)
    raw = raw_rows(4, shipped.mean.size)

    space = space_of(model_tag(name))

    assert space.apply(raw) == pytest.approx(shipped.apply(raw), abs=1e-6)
    assert space.threshold == shipped.threshold


@pytest.mark.parametrize("name", NAMES)
def test_embeddings_of_an_older_model_are_compared_as_they_are(name: str) -> None:
    raw = raw_rows(2, 128)

    assert space_of(f"{name}@00000000").apply(raw) is raw


def test_a_better_post_processing_changes_no_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    before = model_tag("encore")
    every = weights.records()
    assert any(name.endswith("-statistics") for name in every)
    better = {
        name: replace(record, sha256="f" * 64) if name.endswith("-statistics") else record
        for name, record in every.items()
    }
    monkeypatch.setattr(weights, "records", lambda: better)

    assert model_tag("encore") == before


def test_a_face_is_named_by_what_is_left_after_the_post_processing() -> None:
    tag = model_tag("encore")
    shipped = shipped_postprocessing("encore")
    common = shipped.mean / np.linalg.norm(shipped.mean)
    own, other = raw_rows(2, shipped.mean.size)
    rose, face = (row / np.linalg.norm(row) for row in (common + 0.3 * own, common + 0.3 * other))
    assert float(rose @ face) > shipped.threshold, "raw they look alike, as all faces do"

    person = uuid4()
    known = LibraryGallery([Enrolled(person, rose.astype("<f4").tobytes(), tag)])
    stranger, herself = known.name_faces(
        [Probe(row.astype("<f4").tobytes(), tag) for row in (face, rose)]
    )

    assert stranger.match is None
    assert herself.match is not None
