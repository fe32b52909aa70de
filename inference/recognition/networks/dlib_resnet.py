"""``dlib-resnet``: dlib's 29-layer face network as a PyTorch module.

King 2017, "High Quality Face Recognition with Deep Metric Learning" (dlib 19.3), a ResNet after He
et al. 2015 (arXiv:1512.03385) with half the filters and fewer layers. Written from the description
of the stored layers; dlib is not needed. Each affine layer is folded into the convolution before
it, which changes no output and halves the passes over memory.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.errors import WeightsError
from inference.recognition.networks.dlib_format import DlibLayer, read_network_file

INPUT_SIZE = 150
DIMENSIONS = 128
MEAN = (122.782, 117.001, 104.298)
SCALE = 256.0

_STAGES: tuple[tuple[int, int, bool], ...] = (
    (32, 3, False),
    (64, 4, True),
    (128, 3, True),
    (256, 3, True),
    (256, 1, True),
)
"""Filters, blocks, and whether the first block halves the picture."""


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a skip.

    A block that halves the picture pads neither its first convolution nor the 2x2 average of its
    skip, so the two may differ in size; the smaller is filled with zeros at its end.
    """

    def __init__(self, inputs: int, filters: int, *, halves: bool) -> None:
        super().__init__()
        self.halves = halves
        stride, padding = (2, 0) if halves else (1, 1)
        self.first = nn.Conv2d(inputs, filters, 3, stride=stride, padding=padding)
        self.second = nn.Conv2d(filters, filters, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the next feature map, ``(B, C, H, W)``."""
        main = self.second(functional.relu(self.first(x)))
        skip = functional.avg_pool2d(x, 2, 2) if self.halves else x
        return functional.relu(add_padded(main, skip))


def add_padded(first: Tensor, second: Tensor) -> Tensor:
    """Add two ``(B, C, H, W)`` maps, filling the smaller with zeros at the end of each axis."""
    if first.shape == second.shape:
        return first + second
    target = [max(a, b) for a, b in zip(first.shape[1:], second.shape[1:], strict=True)]
    return _grow(first, target) + _grow(second, target)


def _grow(x: Tensor, target: list[int]) -> Tensor:
    channels, rows, columns = (want - have for want, have in zip(target, x.shape[1:], strict=True))
    return functional.pad(x, (0, columns, 0, rows, 0, channels))


class DlibResNet(nn.Module):
    """From an aligned face to an embedding that is not normalised.

    Args:
        dimensions: Size of the embedding.
    """

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 7, stride=2)
        blocks: list[ResidualBlock] = []
        inputs = 32
        for filters, count, halves in _STAGES:
            for index in range(count):
                blocks.append(ResidualBlock(inputs, filters, halves=halves and index == 0))
                inputs = filters
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(inputs, dimensions, bias=False)

    def features(self, x: Tensor) -> Tensor:
        """Return the pooled features, ``(B, 256)``, of normalised pixels ``(B, 3, H, W)``."""
        x = functional.max_pool2d(functional.relu(self.stem(x)), 3, 2)
        pooled: Tensor = self.blocks(x).mean(dim=(2, 3))
        return pooled

    def forward(self, x: Tensor) -> Tensor:
        """Return embeddings ``(B, D)`` of normalised pixels ``(B, 3, H, W)``."""
        embeddings: Tensor = self.head(self.features(x))
        return embeddings

    def convolutions(self) -> Iterator[nn.Conv2d]:
        """Yield every convolution from the input to the output."""
        yield self.stem
        for block in self.blocks:
            if isinstance(block, ResidualBlock):
                yield block.first
                yield block.second


def normalise(crops: Tensor) -> Tensor:
    """Turn uint8 RGB crops ``(B, 3, H, W)`` into the float32 the network was trained on."""
    mean = torch.tensor(MEAN, device=crops.device).view(1, 3, 1, 1)
    return (crops.float() - mean) / SCALE


def load_dlib_resnet(path: Path) -> DlibResNet:
    """Read the network from dlib's file.

    Raises:
        WeightsError: The file is damaged or holds another network.
    """
    layers = read_network_file(path).layers
    network = DlibResNet()
    weighted = [layer for layer in layers if layer.parameters.size]
    convolutions = list(network.convolutions())
    if len(weighted) != 2 * len(convolutions) + 1:
        raise WeightsError(f"{path.name} holds {len(weighted)} layers with parameters")
    with torch.no_grad():
        for index, convolution in enumerate(convolutions):
            _fold(convolution, weighted[2 * index], weighted[2 * index + 1])
        _fill_head(network.head, weighted[-1])
    return network.eval()


def _fold(convolution: nn.Conv2d, stored: DlibLayer, affine: DlibLayer) -> None:
    filters = convolution.out_channels
    expected = convolution.weight.numel() + filters
    if (stored.kind, affine.kind) != ("con", "affine") or stored.parameters.size != expected:
        raise WeightsError(f"a {stored.kind} layer does not fit a convolution of {filters} filters")
    weight, bias = np.split(stored.parameters, [expected - filters])
    gamma, beta = (torch.from_numpy(part.copy()) for part in np.split(affine.parameters, 2))
    shaped = torch.from_numpy(weight.copy()).view_as(convolution.weight)
    convolution.weight.copy_(shaped * gamma.view(-1, 1, 1, 1))
    if convolution.bias is not None:
        convolution.bias.copy_(torch.from_numpy(bias.copy()) * gamma + beta)


def _fill_head(head: nn.Linear, stored: DlibLayer) -> None:
    if stored.kind != "fc" or stored.parameters.size != head.weight.numel():
        raise WeightsError(
            f"the last layer is {stored.kind!r} with {stored.parameters.size} values"
        )
    # dlib stores this matrix as inputs x outputs.
    matrix = stored.parameters.reshape(head.in_features, head.out_features)
    head.weight.copy_(torch.from_numpy(matrix.T.copy()))
