"""Fully connected networks: what can be read from pixels without any idea of neighbourhood."""

from torch import nn

from inference.emotion.architectures.base import EmotionNetwork

SIDE = 48


def dense(first: int, second: int, dropout: float) -> EmotionNetwork:
    """Build two hidden layers of the given widths over all pixels of a 48x48 face."""
    backbone = nn.Sequential(
        nn.AdaptiveAvgPool2d(SIDE),
        nn.Flatten(),
        nn.Linear(SIDE * SIDE, first),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Linear(first, second),
        nn.ReLU(inplace=True),
    )
    return EmotionNetwork(backbone, second, dropout)
