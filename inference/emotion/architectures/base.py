"""What every emotion network has in common: standardised grey input, a backbone, two heads."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from inference.emotion.labels import FERPLUS_LABELS, LABELS

STANDARD_DEVIATION_FLOOR = 0.02
"""Below this spread (of 1) an image is flat, and dividing by it would only magnify its noise."""


class EmotionLogits(NamedTuple):
    """What a network says about a batch of ``B`` faces.

    Attributes:
        fer: ``(B, 7)`` logits over the labels of FER2013, in the order of ``LABELS``.
        plus: ``(B, 8)`` logits over the classes of FERPlus, in the order of ``FERPLUS_LABELS``.
        penalty: A loss term of the network itself, to be added while training, or ``None``.
    """

    fer: Tensor
    plus: Tensor
    penalty: Tensor | None = None


def standardise(images: Tensor) -> Tensor:
    """Bring every image to mean 0 and deviation 1, so that exposure and contrast drop out.

    Args:
        images: ``(B, C, H, W)`` float, 0 to 1.
    """
    mean = images.mean((1, 2, 3), keepdim=True)
    deviation = images.std((1, 2, 3), keepdim=True, correction=0)
    return (images - mean) / deviation.clamp_min(STANDARD_DEVIATION_FLOOR)


class EmotionNetwork(nn.Module):
    """A backbone with one head for each labeling.

    FER2013 gives one hard label a face and FERPlus the votes of ten people; the two agree on 62 %
    of the faces. Two heads on one backbone learn from both without mixing them up.

    Args:
        backbone: Maps ``(B, 1, H, W)`` standardised grey to ``(B, features)``.
        features: Width of the backbone's output.
        dropout: Share of features silenced before the heads while training.
    """

    def __init__(self, backbone: nn.Module, features: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.backbone = backbone
        self.dropout = nn.Dropout(dropout)
        self.fer = nn.Linear(features, len(LABELS))
        self.plus = nn.Linear(features, len(FERPLUS_LABELS))

    @property
    def precision(self) -> torch.dtype:
        """The number format of the backbone; the heads stay in float32."""
        return next(self.backbone.parameters()).dtype

    def compute_in(self, precision: torch.dtype) -> None:
        """Let the backbone compute in a number format."""
        self.backbone.to(precision)

    def forward(self, images: Tensor) -> EmotionLogits:
        """Classify ``(B, 1, H, W)`` grey faces with values 0 to 1."""
        features = self.dropout(self.features(images))
        with torch.autocast(images.device.type, enabled=False):
            features = features.float()
            return EmotionLogits(self.fer(features), self.plus(features))

    def features(self, images: Tensor) -> Tensor:
        """Return what the heads read of ``(B, 1, H, W)`` faces: ``(B, features)``."""
        features: Tensor = self.backbone(standardise(images).to(self.precision))
        return features


def parameter_count(network: nn.Module) -> int:
    """Count the trainable numbers of a network."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)
