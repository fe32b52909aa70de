"""A MobileFaceNet that TensorFlow trained: part of the optional download ``stars``.

Chen, Liu, Gao, Han 2018 (arXiv:1804.07573) as sirius-ai trained it with ArcFace (Apache-2.0), in
the form that vladmandic's ``human-models`` (MIT) gives away: one flat file of float32 and a
manifest that says where each tensor lies. Written from the paper and the names in the manifest;
neither TensorFlow nor its graph is needed. Normalisation is folded into the convolutions already.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.errors import WeightsError

INPUT_SIZE = 112
DIMENSIONS = 192
_STAGES = (
    (2, 5, 128, 64, 2),
    (3, 1, 256, 128, 2),
    (4, 6, 256, 128, 1),
    (5, 1, 512, 128, 2),
    (6, 2, 256, 128, 1),
)
"""Number in the names, blocks, channels between, channels after, first stride."""


class SamePadded(nn.Conv2d):
    """A 3x3 convolution that pads as TensorFlow does: one that halves pads right and below only."""

    def __init__(self, inputs: int, outputs: int, stride: int, groups: int = 1) -> None:
        super().__init__(inputs, outputs, 3, stride, padding=0, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        """Return the next feature map, ``(B, C, H, W)``."""
        before = 0 if self.stride[0] == 2 else 1
        padded: Tensor = super().forward(functional.pad(x, (before, 1, before, 1)))
        return padded


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; with a skip where the shape stays."""

    def __init__(self, inputs: int, hidden: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.has_skip = stride == 1 and inputs == outputs
        self.expand = nn.Conv2d(inputs, hidden, 1)
        self.expand_slope = nn.PReLU(hidden)
        self.depthwise = SamePadded(hidden, hidden, stride, groups=hidden)
        self.depthwise_slope = nn.PReLU(hidden)
        self.project = nn.Conv2d(hidden, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the next feature map, ``(B, C, H, W)``."""
        inner = self.depthwise_slope(self.depthwise(self.expand_slope(self.expand(x))))
        projected: Tensor = self.project(inner)
        return x + projected if self.has_skip else projected


class SiriusMobileFaceNet(nn.Module):
    """From a face aligned to ``ARCFACE_112`` to an embedding that is not normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = SamePadded(3, 64, 2)
        self.stem_slope = nn.PReLU(64)
        self.depthwise = SamePadded(64, 64, 1, groups=64)
        self.depthwise_slope = nn.PReLU(64)
        self.pointwise = nn.Conv2d(64, 64, 1)
        blocks: list[InvertedResidual] = []
        inputs = 64
        for _, count, hidden, outputs, first_stride in _STAGES:
            for index in range(count):
                stride = first_stride if index == 0 else 1
                blocks.append(InvertedResidual(inputs, hidden, outputs, stride))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.widen = nn.Conv2d(inputs, 512, 1)
        self.widen_slope = nn.PReLU(512)
        self.pool = nn.Conv2d(512, 512, 7, groups=512)
        self.mix = nn.Conv2d(512, 512, 1)
        self.head = nn.Conv2d(512, DIMENSIONS, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return embeddings ``(B, 192)`` of normalised pixels ``(B, 3, 112, 112)``."""
        x = self.depthwise_slope(self.depthwise(self.stem_slope(self.stem(x))))
        x = self.blocks(self.pointwise(x))
        x = self.pool(self.widen_slope(self.widen(x)))
        embeddings: Tensor = self.head(self.mix(x))
        return embeddings.flatten(1)

    def named_convolutions(self) -> Iterator[tuple[str, nn.Conv2d, nn.PReLU | None]]:
        """Yield each convolution with its name in the manifest and the slopes after it."""
        yield "Conv2d_0/Conv2D", self.stem, self.stem_slope
        yield "SeparableConv2d/depthwise", self.depthwise, self.depthwise_slope
        yield "Conv/Conv2D", self.pointwise, None
        names = [f"Conv2d_{stage}_InvResBlock_{i}" for stage, n, *_ in _STAGES for i in range(n)]
        for name, block in zip(names, self.blocks, strict=True):
            if isinstance(block, InvertedResidual):
                yield f"{name}/Conv/Conv2D", block.expand, block.expand_slope
                yield f"{name}/SeparableConv2d/depthwise", block.depthwise, block.depthwise_slope
                yield f"{name}/Conv_1/Conv2D", block.project, None
        yield "Conv2d_7/Conv2D", self.widen, self.widen_slope
        yield "Logits/SeparableConv2d/depthwise", self.pool, None
        yield "Logits/Conv/Conv2D", self.mix, None
        yield "Logits/LinearConv1x1/Conv2D", self.head, None


def normalise(crops: Tensor) -> Tensor:
    """Turn uint8 RGB crops ``(B, 3, 112, 112)`` into what the network was trained on."""
    return (crops.float() - 127.5) / 128.0


def load_sirius(flat: Path, manifest: Path) -> SiriusMobileFaceNet:
    """Read the network from the flat file and its manifest.

    Raises:
        WeightsError: The two do not belong together, or hold another network.
    """
    tensors = _read_tensors(flat, manifest)
    network = SiriusMobileFaceNet()
    try:
        with torch.no_grad():
            for name, convolution, slopes in network.named_convolutions():
                _fill(convolution, tensors[f"{name}_weights"], tensors[f"{name}_bn_offset"])
                if slopes is not None:
                    # The file holds minus half the slope: read with the other sign, faces of one
                    # person are no nearer than those of two (equal error 38 % instead of 3 %).
                    prefix = name.rpartition("/")[0]
                    slopes.weight.copy_(-2.0 * torch.from_numpy(tensors[f"{prefix}/mul"].copy()))
    except (KeyError, RuntimeError) as error:
        raise WeightsError(f"{manifest.name} describes another network: {error}") from error
    return network.eval()


def _fill(
    convolution: nn.Conv2d, weights: np.ndarray[Any, Any], offset: np.ndarray[Any, Any]
) -> None:
    # TensorFlow keeps rows, columns, inputs, outputs; a depthwise one has one output per input.
    order = (2, 3, 0, 1) if convolution.groups > 1 else (3, 2, 0, 1)
    convolution.weight.copy_(torch.from_numpy(weights.transpose(order).copy()))
    if convolution.bias is not None:
        convolution.bias.copy_(torch.from_numpy(offset.copy()))


def _read_tensors(flat: Path, manifest: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Cut the flat file into its tensors, by name without the network's own prefix."""
    try:
        entries = json.loads(manifest.read_text(encoding="utf-8"))["weightsManifest"][0]["weights"]
        sizes = [int(np.prod(entry["shape"], dtype=np.int64)) for entry in entries]
        values = np.fromfile(flat, dtype="<f4")
        if values.size != sum(sizes):
            raise WeightsError(f"{flat.name} holds {values.size} values, not {sum(sizes)}")
        pieces = np.split(values, np.cumsum(sizes)[:-1])
        return {
            entry["name"]
            .removeprefix("MobileFaceNet/MobileFaceNet/")
            .removeprefix("MobileFaceNet/"): piece.reshape(entry["shape"])
            for entry, piece in zip(entries, pieces, strict=True)
        }
    except (OSError, KeyError, IndexError, TypeError, ValueError) as error:
        raise WeightsError(f"{manifest.name} is no manifest of weights: {error}") from error
