"""ResNet9: the network of the fast-training competitions, at half its usual width.

Page 2018, "How to train your ResNet" (myrtle.ai); written from the description. Eight 3x3
convolutions and the heads; the widths are halved so that an epoch on a processor takes minutes.
"""

from torch import Tensor, nn

from inference.emotion.architectures.base import EmotionNetwork


class NormedConvolution(nn.Sequential):
    """3x3 convolution, batch norm, ReLU, and a 2x2 max pool where asked for."""

    def __init__(self, channels_in: int, channels: int, *, pooled: bool = False) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2) if pooled else nn.Identity(),
        )


class Bridged(nn.Module):
    """Two convolutions with the input added to their result."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            NormedConvolution(channels, channels), NormedConvolution(channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape ``(B, channels, H, W)``."""
        y: Tensor = self.body(x)
        return x + y


def resnet9(width: int = 32) -> EmotionNetwork:
    """Build ResNet9 with ``width`` channels in its first layer and eight times that in its last."""
    backbone = nn.Sequential(
        NormedConvolution(1, width),
        NormedConvolution(width, width * 2, pooled=True),
        Bridged(width * 2),
        NormedConvolution(width * 2, width * 4, pooled=True),
        NormedConvolution(width * 4, width * 8, pooled=True),
        Bridged(width * 8),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
    )
    return EmotionNetwork(backbone, width * 8, dropout=0.2)
