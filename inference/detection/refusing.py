"""A second look: is what MTCNN found a face at all?

MTCNN's last network judges 48x48 pixels cut close around a face, and some hands, necklaces, sequins
and captions look like one that close. Here the same network sees the same place with half as much
again around it, where a face has hair, a neck and shoulders, and one linear layer on its features
decides anew. The layer is trained by this project (``inference.training.face_check``) on faces and
on what MTCNN mistakes for them. Only boxes of which MTCNN is not sure are looked at twice.
"""

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inference.detection.networks import OutputNet, load_output_net
from inference.detection.summed import SummedArea
from inference.types import BoxArray
from inference.weights import load_state_dict

SIDE = 48
"""Pixels of a look, after resizing."""

CONTEXT = 1.5
"""Side of a look, in longer sides of the box."""

SURE = 0.95
"""Score of MTCNN from which a box passes unseen; mistakes with up to 0.94 are known."""

LEAST = 1.0
"""Logit above which a doubtful box holds a face; docs/model-cards/face-check.md says why not 0."""

_STD = 128.0
_BATCH = 4
"""Boxes per pass, filled up: more than a photo mostly has, and one size as oneDNN likes it."""


class FaceCheckNet(nn.Module):
    """The last network of MTCNN up to its features, and one new layer on them.

    Args:
        output_net: Stays as it is.
    """

    def __init__(self, output_net: OutputNet) -> None:
        super().__init__()
        self.output_net = output_net.requires_grad_(requires_grad=False)
        self.judge = nn.Linear(OutputNet.FEATURES, 1)

    def forward(self, looks: Tensor) -> Tensor:
        """Return logits ``(B,)`` of looks ``(B, 3, 48, 48)``; above 0 is a face."""
        logits: Tensor = self.judge(self.output_net.features(looks))
        return logits[:, 0]


class BoxCheck(Protocol):
    """Anything that tells which boxes hold a face."""

    def holds_face(
        self, photo: SummedArea, boxes: BoxArray, scores: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """Return ``(N,)``, whether each of ``(N, 4)`` boxes of ``(N,)`` scores holds a face."""
        ...


class FaceCheck:
    """Tells faces from what MTCNN takes for them. Safe to call from several threads."""

    def __init__(self, network: FaceCheckNet, device: torch.device) -> None:
        self._network: nn.Module = network.eval().to(  # type: ignore[call-overload]
            device, memory_format=torch.channels_last
        )
        self._device = device

    @classmethod
    def load(cls, device: torch.device) -> "FaceCheck":
        """Load the network of MTCNN and the layer.

        Raises:
            WeightsError: A file is missing or has another hash.
        """
        network = FaceCheckNet(load_output_net())
        network.judge.load_state_dict(load_state_dict("face-check"))
        return cls(network, device)

    def holds_face(
        self, photo: SummedArea, boxes: BoxArray, scores: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """Return ``(N,)``, whether each of ``(N, 4)`` boxes of ``(N,)`` scores holds a face."""
        holds = np.asarray(scores >= SURE)
        doubtful = np.flatnonzero(~holds)
        holds[doubtful] = self.logits(photo, boxes[doubtful]) > LEAST
        return holds

    def logits(self, photo: SummedArea, boxes: BoxArray) -> NDArray[np.float32]:
        """Look at each of ``(N, 4)`` boxes and at its mirror image; above 0 is a face.

        Returns:
            ``(N,)``, the mean of both.
        """
        looks = photo.crops(look_corners(boxes), SIDE)
        parts = [np.zeros(0, np.float32)]
        with torch.inference_mode():
            for start in range(0, len(looks), _BATCH):
                batch = looks[start : start + _BATCH]
                filled = np.zeros((_BATCH, SIDE, SIDE, 3), np.float32)
                filled[: len(batch)] = batch
                shown = prepare(torch.from_numpy(filled).to(self._device).permute(0, 3, 1, 2))
                logits = self._network(torch.cat([shown, shown.flip(3)])).view(2, _BATCH)
                parts.append(logits.mean(dim=0)[: len(batch)].cpu().numpy())
        return np.concatenate(parts)


def prepare(pixels: Tensor) -> Tensor:
    """Turn pixels around grey, -127.5 to 127.5, into what the network takes."""
    return pixels / _STD


def look_corners(boxes: BoxArray, factor: float = CONTEXT) -> NDArray[np.int64]:
    """Make ``(N, 4)`` boxes squares of ``factor`` times their longer side, in whole pixels."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    sides = np.maximum((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) * factor, 1.0)
    corners = np.floor(centres - sides[:, None] / 2)
    return np.concatenate([corners, corners + np.ceil(sides)[:, None]], axis=1).astype(np.int64)
