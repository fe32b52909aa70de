"""The U-Net that tells people from background, and the pixels it wants to see.

Paper: Ronneberger, Fischer, Brox 2015, "U-Net" (arXiv 1505.04597), layer by layer as
segmentation-models-pytorch (MIT) builds the one that is trained. We differ in the encoder: a
RegNetY-400MF without its ImageNet weights, because among the encoders that fit the size limit it
gives the most capacity for a millisecond of training on a CPU, and its squeeze-and-excitation
blocks see the whole photo. The measurement is in the model card.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inference.segmentation.regnet import CHANNELS, RegNet
from inference.types import RGBImage

FIRST_LAYER = "encoder.model.stem.conv.weight"
DECODER_CHANNELS = (128, 96, 48, 32, 16)
STRIDE = 32
"""Height and width of the input must be multiples of this, the deepest stride of the encoder."""

WORKING_SIDE = 224
"""The network sees every photo with about this many pixels squared, whatever its shape.

Measured: with 256 groups gain two points, full-body photos lose one; see the model card."""

MEAN = 0.45
STD = 0.25
"""One mean and deviation for all three channels, as the weights were trained."""


class UNet(nn.Module):
    """Encoder, decoder and head: ``(B, 4, H, W)`` in, logits ``(B, 1, H, W)`` out.

    Height and width must be multiples of ``STRIDE``.
    """

    def __init__(self) -> None:
        super().__init__()
        # Named like this because the weights are.
        self.encoder = nn.ModuleDict({"model": RegNet(channels=4)})
        self.decoder = nn.ModuleDict({"blocks": nn.Sequential(*_decoder_blocks())})
        self.segmentation_head = nn.Sequential(nn.Conv2d(DECODER_CHANNELS[-1], 1, 3, padding=1))

    def forward(self, pixels: Tensor) -> Tensor:
        """Look at a batch of pictures with their prompts."""
        *finer, x = self.encoder["model"](pixels)
        for block in self.decoder["blocks"].children():
            x = block(x, finer.pop() if finer else None)
        logits: Tensor = self.segmentation_head(x)
        return logits


class DecoderBlock(nn.Module):
    """Doubles the size of a map and joins it with the encoder's map of that size.

    Args:
        inputs: Channels that come in, those of the encoder's map included.
        outputs: Channels that go out.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = _convolution(inputs, outputs)
        self.conv2 = _convolution(outputs, outputs)

    def forward(self, x: Tensor, finer: Tensor | None) -> Tensor:
        """Return the joined map; the finest has no partner."""
        x = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
        if finer is not None:
            x = torch.cat([x, finer], 1)
        joined: Tensor = self.conv2(self.conv1(x))
        return joined


def _decoder_blocks() -> Iterator[DecoderBlock]:
    coarsest, *finer = reversed(CHANNELS)
    inputs = coarsest
    for outputs, partner in zip(DECODER_CHANNELS, (*finer, 0), strict=True):
        yield DecoderBlock(inputs + partner, outputs)
        inputs = outputs


def _convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def build_unet() -> UNet:
    """Return the network, ready for trained weights: ``(B, 4, H, W)`` in, ``(B, 1, H, W)`` out.

    Red, green and blue, and the prompt map that tells whom the mask is about.
    """
    network: UNet = UNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def working_size(height: int, width: int, side: int = WORKING_SIDE) -> tuple[int, int]:
    """Return the height and width at which the network looks at a photo of this shape.

    The area stays near ``side`` squared, so a panorama costs no more than a square photo; both
    edges are multiples of ``STRIDE``, which bends the aspect ratio by a few percent at most.
    Extreme shapes keep their short edge at two strides.
    """
    scale = side / math.sqrt(height * width)
    smallest, largest = 2 * STRIDE, side * side // (2 * STRIDE)
    return (
        min(max(round(height * scale / STRIDE) * STRIDE, smallest), largest),
        min(max(round(width * scale / STRIDE) * STRIDE, smallest), largest),
    )


def resize_to(image: RGBImage, size: tuple[int, int]) -> RGBImage:
    """Return the image at ``(height, width)``, averaged over areas where it shrinks."""
    height, width = size
    shrinks = image.shape[0] >= height and image.shape[1] >= width
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized: NDArray[np.uint8] = cv2.resize(image, (width, height), interpolation=interpolation)  # type: ignore[assignment]
    return resized


def to_batch(images: NDArray[np.uint8], prompts: NDArray[np.float32] | None = None) -> Tensor:
    """Return images and prompts as the normalised ``(B, 4, H, W)`` float batch.

    Args:
        images: ``(B, H, W, 3)`` uint8.
        prompts: ``(B, H, W)`` float32, 0 to 1; by default empty, which means everybody.
    """
    colours = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    colours = colours.div_(255).sub_(MEAN).div_(STD)
    if prompts is None:
        return torch.cat([colours, torch.zeros_like(colours[:, :1])], 1)
    return torch.cat([colours, torch.from_numpy(prompts)[:, None]], 1)


def with_prompt_channel(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Let weights that know colours only take a prompt too, to which they do not listen yet."""
    first = state.get(FIRST_LAYER)
    if first is None or first.shape[1] != 3:
        return state
    return {**state, FIRST_LAYER: torch.cat([first, torch.zeros_like(first[:, :1])], 1)}
