"""From a photo to the soft mask of the people in it, at the photo's own size."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from inference.device import inference_dtype, pick_device
from inference.errors import WeightsError
from inference.folding import fold_norms
from inference.segmentation.prompts import Box, prompt_map
from inference.segmentation.refinement import reduce_to_guide, refine
from inference.segmentation.unet import (
    build_unet,
    resize_to,
    to_batch,
    with_prompt_channel,
    working_size,
)
from inference.types import AlphaMask, RGBImage
from inference.weights import load_state_dict

WEIGHTS_NAME = "portrait-unet"
PROMPTED_NAME = "portrait-unet-prompted"

OPAQUE = 0.95
PREVIEW_SIDE = 192
"""Below it the network loses the middle of people who are near; above it costs more time."""

PERSON_SHARE = 0.005
"""A photo shows a person if this share of it is opaque in the mask; measured, see the model card.

Where the network sees people that are not there it is rarely sure of it, so the share of alpha
above a half would tell much less.
"""


class PersonSegmenter:
    """Finds the pixels that belong to people. Safe to call from several threads.

    Args:
        network: Answers where everybody is meant.
        prompted: Answers where some are meant; by default the same. The one that learnt to listen
            to a prompt is a little worse where there is none, so two of them ship.
    """

    name = WEIGHTS_NAME

    def __init__(self, network: nn.Module, prompted: nn.Module | None = None) -> None:
        self._device = pick_device()
        self._dtype = inference_dtype(self._device)
        self._network = network.to(self._device).eval()
        self._prompted = self._network if prompted is None else prompted.to(self._device).eval()

    @classmethod
    def load(cls, weights_dir: Path | None = None) -> Self:
        """Load the networks of this project; takes about a second.

        Args:
            weights_dir: Folder of optional downloads; these weights are none and do not need it.

        Raises:
            WeightsError: The file is missing, has the wrong hash or does not fit the network.
        """
        names = (WEIGHTS_NAME, PROMPTED_NAME)
        return cls(*(_with_weights(load_state_dict(name, weights_dir)) for name in names))

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Load the weights of a training run, to look at them before they are shipped.

        Raises:
            WeightsError: The file is missing, broken or does not fit the network.
        """
        try:
            return cls(_with_weights(load_file(path)))
        except (OSError, SafetensorError) as error:
            raise WeightsError(f"{path}: not a readable weights file") from error

    def segment(
        self, image: RGBImage, heads: Sequence[Box] = (), others: Sequence[Box] = ()
    ) -> AlphaMask:
        """Return the soft mask of those who are meant, ``(H, W)`` like the photo.

        Args:
            image: ``(H, W, 3)`` uint8 RGB.
            heads: Face boxes of those who are meant, in pixels of ``image``; none means everybody.
            others: Face boxes of those who are not, as far as they are known; they tell the network
                where somebody else begins.
        """
        guide = reduce_to_guide(image)
        scale = guide.shape[0] / image.shape[0]
        coarse = self.probability(guide, _scaled(heads, scale), _scaled(others, scale))
        return refine(image, guide, coarse)

    def probability(
        self, image: RGBImage, heads: Sequence[Box] = (), others: Sequence[Box] = ()
    ) -> NDArray[np.float32]:
        """Return for each pixel how likely it shows who is meant, before any refinement.

        The network sees the photo and its mirror image; the mean of both is a point better.
        """
        return self._mean_probability(
            self._prompted if heads else self._network, image, heads, others
        )

    def _mean_probability(
        self,
        network: nn.Module,
        image: RGBImage,
        heads: Sequence[Box] = (),
        others: Sequence[Box] = (),
    ) -> NDArray[np.float32]:
        """Return the mean of what a network says of an image and of its mirror image."""
        height, width = image.shape[:2]
        small = resize_to(image, working_size(height, width))
        prompt = prompt_map(heads, (height, width), small.shape[:2], others)
        batch = to_batch(np.stack([small, small[:, ::-1]]), np.stack([prompt, prompt[:, ::-1]]))
        with torch.inference_mode():
            logits = self._logits(network, batch)
            mean = (logits[:1] + logits[1:].flip(3)) / 2
            full = nn.functional.interpolate(mean, (height, width), mode="bilinear")
            probability: NDArray[np.float32] = full.sigmoid()[0, 0].cpu().numpy()
        return probability

    def person_masks(self, image: RGBImage, heads: Sequence[Box]) -> NDArray[np.float32]:
        """Return a mask of everybody and one of each person alone, at the size of the image.

        One pass for each without the mirror image: made for a small image, to choose by.

        Args:
            image: ``(H, W, 3)`` uint8 RGB.
            heads: Face boxes of the people, in pixels of ``image``.

        Returns:
            ``(1 + N, H, W)`` float32, 0 to 1; the first is of all, the others in the order of
            ``heads``.
        """
        shape = image.shape[:2]
        small = resize_to(image, working_size(*shape))
        masks = []
        for meant in ((), *((head,) for head in heads)):
            others = [head for head in heads if head not in meant]
            prompt = prompt_map(meant, shape, small.shape[:2], others)
            batch = to_batch(small[None], prompt[None])
            with torch.inference_mode():
                logits = self._logits(self._prompted if meant else self._network, batch)
                full = nn.functional.interpolate(logits, shape, mode="bilinear")
                coarse: NDArray[np.float32] = full.sigmoid()[0, 0].cpu().numpy()
            masks.append(refine(image, image, coarse))
        return np.stack(masks)

    def preview(self, image: RGBImage) -> NDArray[np.float32]:
        """Return the probabilities as the network gives them, fast and small.

        One pass over about ``PREVIEW_SIDE`` squared pixels; ``probability`` looks closer and twice.

        Args:
            image: ``(H, W, 3)`` uint8 RGB.

        Returns:
            ``(h, w)``, 0 to 1, for the whole image.
        """
        height, width = image.shape[:2]
        small = resize_to(image, working_size(height, width, PREVIEW_SIDE))
        with torch.inference_mode():
            logits = self._logits(self._network, to_batch(small[None]))
        probability: NDArray[np.float32] = logits.sigmoid()[0, 0].cpu().numpy()
        return probability

    def _logits(self, network: nn.Module, batch: Tensor) -> Tensor:
        """Run a network in the fastest number format; returns float32."""
        batch = batch.to(self._device, memory_format=torch.channels_last)
        with torch.autocast(self._device.type, self._dtype):
            logits: Tensor = network(batch)
        return logits.float()

    def has_person(self, alpha: AlphaMask, faceless: RGBImage | None = None) -> bool:
        """Tell whether the mask holds enough to be called a person.

        Args:
            alpha: What ``segment`` returned.
            faceless: The photo, if no face was found in it. Then the network that listens to
                prompts, which learnt what empty scenes look like, must see somebody too.
        """
        if float((alpha >= OPAQUE).mean()) < PERSON_SHARE:
            return False
        return faceless is None or self._second_opinion(faceless)

    def _second_opinion(self, image: RGBImage) -> bool:
        guide = reduce_to_guide(image)
        alpha = refine(guide, guide, self._mean_probability(self._prompted, guide))
        return float((alpha >= OPAQUE).mean()) >= PERSON_SHARE


def _scaled(boxes: Sequence[Box], scale: float) -> list[Box]:
    return [(x1 * scale, y1 * scale, x2 * scale, y2 * scale) for x1, y1, x2, y2 in boxes]


def _with_weights(state: dict[str, Tensor]) -> nn.Module:
    """Return the network as it runs: without norms, in the format it would be cast to each time."""
    network = build_unet()
    try:
        network.load_state_dict(with_prompt_channel(state))
    except RuntimeError as error:
        raise WeightsError(f"{WEIGHTS_NAME}: the weights do not fit the network") from error
    fold_norms(network.eval())
    return network.to(inference_dtype(pick_device()))
