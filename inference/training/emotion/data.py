"""The training split of FER2013 and FERPlus as tensors."""

import torch
from torch import Tensor

from inference.datasets.fer2013plus import EmotionSplit, vote_distribution


class TrainingData:
    """The training split as tensors, in memory.

    Args:
        split: The faces.
        device: Where the tensors shall lie.

    Attributes:
        images: ``(N, 1, 48, 48)`` uint8.
        fer: ``(N,)`` labels; plus: ``(N, 8)`` distributions; weight: ``(N,)`` of the latter.
    """

    def __init__(self, split: EmotionSplit, device: torch.device) -> None:
        self.images = torch.from_numpy(split.images)[:, None].to(device)
        self.fer = torch.from_numpy(split.fer).to(device)
        distribution, weight = vote_distribution(split.votes)
        self.plus = torch.from_numpy(distribution).to(device)
        self.weight = torch.from_numpy(weight).to(device)

    def __len__(self) -> int:
        return len(self.images)

    def class_weights(self, balance: float) -> tuple[Tensor, Tensor]:
        """Return ``(7,)`` and ``(8,)``: what a face of each class counts, 1 in the mean.

        Args:
            balance: 0 counts every face alike, 1 every class of either labeling alike.
        """
        fer = torch.bincount(self.fer, minlength=7).float()
        plus = (self.plus * self.weight[:, None]).sum(0)
        return rarity(fer, balance), rarity(plus, balance)


def rarity(counts: Tensor, balance: float) -> Tensor:
    """Weigh classes by how rare they are, such that the mean weight of a face is 1."""
    share = (counts / counts.sum()).clamp_min(1e-6)
    weights = share**-balance
    return weights / (weights * share).sum()
