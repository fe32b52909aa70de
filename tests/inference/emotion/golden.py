"""Stored inputs and outputs of the shipped emotion network.

``python -m tests.inference.emotion.golden`` writes them again after new weights were shipped; look
at the difference before committing it. The face is NASA's portrait of Eileen Collins, in the public
domain and carried by scikit-image.
"""

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from skimage.data import astronaut

from inference.emotion.architectures import build_pair
from inference.emotion.calibration import split_calibration
from inference.emotion.classifier import WEIGHTS_NAME, EmotionClassifier
from inference.emotion.preprocessing import emotion_crop, grey
from inference.types import Face, RGBImage
from inference.weights import load_state_dict

PATH = Path(__file__).resolve().parents[2] / "fixtures" / "emotion_golden.npz"

COLLINS = Face(
    (181.1, 62.2, 267.7, 172.1),
    0.999,
    np.array(
        [[205.0, 101.7], [246.8, 103.7], [224.7, 129.0], [201.7, 139.2], [245.3, 141.9]], np.float32
    ),
)
"""The face as MTCNN finds it, rounded."""


def portrait() -> RGBImage:
    """Return the portrait, 512x512."""
    return np.asarray(astronaut(), np.uint8)  # type: ignore[no-untyped-call]


def golden_crops() -> list[NDArray[np.uint8]]:
    """The portrait as it is, mirrored, dark, and seen from so far that 20 pixels remain."""
    face = grey(emotion_crop(portrait(), COLLINS))
    small = cv2.resize(face, (20, 20), interpolation=cv2.INTER_AREA)
    far = np.asarray(cv2.resize(small, (48, 48), interpolation=cv2.INTER_LINEAR), np.uint8)
    return [face, np.ascontiguousarray(face[:, ::-1]), face // 4, far]


def shipped(precision: torch.dtype | None = None) -> EmotionClassifier:
    """Load the shipped network in a given number format."""
    state, calibration = split_calibration(load_state_dict(WEIGHTS_NAME))
    network = build_pair()
    network.load_state_dict(state)
    return EmotionClassifier(network, calibration, WEIGHTS_NAME, precision)


def main() -> None:
    """Write the golden file."""
    PATH.parent.mkdir(exist_ok=True)
    crops = golden_crops()
    logits = shipped(torch.float32).logits(crops)
    np.savez_compressed(
        PATH, crops=np.stack(crops), fer=logits.fer.numpy(), plus=logits.plus.numpy()
    )


if __name__ == "__main__":
    main()
