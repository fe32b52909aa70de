"""The last network of MTCNN alone: is a face where one is expected, and where exactly?

Following a face costs one pass over 48x48 pixels instead of a search of the whole picture, and the
faces of several pictures go through the network together. Paper and weights as in ``mtcnn.py``.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inference.detection.networks import load_output_net
from inference.detection.summed import SummedArea
from inference.device import pick_device
from inference.types import BoxArray, Face, RGBImage

_SIZE = 48
_STD = 128.0
"""As the weights were trained (weights.toml)."""

_SMALLEST_SIDE = 12
"""Pixels below which there is nothing to see."""

_BATCH = 512


class FaceRefiner:
    """Corrects boxes that are nearly right, and scores them. Safe to call from several threads."""

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._network: nn.Module = network.eval().to(  # type: ignore[call-overload]
            device, memory_format=torch.channels_last
        )
        self._device = device

    @classmethod
    def load(cls, device: torch.device | None = None) -> "FaceRefiner":
        """Load the network from the file of facenet-pytorch.

        Raises:
            WeightsError: The file is missing or has another hash.
        """
        return cls(load_output_net(), device or pick_device())

    def refine(self, requests: Sequence[tuple[RGBImage, BoxArray]]) -> list[list[Face]]:
        """Look at the places where faces are expected, of all pictures together.

        Args:
            requests: Pictures, ``(H, W, 3)`` uint8 RGB, each with ``(N, 4)`` boxes.

        Returns:
            Per picture a face per box, in their order. The score tells whether one is there.
        """
        squares = [_squares(boxes) for _, boxes in requests]
        crops = [
            SummedArea(image).crops(corners, _SIZE)
            for (image, _), corners in zip(requests, squares, strict=True)
            if len(corners)
        ]
        if not crops:
            return [[] for _ in requests]
        outputs = self._forward(np.concatenate(crops))
        faces = iter(_faces(np.concatenate(squares), *outputs))
        return [[next(faces) for _ in corners] for corners in squares]

    def _forward(self, crops: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return offsets ``(N, 4)``, landmarks ``(N, 10)`` in parts of the box, and scores."""
        parts = []
        with torch.inference_mode():
            for start in range(0, len(crops), _BATCH):
                pixels = torch.from_numpy(crops[start : start + _BATCH]).to(self._device)
                parts.append(self._network(pixels.permute(0, 3, 1, 2).div_(_STD)))
        offsets, places, scores = (
            torch.cat(part).cpu().numpy() for part in zip(*parts, strict=True)
        )
        return offsets, places, scores[:, 1]


def _squares(boxes: BoxArray) -> NDArray[np.int64]:
    """Make ``(N, 4)`` boxes square about their centres, in whole pixels."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    sides = np.maximum((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0), _SMALLEST_SIDE)
    corners = np.floor(centres - sides[:, None] / 2)
    return np.concatenate([corners, corners + np.ceil(sides)[:, None]], axis=1).astype(np.int64)


def _faces(
    squares: NDArray[np.int64],
    offsets: NDArray[np.float32],
    places: NDArray[np.float32],
    scores: NDArray[np.float32],
) -> list[Face]:
    """Move the squares by the network's offsets, in parts of their sides."""
    sides = (squares[:, 2:] - squares[:, :2]).astype(np.float32)
    boxes = squares + offsets * np.tile(sides, 2)
    landmarks = places.reshape(-1, 2, 5).transpose(0, 2, 1) * sides[:, None] + squares[:, None, :2]
    return [
        Face(tuple(box.tolist()), float(score), points.astype(np.float32))
        for box, score, points in zip(boxes, scores, landmarks, strict=True)
    ]
