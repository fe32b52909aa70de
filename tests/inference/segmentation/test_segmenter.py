"""The segmenter around a network of which the answer is known."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inference.segmentation.segmenter import PERSON_SHARE, PersonSegmenter


class RedIsAPerson(nn.Module):
    """Calls every reddish pixel a person."""

    def forward(self, batch: Tensor) -> Tensor:
        """Return logits of ``(B, 1, H, W)``."""
        return (batch[:, :1] - batch[:, 1:2]) * 20 - 10


@pytest.fixture
def segmenter() -> PersonSegmenter:
    return PersonSegmenter(RedIsAPerson())


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (1300, 1700), (200, 3000), (5, 5)])
def test_the_mask_covers_the_person_in_photos_of_every_shape(
    segmenter: PersonSegmenter, shape: tuple[int, int]
) -> None:
    image = np.full((*shape, 3), 60, np.uint8)
    person = np.s_[: shape[0] // 2 + 1, : shape[1] // 2 + 1]
    image[person] = (230, 40, 40)
    truth = np.zeros(shape, bool)
    truth[person] = True
    alpha = segmenter.segment(image)
    assert alpha.shape == shape
    assert alpha.dtype == np.float32
    assert alpha.min() >= 0
    assert alpha.max() <= 1
    wrong = np.mean((alpha > 0.5) != truth)
    assert wrong < (0.02 if min(shape) > 100 else 0.3)


class LeftIsAPerson(nn.Module):
    """Is sure of the left half whatever it sees, as a badly trained network might be."""

    def forward(self, batch: Tensor) -> Tensor:
        """Return logits of ``(B, 1, H, W)``."""
        logits = torch.full_like(batch[:, :1], -6.0)
        logits[..., : batch.shape[3] // 2] = 6.0
        return logits


class Everywhere(nn.Module):
    """Gives every pixel the same logit."""

    def __init__(self, logit: float) -> None:
        super().__init__()
        self.logit = logit

    def forward(self, batch: Tensor) -> Tensor:
        """Return logits of ``(B, 1, H, W)``."""
        return torch.full_like(batch[:, :1], self.logit)


def test_left_and_right_are_treated_alike() -> None:
    probability = PersonSegmenter(LeftIsAPerson()).probability(np.zeros((64, 64, 3), np.uint8))
    assert np.allclose(probability, 0.5, atol=1e-3)


def test_a_photo_without_a_person_says_so(segmenter: PersonSegmenter) -> None:
    alpha = segmenter.segment(np.full((300, 400, 3), 90, np.uint8))
    assert alpha.max() < 0.01
    assert not segmenter.has_person(alpha)


def test_a_person_must_fill_a_share_of_the_photo(segmenter: PersonSegmenter) -> None:
    alpha = np.zeros((1000, 1000), np.float32)
    rows = round(1000 * PERSON_SHARE)
    alpha[: rows - 1] = 1
    assert not segmenter.has_person(alpha)
    alpha[:rows] = 1
    assert segmenter.has_person(alpha)


def test_a_faint_mask_is_no_person(segmenter: PersonSegmenter) -> None:
    assert not segmenter.has_person(np.full((100, 100), 0.8, np.float32))


def test_where_no_face_was_found_both_networks_must_see_somebody() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    alpha = np.ones((64, 64), np.float32)
    sure, doubtful = Everywhere(6.0), Everywhere(-6.0)

    assert PersonSegmenter(sure, sure).has_person(alpha, image)
    assert not PersonSegmenter(sure, doubtful).has_person(alpha, image)
    assert PersonSegmenter(sure, doubtful).has_person(alpha), "a face was found"
    assert not PersonSegmenter(doubtful, sure).has_person(0 * alpha, image), "nothing to keep sharp"


def test_no_gradient_is_kept(segmenter: PersonSegmenter) -> None:
    segmenter.segment(np.zeros((64, 64, 3), np.uint8))
    assert torch.is_grad_enabled()
