"""Soft masks for photos that have none: the mean of two networks where they agree on somebody."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.training import teaching
from inference.types import Face, RGBImage


class Left:
    """A segmenter that is sure of the left part of every photo."""

    def __init__(self, share: float) -> None:
        self.share = share

    def probability(self, image: RGBImage) -> np.ndarray:
        mask = np.zeros(image.shape[:2], np.float32)
        mask[:, : int(image.shape[1] * self.share)] = 1
        return mask


def test_the_mask_is_the_mean_of_both_where_they_agree() -> None:
    image = np.zeros((100, 100, 3), np.uint8)

    mask = teaching.taught_mask(image, Left(0.5).probability, Left(0.55))  # type: ignore[arg-type]

    assert mask is not None
    assert (mask[0, 10], mask[0, 52], mask[0, 90]) == (255, 128, 0)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [pytest.param(0.9, 0.4, id="they differ"), pytest.param(0.02, 0.02, id="nobody is there")],
)
def test_where_they_do_not_agree_on_somebody_nothing_is_taught(theirs: float, ours: float) -> None:
    image = np.zeros((100, 100, 3), np.uint8)

    assert teaching.taught_mask(image, Left(theirs).probability, Left(ours)) is None  # type: ignore[arg-type]


class AsManyAsRows:
    """A detector that finds a face for every ten rows of the photo."""

    def detect(self, image: RGBImage) -> list[Face]:
        landmarks = np.zeros((5, 2), np.float32)
        return [Face((0, 0, 9, 9), 0.95, landmarks) for _ in range(len(image) // 10)]


def test_only_photos_of_one_face_are_taken_and_broken_files_are_passed_over(tmp_path: Path) -> None:
    for rows in (5, 10, 20):
        cv2.imwrite(str(tmp_path / f"{rows}.png"), np.zeros((rows, 12, 3), np.uint8))
    (tmp_path / "broken.png").write_bytes(b"no picture")

    found = list(teaching.photos_of_one([tmp_path], AsManyAsRows()))

    assert [image.shape[0] for image, _ in found] == [10]


def test_a_missing_runtime_of_the_teacher_is_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ai_edge_litert.interpreter", None)

    with pytest.raises(SystemExit, match="ai-edge-litert"):
        teaching.main([str(tmp_path), "--teacher", "x.tflite", "--output", str(tmp_path / "out")])
