"""Two networks that were trained apart look at each face, the second at its mirror image.

Two ends of one long training err on different faces once its learning rate was high in between
(snapshot ensembles, Huang et al. 2017, arXiv:1704.00109), and an expression reads alike from left
and right. Their mean is better than either, for the time of two.
"""

import torch
from torch import Tensor, nn

from inference.emotion.architectures.base import EmotionLogits, EmotionNetwork

FIRST, SECOND = "first.", "second."

State = dict[str, Tensor]


class EmotionPair(nn.Module):
    """Answers with the mean of two networks.

    Args:
        first: Sees the faces as they are.
        second: Sees them mirrored; it may be the same network.
    """

    def __init__(self, first: EmotionNetwork, second: EmotionNetwork) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, images: Tensor) -> EmotionLogits:
        """Classify ``(B, 1, H, W)`` grey faces with values 0 to 1."""
        first: EmotionLogits = self.first(images)
        second: EmotionLogits = self.second(images.flip(3))
        return EmotionLogits((first.fer + second.fer) / 2, (first.plus + second.plus) / 2)

    def features(self, images: Tensor) -> Tensor:
        """Return what the heads of the first network read, ``(B, features)``.

        A class that a user taught reads these; they stay as they are when the second changes.
        """
        return self.first.features(images)

    def compute_in(self, precision: torch.dtype) -> None:
        """Let both backbones compute in a number format."""
        self.first.compute_in(precision)
        self.second.compute_in(precision)


def pair_state(first: State, second: State) -> State:
    """Lay the tensors of two networks out as those of a pair."""
    return {
        prefix + name: tensor
        for prefix, state in ((FIRST, first), (SECOND, second))
        for name, tensor in state.items()
    }


def member_states(state: State) -> tuple[State, State]:
    """Take a pair's tensors apart; a single network is the pair of itself."""
    first, second = (
        {name.removeprefix(p): tensor for name, tensor in state.items() if name.startswith(p)}
        for p in (FIRST, SECOND)
    )
    return (first, second) if first and second else (state, state)
