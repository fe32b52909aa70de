"""A class of the user's own beside the shipped ones: one linear head on the frozen features.

It never becomes part of the shipped network; it is a small file that says whose features it reads.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from inference.emotion.classifier import WEIGHTS_NAME
from inference.errors import WeightsError
from inference.weights import record


@dataclass(frozen=True, slots=True)
class OwnClass:
    """Tells how likely a face shows one class that a user has taught.

    Attributes:
        name: What the user calls it.
        weight: ``(256,)`` float32, for the features of ``EmotionClassifier.features``.
        bias: Of the same linear head.
        features: Which network's features it reads; others would mean nothing to it.
        scores: How well it did on pictures that it had not seen.
    """

    name: str
    weight: NDArray[np.float32]
    bias: float
    features: str
    scores: Mapping[str, float]

    def probability(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return 0 to 1 for each row of ``(N, 256)`` features."""
        probability: NDArray[np.float32] = 1 / (1 + np.exp(-(features @ self.weight + self.bias)))
        return probability

    def save(self, path: Path) -> None:
        """Write it; folders are made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        tensors = {"weight": self.weight, "bias": np.array([self.bias], np.float32)}
        about = {"name": self.name, "features": self.features, "scores": json.dumps(self.scores)}
        save_file(tensors, path, about)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read it.

        Raises:
            WeightsError: The file is missing or broken, or belongs to another network.
        """
        try:
            with safe_open(path, "np") as file:
                about = file.metadata()
                weight, bias = file.get_tensor("weight"), float(file.get_tensor("bias")[0])
            found = cls(about["name"], weight, bias, about["features"], json.loads(about["scores"]))
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise WeightsError(f"{path}: no readable class of one's own") from error
        if found.features != shipped_features():
            raise WeightsError(f"{path} was taught for another emotion network; teach it again")
        return found


def shipped_features() -> str:
    """Return the name of the features that the shipped network makes."""
    return f"{WEIGHTS_NAME}@{record(WEIGHTS_NAME).sha256[:8]}"
