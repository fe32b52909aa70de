"""Frames that nobody saw are scored by the star's face, on the scale of those that were seen."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from inference.pipeline import FacePipeline
from inference.types import EmotionPrediction, Face, RGBImage
from tests.inference.moments.drawn import draw_face, drawn_face
from webapp.vision.models import loading
from webapp.vision.models.alternates import FrameFile, score_frames


class Parts:
    """Finds the drawn face, unless the picture is black; everybody is happy."""

    name = "drawn"

    def detect(self, image: RGBImage) -> list[Face]:
        return [drawn_face()] if image.any() else []

    def classify(self, image: RGBImage, faces: Sequence[Face]) -> list[EmotionPrediction]:
        return [EmotionPrediction({"happy": 0.9, "neutral": 0.1}, "happy") for _ in faces]


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = Parts()
    pipeline = FacePipeline(lambda: parts, lambda: parts, lambda: parts)  # type: ignore[arg-type, return-value]
    monkeypatch.setattr(loading, "_face_pipeline", pipeline)


def box_of(face: Face) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = face.box
    height, width = draw_face().shape[:2]
    return (x1 / width, y1 / height, x2 / width, y2 / height)


def frame(
    folder: Path,
    number: int,
    blur: float = 0.0,
    *,
    is_black: bool = False,
    score: float | None = None,
) -> FrameFile:
    path = folder / f"{number}.jpg"
    picture = np.zeros_like(draw_face()) if is_black else draw_face()
    Image.fromarray(picture).filter(ImageFilter.GaussianBlur(blur)).save(path, quality=95)
    box = box_of(drawn_face()) if score is not None else None
    return FrameFile(number, path, 100.0 * number, box, score)


def test_the_sharper_frame_gets_more_on_the_scale_of_the_camera(tmp_path: Path) -> None:
    seen = [frame(tmp_path, 1, 4, score=0.6), frame(tmp_path, 3, 4, score=0.6)]
    sharp, blurred = frame(tmp_path, 2), frame(tmp_path, 4, 4)

    found = {one.number: one for one in score_frames([*seen, sharp, blurred], {})}

    assert found.keys() == {2, 4}
    assert found[4].score == pytest.approx(0.6, abs=0.02)
    assert (found[2].score or 0) > 0.62
    assert found[2].box == pytest.approx(box_of(drawn_face()), abs=0.001)
    assert found[2].terms
    assert found[2].reason


def test_by_hand_nothing_was_scored_and_the_burst_is_the_scale(tmp_path: Path) -> None:
    found = score_frames([frame(tmp_path, 1), frame(tmp_path, 2, 4)], {})
    assert [one.number for one in found] == [1, 2]
    assert 0 < (found[1].score or 0) < (found[0].score or 0) <= 1


def test_a_frame_without_the_face_has_no_score(tmp_path: Path) -> None:
    seen = [frame(tmp_path, 1, score=0.6), frame(tmp_path, 2, score=0.6)]
    assert score_frames([*seen, frame(tmp_path, 3, is_black=True)], {}) == []


def test_somebody_elsewhere_in_the_picture_is_not_the_star(tmp_path: Path) -> None:
    far = frame(tmp_path, 1, score=0.6)
    corner = FrameFile(1, far.path, far.captured_at, (0.0, 0.0, 0.05, 0.05), 0.6)
    assert score_frames([corner, frame(tmp_path, 2)], {}) == []
