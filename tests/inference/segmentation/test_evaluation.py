"""The measures of person masks, on masks whose scores can be reckoned by hand."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inference.datasets.person_masks import MaskedPhoto, MaskSet
from inference.evaluation import segmentation
from inference.evaluation.segmentation import evaluate, presence
from inference.measures.masks import boundary_f_score, intersection_over_union, iou_of_sets
from inference.segmentation.segmenter import PersonSegmenter
from inference.types import Face


class GreenIsAPerson(nn.Module):
    """Calls every greenish pixel a person."""

    def __init__(self) -> None:
        super().__init__()
        self.device_anchor = nn.Parameter()

    def forward(self, batch: Tensor) -> Tensor:
        """Return logits of ``(B, 1, H, W)``."""
        return (batch[:, 1:2] - batch[:, 2:]) * 20 - 10


class NobodyIsThere(nn.Module):
    """Sees people nowhere."""

    def forward(self, batch: Tensor) -> Tensor:
        """Return logits of ``(B, 1, H, W)``."""
        return torch.full_like(batch[:, :1], -6.0)


def green_person(name: str, columns: slice) -> MaskedPhoto:
    """Return a photo of a green block before black, with the mask of these columns."""
    image = np.zeros((256, 256, 3), np.uint8)
    image[96:, 64:128, 1] = 200
    mask = np.zeros((256, 256), np.uint8)
    mask[96:, columns] = 255
    return MaskedPhoto(name, image, mask)


def block(left: int, right: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    mask = np.zeros((400, 300), bool)
    mask[100:300, left:right] = True
    return mask


def test_iou_is_the_shared_area_over_the_whole() -> None:
    assert intersection_over_union(block(0, 100), block(50, 150)) == pytest.approx(1 / 3)
    assert intersection_over_union(block(0, 100), block(100, 150)) == 0
    assert intersection_over_union(block(0, 0), block(0, 0)) == 1


def test_the_boundary_score_forgives_3_pixels_of_500_and_not_10() -> None:
    assert boundary_f_score(block(50, 150), block(50, 150)) == 1
    assert boundary_f_score(block(50, 150), block(53, 153)) == 1
    assert boundary_f_score(block(50, 150), block(60, 160)) < 0.75
    assert boundary_f_score(block(0, 0), block(50, 150)) == 0
    assert boundary_f_score(block(0, 0), block(0, 0)) == 1


def test_the_edge_of_the_photo_is_no_outline() -> None:
    whole = np.ones((50, 50), bool)
    assert boundary_f_score(whole, whole) == 1
    assert boundary_f_score(block(0, 100), block(0, 300)) < 0.9


def test_sets_are_scored_apart_on_their_validation_photos() -> None:
    right, half = green_person("a", slice(64, 128)), green_person("b", slice(64, 96))
    sets = [
        MaskSet("right", training=[half], validation=[right]),
        MaskSet("half", training=[right], validation=[half]),
    ]
    scores = iou_of_sets(GreenIsAPerson(), sets)
    assert scores["right"] == pytest.approx(1, abs=0.01)
    assert scores["half"] == pytest.approx(0.5, abs=0.01)


def test_overlooked_people_and_invented_people_are_counted() -> None:
    seen = green_person("a", slice(64, 128))
    unseen = MaskedPhoto("b", np.zeros((256, 256, 3), np.uint8), seen.mask)
    unmarked = MaskedPhoto("c", seen.image, np.zeros((256, 256), np.uint8))
    sets = [MaskSet("people", training=[], validation=[seen, unseen, unmarked])]
    counts = presence(PersonSegmenter(GreenIsAPerson()), sets, lambda image: [])
    assert counts["overlooked"] == pytest.approx(0.5)
    assert 0 < counts["invented"] < 1


def test_only_photos_without_a_face_get_the_second_look() -> None:
    seen = green_person("a", slice(64, 128))
    sets = [MaskSet("people", training=[], validation=[seen])]
    segmenter = PersonSegmenter(GreenIsAPerson(), NobodyIsThere())
    face = Face((70.0, 100.0, 110.0, 140.0), 0.9, np.zeros((5, 2), np.float32))

    assert presence(segmenter, sets, lambda image: [face])["overlooked"] == 0
    assert presence(segmenter, sets, lambda image: [])["overlooked"] == 1


def test_the_evaluation_reports_every_set_and_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmentation, "chart_path", lambda name: tmp_path / f"{name}.svg")
    for side in ("images", "masks"):
        (tmp_path / "segmentation" / "people" / side).mkdir(parents=True)
    for index in range(12):
        photo = green_person(str(index), slice(64, 128))
        folder = tmp_path / "segmentation" / "people"
        cv2.imwrite(str(folder / "images" / f"{index}.png"), photo.image[..., ::-1])
        cv2.imwrite(str(folder / "masks" / f"{index}.png"), photo.mask)
    section = evaluate(tmp_path, PersonSegmenter(GreenIsAPerson()))
    assert section.metrics["people"]["iou"] > 0.97
    assert section.metrics["people"]["boundary_f"] > 0.97
    seconds = section.metrics["portrait_12mp_seconds"]
    assert seconds["total"] == pytest.approx(seconds["mask"] + seconds["blur"] + seconds["jpeg"])
    assert "| people |" in section.markdown
    assert (tmp_path / "segmentation-iou.svg").is_file()
