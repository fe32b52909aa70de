"""The three networks of MTCNN, layer by layer as in facenet-pytorch 2.5.3 (MIT), whose weights fit.

Written out here because importing them from there loads torchvision and the compiler of torch,
seconds in which the inference process would answer no frame.
"""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

from inference.weights import load_state_dict

Network = TypeVar("Network", bound=nn.Module)


class ProposalNet(nn.Module):
    """P-Net: every 12x12 window of a picture, two pixels apart.

    Takes ``(B, 3, H, W)``; returns box offsets ``(B, 4, h, w)`` and probabilities ``(B, 2, h, w)``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 10, 3)
        self.prelu1 = nn.PReLU(10)
        self.conv2 = nn.Conv2d(10, 16, 3)
        self.prelu2 = nn.PReLU(16)
        self.conv3 = nn.Conv2d(16, 32, 3)
        self.prelu3 = nn.PReLU(32)
        self.conv4_1 = nn.Conv2d(32, 2, 1)
        self.conv4_2 = nn.Conv2d(32, 4, 1)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Look at all windows."""
        x = self._pooled(self.conv1(pixels))
        x = self.prelu2(self.conv2(x))
        x = self.prelu3(self.conv3(x))
        answers = self._answers(x)
        return answers[:, :4], answers[:, 4:].softmax(dim=1)

    def _pooled(self, x: Tensor) -> Tensor:
        """Return what a 2x2 maximum makes of the activations, to the last bit.

        PReLU falls and rises at most once, so the largest value of four comes from the largest or
        the smallest input: it is computed for two of four. torch's own pooling also writes down
        where each maximum lay, which took as long as all convolutions.
        """
        odd_rows, odd_columns = x.shape[2] % 2, x.shape[3] % 2
        if odd_rows or odd_columns:
            x = nn.functional.pad(x, (0, odd_columns, 0, odd_rows), mode="replicate")
        upper, lower = x[:, :, ::2], x[:, :, 1::2]
        most, least = torch.maximum(upper, lower), torch.minimum(upper, lower)
        most = torch.maximum(most[..., ::2], most[..., 1::2])
        least = torch.minimum(least[..., ::2], least[..., 1::2])
        return torch.maximum(self.prelu1(most), self.prelu1(least))

    def _answers(self, x: Tensor) -> Tensor:
        """Return both heads, ``(B, 6, h, w)``; a product of matrices, for torch is slow at 1x1."""
        heads = (self.conv4_2, self.conv4_1)
        weight = torch.cat([head.weight.flatten(1) for head in heads])
        bias = torch.cat([head.bias for head in heads if head.bias is not None])
        return nn.functional.linear(x.permute(0, 2, 3, 1), weight, bias).permute(0, 3, 1, 2)


class RefinementNet(nn.Module):
    """R-Net: crops of 24x24 pixels.

    Takes ``(B, 3, 24, 24)``; returns box offsets ``(B, 4)`` and probabilities ``(B, 2)``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 28, 3)
        self.prelu1 = nn.PReLU(28)
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = nn.Conv2d(28, 48, 3)
        self.prelu2 = nn.PReLU(48)
        self.pool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv3 = nn.Conv2d(48, 64, 2)
        self.prelu3 = nn.PReLU(64)
        self.dense4 = nn.Linear(576, 128)
        self.prelu4 = nn.PReLU(128)
        self.dense5_1 = nn.Linear(128, 2)
        self.dense5_2 = nn.Linear(128, 4)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Look at crops."""
        x = self.pool1(self.prelu1(self.conv1(crops)))
        x = self.pool2(self.prelu2(self.conv2(x)))
        x = self.prelu3(self.conv3(x))
        x = self.prelu4(self.dense4(_flat(x)))
        return self.dense5_2(x), self.dense5_1(x).softmax(dim=1)


class OutputNet(nn.Module):
    """O-Net: crops of 48x48 pixels.

    Takes ``(B, 3, 48, 48)``; returns box offsets ``(B, 4)``, landmarks ``(B, 10)`` as five x and
    then five y in parts of the box, and probabilities ``(B, 2)``.
    """

    FEATURES = 1152 + 256

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3)
        self.prelu1 = nn.PReLU(32)
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.prelu2 = nn.PReLU(64)
        self.pool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv3 = nn.Conv2d(64, 64, 3)
        self.prelu3 = nn.PReLU(64)
        self.pool3 = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.conv4 = nn.Conv2d(64, 128, 2)
        self.prelu4 = nn.PReLU(128)
        self.dense5 = nn.Linear(1152, 256)
        self.prelu5 = nn.PReLU(256)
        self.dense6_1 = nn.Linear(256, 2)
        self.dense6_2 = nn.Linear(256, 4)
        self.dense6_3 = nn.Linear(256, 10)

    def features(self, crops: Tensor) -> Tensor:
        """Return what the network makes of crops before it answers, ``(B, 1408)``.

        First what its last map holds place by place, then the layer that the answers read.
        """
        places = self._places(crops)
        return torch.cat([places, self.prelu5(self.dense5(places))], dim=1)

    def _places(self, crops: Tensor) -> Tensor:
        x = self.pool1(self.prelu1(self.conv1(crops)))
        x = self.pool2(self.prelu2(self.conv2(x)))
        x = self.pool3(self.prelu3(self.conv3(x)))
        return _flat(self.prelu4(self.conv4(x)))

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Look at crops."""
        x = self.prelu5(self.dense5(self._places(crops)))
        return self.dense6_2(x), self.dense6_3(x), self.dense6_1(x).softmax(dim=1)


def load_proposal_net() -> ProposalNet:
    """Load P-Net from the file of facenet-pytorch.

    Raises:
        WeightsError: The file is missing or has another hash.
    """
    return _load(ProposalNet, "mtcnn-pnet")


def load_refinement_net() -> RefinementNet:
    """Load R-Net; raises like ``load_proposal_net``."""
    return _load(RefinementNet, "mtcnn-rnet")


def load_output_net() -> OutputNet:
    """Load O-Net; raises like ``load_proposal_net``."""
    return _load(OutputNet, "mtcnn-onet")


def _load(make: Callable[[], Network], name: str) -> Network:
    network = make()
    network.load_state_dict(load_state_dict(name))
    return network.eval()


def _flat(x: Tensor) -> Tensor:
    """Make rows of ``(B, C, H, W)`` by columns first, as the weights were converted from Caffe."""
    return torch.flatten(x.permute(0, 3, 2, 1), 1)
