"""The encoder of the portrait network: RegNetY-400MF, layer by layer as timm names it.

Paper: Radosavovic et al. 2020, "Designing Network Design Spaces" (arXiv 2003.13678). Written out
here because importing it from timm loads torchvision and the compiler of torch: four seconds of
processor time and 150 MB that nothing of ours ever uses.
"""

from torch import Tensor, nn

STEM = 32
STAGES = ((48, 1), (104, 3), (208, 6), (440, 6))
"""Channels and blocks of each stage; each halves the picture in its first block."""

GROUP = 8
"""Channels that a grouped convolution mixes."""

SQUEEZE = 0.25
CHANNELS = (STEM, *(width for width, _ in STAGES))
"""Of the maps that the encoder returns, from the finest to the coarsest."""


class ConvNorm(nn.Module):
    """A convolution without bias, its norm, and by choice a ReLU.

    Args:
        inputs: Channels that come in.
        outputs: Channels that go out.
        side: Of the kernel.
        stride: Pixels from one place to the next.
        groups: Groups of channels that do not mix.
        is_linear: Leaves the ReLU out.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        side: int = 1,
        stride: int = 1,
        groups: int = 1,
        *,
        is_linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            inputs, outputs, side, stride, padding=side // 2, groups=groups, bias=False
        )
        self.bn = nn.BatchNorm2d(outputs)
        self.act = nn.Identity() if is_linear else nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, normalise, cut off."""
        activated: Tensor = self.act(self.bn(self.conv(x)))
        return activated


class SqueezeExcitation(nn.Module):
    """Weighs the channels by what the whole picture says about them.

    Args:
        channels: How many there are.
        squeezed: To how many numbers the picture is brought in between.
    """

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Multiply each channel by its weight, 0 to 1."""
        weights = self.fc2(self.fc1(x.mean((2, 3), keepdim=True)).relu_())
        weighed: Tensor = x * weights.sigmoid()
        return weighed


class Bottleneck(nn.Module):
    """A residual block: narrow in the kernel, weighed by squeeze and excitation.

    Args:
        inputs: Channels that come in.
        outputs: Channels that go out.
        stride: 2 where a stage begins.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = ConvNorm(inputs, outputs)
        self.conv2 = ConvNorm(outputs, outputs, 3, stride, outputs // GROUP)
        self.se = SqueezeExcitation(outputs, round(inputs * SQUEEZE))
        self.conv3 = ConvNorm(outputs, outputs, is_linear=True)
        is_same = stride == 1 and inputs == outputs
        self.downsample = (
            nn.Identity() if is_same else ConvNorm(inputs, outputs, stride=stride, is_linear=True)
        )
        self.act3 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Add what the block has learnt to what came in."""
        learnt = self.conv3(self.se(self.conv2(self.conv1(x))))
        activated: Tensor = self.act3(learnt + self.downsample(x))
        return activated


class RegNet(nn.Module):
    """The encoder: ``(B, channels, H, W)`` in, a map of each scale out."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.stem = ConvNorm(channels, STEM, 3, 2)
        inputs = STEM
        for number, (width, depth) in enumerate(STAGES, start=1):
            self.add_module(f"s{number}", _stage(inputs, width, depth))
            inputs = width

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the maps of 1/2, 1/4, 1/8, 1/16 and 1/32 of the size, ``CHANNELS`` deep."""
        maps = []
        for part in self.children():
            x = part(x)
            maps.append(x)
        return maps


def _stage(inputs: int, width: int, depth: int) -> nn.Sequential:
    stage = nn.Sequential()
    for number in range(depth):
        block = Bottleneck(width if number else inputs, width, 1 if number else 2)
        stage.add_module(f"b{number + 1}", block)
    return stage
