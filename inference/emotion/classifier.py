"""Names what the faces of a photo express, and says nothing where it is not sure."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from inference.device import inference_dtype, pick_device
from inference.emotion.architectures import (
    EmotionLogits,
    EmotionNetwork,
    EmotionPair,
    build_pair,
)
from inference.emotion.calibration import Calibration, split_calibration
from inference.emotion.labels import LABELS
from inference.emotion.preprocessing import emotion_crop, grey, network_input
from inference.errors import WeightsError
from inference.folding import fold_norms
from inference.types import EmotionPrediction, Face, RGBImage
from inference.weights import load_state_dict

WEIGHTS_NAME = "emotion-residual"
BATCH_SIZE = 32
"""Faces that go through the network at once; more would only need more memory."""


class EmotionClassifier:
    """A network with its calibration.

    The norms are folded into the convolutions and the backbone computes in bfloat16 where the
    machine has it: at batch 8 on one core that takes half the time of float32.

    Args:
        network: Takes ``(B, 1, 48, 48)`` grey, 0 to 1; it is changed for inference.
        calibration: Turns its logits into probabilities.
        name: Stored beside every prediction, so that a newer model can redo an older one's work.
        precision: Number format of the backbone; by default what is fastest here.
    """

    def __init__(
        self,
        network: EmotionNetwork | EmotionPair,
        calibration: Calibration,
        name: str,
        precision: torch.dtype | None = None,
    ) -> None:
        self.device = pick_device()
        self.network = network.eval().to(self.device)
        fold_norms(self.network)
        self.network.compute_in(precision or inference_dtype(self.device))
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.calibration = calibration
        self.name = name

    @classmethod
    def load(cls, weights_dir: Path | None = None) -> "EmotionClassifier":
        """Load the shipped weights.

        Raises:
            WeightsError: They are missing, have another hash, or do not fit the network.
        """
        state, calibration = split_calibration(load_state_dict(WEIGHTS_NAME, weights_dir))
        network = build_pair()
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise WeightsError(f"{WEIGHTS_NAME} does not fit its networks: {error}") from error
        return cls(network, calibration, WEIGHTS_NAME)

    def classify(self, image: RGBImage, faces: Sequence[Face]) -> list[EmotionPrediction]:
        """Say what each face expresses.

        Args:
            image: ``(H, W, 3)`` uint8 RGB, upright.
            faces: Faces found in ``image``.

        Returns:
            One prediction a face, in their order.
        """
        return self.classify_crops([grey(emotion_crop(image, face)) for face in faces])

    def classify_crops(self, crops: Sequence[NDArray[np.uint8]]) -> list[EmotionPrediction]:
        """Say what ``(48, 48)`` uint8 grey crops express, framed as ``emotion_crop`` frames."""
        predictions: list[EmotionPrediction] = []
        for start in range(0, len(crops), BATCH_SIZE):
            logits = self.logits(crops[start : start + BATCH_SIZE])
            predictions += self._predictions(logits)
        return predictions

    @torch.inference_mode()
    def logits(self, crops: Sequence[NDArray[np.uint8]]) -> EmotionLogits:
        """Run the network on at least one grey crop."""
        images = network_input(crops).to(self.device, memory_format=torch.channels_last)
        logits: EmotionLogits = self.network(images)
        return EmotionLogits(logits.fer.cpu(), logits.plus.cpu())

    @torch.inference_mode()
    def features(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return what the network's heads read of grey crops, ``(N, 256)``."""
        parts = []
        for start in range(0, len(crops), BATCH_SIZE):
            images = network_input(crops[start : start + BATCH_SIZE])
            images = images.to(self.device, memory_format=torch.channels_last)
            parts.append(self.network.features(images).float().cpu().numpy())
        return np.concatenate(parts)

    def _predictions(self, logits: EmotionLogits) -> list[EmotionPrediction]:
        product = self.calibration.product(logits)
        contempt = self.calibration.contempt(logits)
        return [
            EmotionPrediction(
                probabilities=dict(zip(LABELS, map(float, row), strict=True)),
                label=self._label(row),
                contempt=float(extra),
            )
            for row, extra in zip(product, contempt, strict=True)
        ]

    def _label(self, row: NDArray[np.float32]) -> str | None:
        best = int(row.argmax())
        return LABELS[best] if row[best] >= self.calibration.abstain_below else None
