"""Parts load late, once, and fail by themselves."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.errors import WeightsError
from inference.pipeline import Box, FacePipeline, Late, PortraitPipeline
from inference.types import AlphaMask, Embeddings, EmotionPrediction, Face, RGBImage

IMAGE = np.zeros((40, 60, 3), dtype=np.uint8)
FACE = Face(box=(10, 10, 30, 30), score=0.9, landmarks=np.zeros((5, 2), dtype=np.float32))


class FakeDetector:
    """Sees one face everywhere."""

    def detect(self, image: RGBImage) -> list[Face]:
        return [FACE]


class FakeEmbedder:
    """Every face is the first unit vector."""

    name = "fake-embedder"
    dimensions = 3
    threshold = 0.4

    def embed(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        return np.eye(3, dtype=np.float32)[[0] * len(faces)]

    def embed_raw(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        return np.eye(3, dtype=np.float32)[[1] * len(faces)]


class FakeEmotions:
    """Everybody is happy."""

    name = "fake-emotions"

    def classify(self, image: RGBImage, faces: Sequence[Face]) -> list[EmotionPrediction]:
        return [EmotionPrediction({"happy": 1.0}, "happy") for _ in faces]


class FakeSegmenter:
    """The left half is a person."""

    name = "fake-segmenter"

    def segment(
        self, image: RGBImage, heads: Sequence[Box] = (), others: Sequence[Box] = ()
    ) -> AlphaMask:
        alpha = np.zeros(image.shape[:2], dtype=np.float32)
        alpha[:, : image.shape[1] // 2] = 1
        return alpha

    def person_masks(self, image: RGBImage, heads: Sequence[Box]) -> NDArray[np.float32]:
        return np.ones((1 + len(heads), *image.shape[:2]), np.float32)

    def has_person(self, alpha: AlphaMask, faceless: RGBImage | None = None) -> bool:
        return bool(alpha.mean() > 0.1)


def _missing() -> FakeEmotions:
    raise WeightsError("emotion: no file")


def test_a_photo_goes_through_all_parts() -> None:
    pipeline = FacePipeline(FakeDetector, FakeEmbedder, FakeEmotions)
    faces = pipeline.find_faces(IMAGE)
    assert faces == [FACE]
    assert pipeline.embed(IMAGE, faces).tolist() == [[1, 0, 0]]
    assert pipeline.embed_raw(IMAGE, faces).tolist() == [[0, 1, 0]]
    assert (pipeline.embedder_name, pipeline.threshold) == ("fake-embedder", 0.4)
    assert [p.label for p in pipeline.classify_emotions(IMAGE, faces)] == ["happy"]
    assert pipeline.emotion_model == "fake-emotions"


def test_a_missing_emotion_network_does_not_stop_names() -> None:
    pipeline = FacePipeline(FakeDetector, FakeEmbedder, _missing)
    faces = pipeline.find_faces(IMAGE)
    assert pipeline.embed(IMAGE, faces).shape == (1, 3)
    with pytest.raises(WeightsError, match="emotion: no file"):
        pipeline.classify_emotions(IMAGE, faces)


def test_a_part_that_failed_is_tried_again() -> None:
    results = iter([WeightsError("not yet"), "loaded"])

    def load() -> str:
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    part = Late(load)
    with pytest.raises(WeightsError):
        part()
    assert part() == "loaded"
    assert part() == "loaded"


def test_many_threads_load_a_part_once() -> None:
    loads: list[int] = []
    together = threading.Barrier(8)

    def load() -> str:
        loads.append(1)
        return "loaded"

    part = Late(load)
    results: list[str] = []

    def use() -> None:
        together.wait()
        results.append(part())

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(loads), results) == (1, ["loaded"] * 8)


def test_preparing_a_pipeline_loads_nothing() -> None:
    def explode() -> FakeDetector:
        raise AssertionError("loaded too early")

    FacePipeline(explode, FakeEmbedder, FakeEmotions)


def test_a_portrait_blurs_only_what_is_behind_the_person() -> None:
    image = np.random.default_rng(0).integers(0, 255, (80, 120, 3), dtype=np.uint8)
    pipeline = PortraitPipeline(FakeSegmenter)
    alpha = pipeline.segment(image)
    assert pipeline.has_person(alpha)
    portrait = pipeline.render(image, alpha, 1.0)
    assert np.array_equal(portrait[:, :50], image[:, :50])
    assert portrait[:, 70:].std() < image[:, 70:].std() / 2


def test_a_stored_mask_is_rendered_without_the_segmenter() -> None:
    pipeline = PortraitPipeline(_missing)  # type: ignore[arg-type]
    alpha = np.ones(IMAGE.shape[:2], dtype=np.float32)
    assert pipeline.render(IMAGE, alpha, 0.5).shape == IMAGE.shape
    with pytest.raises(WeightsError):
        pipeline.segment(IMAGE)


@pytest.mark.weights
def test_the_real_face_pipeline_finds_and_embeds_the_astronaut() -> None:
    from skimage.data import astronaut

    pipeline = FacePipeline.load()
    image = astronaut()
    faces = pipeline.find_faces(image)
    assert len(faces) == 1
    embeddings = pipeline.embed(image, faces)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx([1.0], abs=1e-5)
