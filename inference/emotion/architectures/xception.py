"""mini-Xception: depth-wise separable convolutions with residual bridges, about 60,000 parameters.

Arriaga et al. 2017 (arXiv 1710.07557), after Chollet 2016 (arXiv 1610.02357); written from the
papers. We end in two linear heads on the global average where the paper averages class maps.
"""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from inference.emotion.architectures.base import EmotionNetwork


class SeparableConvolution(nn.Sequential):
    """A 3x3 filter for each channel, then a 1x1 mixture of channels, then a norm."""

    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_in, 3, padding=1, groups=channels_in, bias=False),
            nn.Conv2d(channels_in, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )


class SeparableBlock(nn.Module):
    """Two separable convolutions and a pool, bridged by a strided 1x1 convolution."""

    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__()
        self.first = SeparableConvolution(channels_in, channels)
        self.second = SeparableConvolution(channels, channels)
        self.bridge = nn.Sequential(
            nn.Conv2d(channels_in, channels, 1, stride=2, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, channels_in, H, W)`` to ``(B, channels, H / 2, W / 2)``."""
        y = self.second(functional.relu(self.first(x)))
        pooled: Tensor = functional.max_pool2d(y, 3, 2, padding=1)
        bridged: Tensor = self.bridge(x)
        return pooled + bridged


class MiniXception(nn.Module):
    """Two plain convolutions, four separable blocks, global average."""

    features = 128

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.Conv2d(8, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
        )
        widths = (8, 16, 32, 64, self.features)
        self.blocks = nn.Sequential(*(SeparableBlock(i, o) for i, o in pairwise(widths)))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, 1, H, W)`` to ``(B, 128)``."""
        pooled: Tensor = functional.relu(self.blocks(self.stem(x))).mean((2, 3))
        return pooled


def mini_xception() -> EmotionNetwork:
    """Build mini-Xception."""
    return EmotionNetwork(MiniXception(), MiniXception.features)
