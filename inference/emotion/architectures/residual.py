"""The default network: a compact residual network with squeeze-and-excitation.

He et al. 2015 (arXiv 1512.03385) for the residual blocks, Hu et al. 2017 (arXiv 1709.01507) for the
squeeze-and-excitation gates; no reference code was followed. Unlike ResNet-18 the stem keeps the
full 48 pixels, the shortcut averages before its 1x1 convolution instead of skipping three pixels of
four, and most of the capacity sits at 12 and 6 pixels, where a multiplication is cheap.
"""

from torch import Tensor, nn
from torch.nn import functional

from inference.emotion.architectures.base import EmotionNetwork


class SqueezeExcitation(nn.Module):
    """Weighs channels by what the whole image shows."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction)
        self.excite = nn.Linear(channels // reduction, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Scale ``(B, C, H, W)`` channel by channel."""
        gate: Tensor = self.excite(functional.relu(self.squeeze(x.mean((2, 3))))).sigmoid()
        return x * gate[:, :, None, None]


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, a gate, and a shortcut around them.

    Args:
        channels_in: Channels of the input.
        channels: Channels of the output.
        stride: 2 halves height and width.
        gated: Whether squeeze-and-excitation closes the block.
    """

    def __init__(
        self, channels_in: int, channels: int, stride: int = 1, *, gated: bool = True
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.norm1: nn.Module = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm2: nn.Module = nn.BatchNorm2d(channels)
        self.gate = SqueezeExcitation(channels) if gated else nn.Identity()
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or channels_in != channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride) if stride > 1 else nn.Identity(),
                nn.Conv2d(channels_in, channels, 1, bias=False),
                nn.BatchNorm2d(channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, channels_in, H, W)`` to ``(B, channels, H / stride, W / stride)``."""
        y = functional.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.gate(self.norm2(self.conv2(y)))
        return functional.relu(y + self.shortcut(x), inplace=True)


class ResidualBackbone(nn.Module):
    """Stem at full size, then stages that each halve the size.

    Args:
        stem: Channels of the stem.
        widths: Channels of each stage.
        depths: Blocks of each stage.
        gated: Whether the blocks have squeeze-and-excitation.
    """

    def __init__(
        self, stem: int, widths: tuple[int, ...], depths: tuple[int, ...], *, gated: bool = True
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, stem, 3, 1, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU(inplace=True)
        )
        blocks: list[nn.Module] = []
        channels = stem
        for width, depth in zip(widths, depths, strict=True):
            for position in range(depth):
                stride = 2 if position == 0 else 1
                blocks.append(ResidualBlock(channels, width, stride, gated=gated))
                channels = width
        self.blocks = nn.Sequential(*blocks)
        self.features = channels

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, 1, H, W)`` to ``(B, features)``."""
        pooled: Tensor = self.blocks(self.stem(x)).mean((2, 3))
        return pooled


def encore_residual() -> EmotionNetwork:
    """Build the default network, 2.7 million parameters."""
    backbone = ResidualBackbone(24, widths=(48, 128, 256), depths=(1, 2, 2))
    return EmotionNetwork(backbone, backbone.features, dropout=0.2)
