"""The training split of FER2013 and FERPlus as tensors."""

import torch

from inference.datasets.fer2013plus import EmotionSplit, vote_distribution


class TrainingData:
    """The training split as tensors, in memory.

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
