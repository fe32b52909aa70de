"""Small convolutional networks: two or three convolutions, each with a pool, then one dense layer.

They answer plain questions: what a third layer is worth, what a residual connection is worth in a
network this shallow, how much dropout helps, and whether edges alone are enough.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.emotion.architectures.base import EmotionNetwork
from inference.emotion.architectures.edges import CannyInput

GRID = 6
"""Side in pixels of the last feature map that the dense layer reads."""


class SmallConvolutional(nn.Module):
    """Convolutions of 3x3 with ReLU and 2x2 max pools, then a dense layer of 128.

    Args:
        widths: Channels of each convolution.
        residual: Whether every convolution but the first is bridged by a 1x1 convolution.
        dropout: Share silenced before the dense layer.
        channels_in: 2 where edges come beside the grey image.
    """

    def __init__(
        self,
        widths: tuple[int, ...],
        *,
        residual: bool = False,
        dropout: float = 0.2,
        channels_in: int = 1,
    ) -> None:
        super().__init__()
        pairs = list(zip((channels_in, *widths), widths, strict=False))
        self.convolutions = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in pairs)
        self.bridges = nn.ModuleList(nn.Conv2d(i, o, 1) for i, o in pairs[1:] if residual)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(widths[-1] * GRID * GRID, 128)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, channels_in, H, W)`` to ``(B, 128)``."""
        for position, convolution in enumerate(self.convolutions):
            y = convolution(x)
            if position and self.bridges:
                y = y + self.bridges[position - 1](x)
            x = functional.max_pool2d(functional.relu(y), 2)
        flat = functional.adaptive_avg_pool2d(x, GRID).flatten(1)
        return functional.relu(self.dense(self.dropout(flat)))


def two_convolutions(dropout: float = 0.2) -> EmotionNetwork:
    """Build the network of two convolutions and two pools."""
    return EmotionNetwork(SmallConvolutional((32, 64), dropout=dropout), 128)


def three_convolutions(dropout: float, *, residual: bool) -> EmotionNetwork:
    """Build the network of three convolutions and three pools."""
    backbone = SmallConvolutional((32, 64, 128), residual=residual, dropout=dropout)
    return EmotionNetwork(backbone, 128)


def two_convolutions_on_edges(view: Literal["canny", "grey+canny"]) -> EmotionNetwork:
    """Build the network of two convolutions on Canny edges, alone or beside the grey image."""
    source = CannyInput(keep_grey=view == "grey+canny")
    backbone = SmallConvolutional((32, 64), channels_in=source.channels)
    return EmotionNetwork(nn.Sequential(source, backbone), 128)


def plain_seven() -> EmotionNetwork:
    """Build a plain network of seven layers: five convolutions, two dense ones and no norms."""
    layers: list[nn.Module] = []
    channels = 1
    for width, pooled in ((32, False), (32, True), (64, False), (64, True), (128, True)):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
        layers += [nn.MaxPool2d(2)] if pooled else []
        channels = width
    layers += [nn.AdaptiveAvgPool2d(GRID), nn.Flatten(), nn.Linear(channels * GRID * GRID, 256)]
    return EmotionNetwork(nn.Sequential(*layers, nn.ReLU(inplace=True)), 256, dropout=0.3)


def normalised_dropout() -> EmotionNetwork:
    """Build four convolutions with batch norm and dropout after every pool.

    Together with the zoom, shift and rotation of the recipe this is the classic way to keep a
    small network from learning the faces by heart.
    """
    layers: list[nn.Module] = []
    channels = 1
    for width in (32, 64, 128, 256):
        layers += [
            nn.Conv2d(channels, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
        ]
        channels = width
    layers += [nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Linear(channels * 9, 256, bias=False)]
    backbone = nn.Sequential(*layers, nn.BatchNorm1d(256), nn.ReLU(inplace=True))
    return EmotionNetwork(backbone, 256, dropout=0.5)


def first_filters(network: nn.Module) -> Tensor:
    """Return the first convolution's kernels, ``(filters, height, width)``, of the first channel.

    Raises:
        ValueError: The network has no convolution.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            return torch.clone(module.weight.detach()[:, 0])
    raise ValueError("this network has no convolution")
