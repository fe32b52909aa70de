"""The teacher of encore-resnet: a MobileFaceNet of the data folder, never shipped."""

from pathlib import Path

import torch

from inference.errors import WeightsError
from inference.recognition.networks.mobilefacenet_foamliu import (
    DIMENSIONS,
    INPUT_SIZE,
    MobileFaceNet,
    normalise,
)

__all__ = ["DIMENSIONS", "INPUT_SIZE", "MobileFaceNet", "load_teacher", "normalise"]

WEIGHTS_PATH = Path("models/mobilefacenet_foamliu/mobilefacenet.pt")


def load_teacher(data: Path) -> MobileFaceNet:
    """Load the teacher from the data folder, ready for inference.

    Raises:
        WeightsError: The file is missing or fits another network.
    """
    path = data / WEIGHTS_PATH
    if not path.is_file():
        raise WeightsError(f"the teacher's weights are missing: no {path}")
    network = MobileFaceNet()
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit the MobileFaceNet") from error
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval()
