"""Region Attention Network: looks at five crops and the whole face, and weighs them.

Wang et al. 2019 (arXiv 1905.04075); written from the paper. Crops share one small backbone. The
self-attention module gives every region a weight; the relation-attention module weighs each region
again beside their mean. The region-biased loss asks that some crop matter more than the whole face
by a margin, so that the network does look at what a hand or a turned head leaves visible. The
paper's backbone is ResNet-18 at 224 pixels; ours is small and sees every region at 32.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.emotion.architectures.base import EmotionLogits, EmotionNetwork, standardise
from inference.emotion.architectures.residual import ResidualBackbone

MARGIN = 0.1
"""By how much the best crop's weight should exceed the whole face's, as in the paper."""

REGION_SIDE = 32
"""Side in pixels of every region, the whole face included; six regions cost six passes."""

REGIONS = (
    (0.0, 0.0, 0.75),
    (0.25, 0.0, 0.75),
    (0.125, 0.25, 0.75),
    (0.05, 0.05, 0.9),
    (0.075, 0.075, 0.85),
)
"""Left, top and side of the fixed crops as shares of the face: the upper left, the upper right, the
lower middle, and two centred ones."""


def crop_regions(images: Tensor) -> Tensor:
    """Cut the five regions and put the whole face before them.

    Args:
        images: ``(B, 1, S, S)``.

    Returns:
        ``(B, 6, 1, 32, 32)``.
    """
    side = images.shape[-1]
    size = (REGION_SIDE, REGION_SIDE)
    regions = []
    for left, top, share in ((0.0, 0.0, 1.0), *REGIONS):
        x, y, extent = round(left * side), round(top * side), round(share * side)
        region = images[:, :, y : y + extent, x : x + extent]
        regions.append(functional.interpolate(region, size=size, mode="bilinear"))
    return torch.stack(regions, 1)


def region_biased_loss(weights: Tensor, margin: float = MARGIN) -> Tensor:
    """Punish a whole-face weight that no crop exceeds by the margin.

    Args:
        weights: ``(B, 6)`` self-attention weights, the whole face first.
        margin: Wanted lead of the best crop.
    """
    lead = weights[:, 1:].amax(1) - weights[:, 0]
    return functional.relu(margin - lead).mean()


class RegionAttentionNetwork(EmotionNetwork):
    """Backbone shared by all regions, two attention modules, two heads."""

    def __init__(self, backbone: ResidualBackbone, dropout: float = 0.2) -> None:
        width = backbone.features
        super().__init__(backbone, 2 * width, dropout)
        self.self_attention = nn.Sequential(nn.Linear(width, 1), nn.Sigmoid())
        self.relation_attention = nn.Sequential(nn.Linear(2 * width, 1), nn.Sigmoid())

    def forward(self, images: Tensor) -> EmotionLogits:
        """Classify ``(B, 1, H, W)`` grey faces with values 0 to 1."""
        regions = crop_regions(standardise(images))
        features = self.backbone(regions.flatten(0, 1))
        with torch.autocast(images.device.type, enabled=False):
            features = features.float().view(*regions.shape[:2], -1)
            alpha = self.self_attention(features)
            mean = weighted_mean(features, alpha)
            pairs = torch.cat([features, mean[:, None].expand_as(features)], 2)
            beta = self.relation_attention(pairs)
            joined = self.dropout(weighted_mean(pairs, alpha * beta))
            penalty = region_biased_loss(alpha.squeeze(2)) if self.training else None
            return EmotionLogits(self.fer(joined), self.plus(joined), penalty)


def weighted_mean(features: Tensor, weights: Tensor) -> Tensor:
    """Average ``(B, R, D)`` over regions by ``(B, R, 1)`` weights."""
    return (features * weights).sum(1) / weights.sum(1).clamp_min(1e-6)


def region_attention() -> EmotionNetwork:
    """Build the Region Attention Network on a small residual backbone."""
    return RegionAttentionNetwork(ResidualBackbone(16, (32, 64, 128), (1, 1, 1), gated=False))
