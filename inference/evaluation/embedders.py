"""The embedders that evaluation compares: those of the product, their raw forms, the reference."""

from collections.abc import Callable
from pathlib import Path

from inference.alignment import ARCFACE_112
from inference.errors import WeightsError
from inference.recognition import FaceEmbedder, inception_resnet
from inference.recognition.choice import SHIPPED_NAMES, load, load_raw_dlib
from inference.recognition.embedder import EmbedderOptions, NetworkEmbedder
from inference.training import teacher
from inference.weights import is_present, record

REFERENCE = "reference-mobilefacenet"


def load_reference(data: Path) -> NetworkEmbedder:
    """Load the MobileFaceNet of the data folder, which is measured and never shipped."""
    options = EmbedderOptions(
        name=REFERENCE,
        dimensions=teacher.DIMENSIONS,
        threshold=0.0,
        template=ARCFACE_112,
        size=teacher.INPUT_SIZE,
        normalise=teacher.normalise,
    )
    return NetworkEmbedder(teacher.load_teacher(data), options)


def embedders_to_compare(
    data: Path, weights_dir: Path | None
) -> dict[str, Callable[[], FaceEmbedder]]:
    """List what can be measured on this machine, by name, loading nothing yet.

    Raises:
        WeightsError: The weights of the reference are missing.
    """
    if not (data / teacher.WEIGHTS_PATH).is_file():
        raise WeightsError(f"the reference's weights are missing: no {data / teacher.WEIGHTS_PATH}")
    loaders: dict[str, Callable[[], FaceEmbedder]] = {
        REFERENCE: lambda: load_reference(data),
        "dlib-resnet, raw": load_raw_dlib,
    }
    for name in SHIPPED_NAMES:
        loaders[name] = lambda name=name: load(weights_dir, name)  # type: ignore[misc]
    if weights_dir is not None and is_present(record(inception_resnet.NAME), weights_dir):
        loaders[inception_resnet.NAME] = lambda: load(weights_dir, inception_resnet.NAME)
    return loaders
