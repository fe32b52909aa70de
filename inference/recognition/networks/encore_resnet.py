"""``encore-resnet``: this project's own face network.

It starts from the weights of dlib-resnet (King 2017, CC0) and keeps its layers, but not its ending:
an average over the last map forgets where on the face a feature was, so the head here reads the
last map and a thin slice of the one before place by place, as MobileFaceNet (Chen et al. 2018,
arXiv:1804.07573) argues for faces that are aligned.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.recognition.networks.dlib_resnet import DIMENSIONS, DlibResNet

_SLICE = 64
_FINE_PLACES = 4 * 4
_COARSE_PLACES = 2 * 2
_CHANNELS = 256


class EncoreResNet(nn.Module):
    """From an aligned 150x150 face to an embedding that is not normalised.

    Args:
        trunk: Where to start; its layers are taken over, not copied, and its head is not used.
    """

    def __init__(self, trunk: DlibResNet | None = None) -> None:
        super().__init__()
        trunk = trunk or DlibResNet()
        self.stem = trunk.stem
        self.blocks = trunk.blocks
        self.slice = nn.Conv2d(_CHANNELS, _SLICE, 1)
        inputs = _SLICE * _FINE_PLACES + _CHANNELS * _COARSE_PLACES
        self.head = nn.Linear(inputs, DIMENSIONS)

    def features(self, x: Tensor) -> Tensor:
        """Return what the head reads, ``(B, 2048)``, of normalised pixels ``(B, 3, 150, 150)``."""
        x = functional.max_pool2d(functional.relu(self.stem(x)), 3, 2)
        fine = self.blocks[:-1](x)
        coarse = self.blocks[-1](fine)
        return torch.cat([self.slice(fine).flatten(1), coarse.flatten(1)], dim=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return embeddings ``(B, 128)`` of normalised pixels ``(B, 3, 150, 150)``."""
        embeddings: Tensor = self.head(self.features(x))
        return embeddings
