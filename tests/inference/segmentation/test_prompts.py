"""The prompt map, and that the segmenter shows it to its network."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inference.segmentation.prompts import Box, prompt_map
from inference.segmentation.segmenter import PersonSegmenter
from inference.segmentation.unet import FIRST_LAYER, build_unet, to_batch, with_prompt_channel


def test_nobody_named_draws_nothing() -> None:
    assert prompt_map([], (100, 200), (50, 100)).max() == 0


def test_a_disc_lies_on_each_head_and_fades_beside_it() -> None:
    heads: list[Box] = [(20, 20, 40, 40), (150, 60, 170, 80)]

    drawn = prompt_map(heads, (100, 200), (50, 100))

    assert drawn.shape == (50, 100)
    for x, y in ((15, 15), (80, 35)):
        assert drawn[y, x] > 0.9
    assert drawn[25, 47] < 0.01
    assert drawn[15, 15 + 5] == pytest.approx(np.exp(-0.5), abs=0.1), "one spread aside"


def test_a_head_in_the_distance_does_not_fall_between_the_pixels() -> None:
    assert prompt_map([(500, 500, 504, 504)], (1000, 1000), (64, 64)).max() > 0.8


class PromptIsThePerson(nn.Module):
    """Calls a person what the prompt marks, and everything where it marks nothing."""

    def forward(self, batch: Tensor) -> Tensor:
        """Return logits of ``(B, 1, H, W)``."""
        prompt = batch[:, 3:4]
        everybody = (prompt.amax((1, 2, 3), keepdim=True) == 0).float()
        return 40 * torch.maximum(prompt, everybody.expand_as(prompt)) - 20


@pytest.mark.parametrize("shape", [(400, 600), (1600, 2400)])
def test_the_mask_is_about_those_who_are_meant(shape: tuple[int, int]) -> None:
    segmenter, image = PersonSegmenter(PromptIsThePerson()), np.full((*shape, 3), 90, np.uint8)
    height, width = shape
    right = (0.75 * width, 0.2 * height, 0.85 * width, 0.4 * height)

    meant, everybody = segmenter.segment(image, [right]), segmenter.segment(image)

    assert meant[int(0.3 * height), int(0.8 * width)] > 0.9
    assert meant[:, : width // 2].max() < 0.1
    assert everybody.min() > 0.9


class NeverAsked(nn.Module):
    """A network that must not be shown anything."""

    def forward(self, batch: Tensor) -> Tensor:
        """Fail the test."""
        raise AssertionError("the other network answers this")


def test_each_question_goes_to_the_network_that_answers_it_best() -> None:
    image = np.full((300, 400, 3), 90, np.uint8)

    told = PersonSegmenter(NeverAsked(), PromptIsThePerson()).segment(image, [(50, 50, 90, 100)])
    everybody = PersonSegmenter(PromptIsThePerson(), NeverAsked()).segment(image)

    assert told[75, 70] > 0.9
    assert everybody.min() > 0.9


def test_weights_of_colours_alone_answer_as_before_whatever_the_prompt() -> None:
    torch.manual_seed(3)
    network = build_unet().eval()
    state = network.state_dict()
    old = {**state, FIRST_LAYER: state[FIRST_LAYER][:, :3]}
    network.load_state_dict(with_prompt_channel(old))
    images = np.random.default_rng(1).integers(0, 255, (1, 64, 64, 3)).astype(np.uint8)

    with torch.inference_mode():
        empty = network(to_batch(images))
        prompted = network(to_batch(images, np.ones((1, 64, 64), np.float32)))

    torch.testing.assert_close(prompted, empty)
    assert with_prompt_channel(state)[FIRST_LAYER].shape[1] == 4


def test_others_are_drawn_downwards_and_only_where_somebody_is_meant() -> None:
    left: Box = (20, 20, 40, 40)
    right: Box = (150, 60, 170, 80)

    drawn = prompt_map([left], (100, 200), (50, 100), [right])

    assert drawn[15, 15] > 0.9
    assert drawn[35, 80] < -0.9
    assert not prompt_map([], (100, 200), (50, 100), [right]).any()


def test_masks_to_choose_by_are_of_everybody_and_then_of_each() -> None:
    segmenter, image = PersonSegmenter(PromptIsThePerson()), np.full((200, 400, 3), 90, np.uint8)
    heads: list[Box] = [(30, 40, 90, 100), (300, 40, 360, 100)]

    everybody, left, right = segmenter.person_masks(image, heads)

    assert everybody.min() > 0.9
    assert (left[70, 60] > 0.9, left[70, 330] < 0.1) == (True, True)
    assert (right[70, 330] > 0.9, right[70, 60] < 0.1) == (True, True)
