"""Which embedders there are, and which of them is used when nobody asks for one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from inference.alignment import ARCFACE_112, DLIB_150, DLIB_WEIGHTS
from inference.errors import WeightsError
from inference.recognition import FaceEmbedder
from inference.recognition.adaptation import shipped_postprocessing
from inference.recognition.embedder import EmbedderOptions, NetworkEmbedder
from inference.recognition.networks import mobilefacenet_foamliu
from inference.recognition.networks.dlib_resnet import (
    DIMENSIONS,
    INPUT_SIZE,
    load_dlib_resnet,
    normalise,
)
from inference.recognition.networks.encore_resnet import EncoreResNet
from inference.recognition.networks.fused import FusedEmbedder
from inference.recognition.networks.inception_resnet import load_inception_resnet
from inference.recognition.thresholds import SHARES, THRESHOLDS
from inference.weights import load_state_dict, locate, record


def load_raw_dlib(_directory: Path | None = None) -> NetworkEmbedder:
    """Load dlib-resnet as it was published, without the post-processing learnt here."""
    options = EmbedderOptions(
        name="dlib-resnet",
        dimensions=DIMENSIONS,
        threshold=THRESHOLDS["dlib-resnet"],
        template=DLIB_150,
        size=INPUT_SIZE,
        normalise=normalise,
        landmark_weights=DLIB_WEIGHTS,
    )
    return NetworkEmbedder(load_dlib_resnet(locate(record("dlib-resnet"))), options)


def load_raw_encore(_directory: Path | None = None) -> NetworkEmbedder:
    """Load encore-resnet without post-processing."""
    network = EncoreResNet()
    network.load_state_dict(load_state_dict("encore-resnet"))
    options = EmbedderOptions(
        name="encore-resnet",
        dimensions=DIMENSIONS,
        threshold=THRESHOLDS["encore-resnet"],
        template=DLIB_150,
        size=INPUT_SIZE,
        normalise=normalise,
        landmark_weights=DLIB_WEIGHTS,
    )
    return NetworkEmbedder(network, options)


def load_raw_foamliu(directory: Path | None = None) -> NetworkEmbedder:
    """Load what ``stars`` adds to ``encore-resnet`` from the folder of downloads."""
    name = "mobilefacenet-foamliu"
    try:
        network = mobilefacenet_foamliu.load_foamliu(load_state_dict(name, directory))
    except RuntimeError as error:
        raise WeightsError(f"{name}: the file does not fit the network") from error
    options = EmbedderOptions(
        name=name,
        dimensions=mobilefacenet_foamliu.DIMENSIONS,
        threshold=THRESHOLDS["stars"],
        template=ARCFACE_112,
        size=mobilefacenet_foamliu.INPUT_SIZE,
        normalise=mobilefacenet_foamliu.normalise,
    )
    return NetworkEmbedder(network, options)


RAW_LOADERS: dict[str, Callable[[Path | None], NetworkEmbedder]] = {
    "dlib-resnet": load_raw_dlib,
    "encore-resnet": load_raw_encore,
    "mobilefacenet-foamliu": load_raw_foamliu,
}
"""Embedders with a network of their own, before any learnt post-processing; downloads are looked
for in the folder they are given."""


def load_finished(name: str) -> NetworkEmbedder:
    """Load an embedder of one network with the post-processing that was learnt for it."""
    raw = RAW_LOADERS[name](None)
    options = replace(raw.options, postprocessing=shipped_postprocessing(name))
    return NetworkEmbedder(raw.network, options)


def load_fused(name: str, directory: Path | None = None) -> FusedEmbedder:
    """Load several networks as one embedder."""
    parts = [(RAW_LOADERS[part](directory), share) for part, share in SHARES[name].items()]
    return FusedEmbedder(name, parts, shipped_postprocessing(name))


SHIPPED: dict[str, Callable[[Path | None], FaceEmbedder]] = {
    "encore": lambda _directory: load_fused("encore"),
    "encore-resnet": lambda _directory: load_finished("encore-resnet"),
    "dlib-resnet": lambda _directory: load_finished("dlib-resnet"),
}
"""Best first, by the K-pop table of docs/evaluation.md."""

LOADERS: dict[str, Callable[[Path | None], FaceEmbedder]] = {
    **SHIPPED,
    "stars": lambda directory: load_fused("stars", directory),
    "facenet-vggface2": load_inception_resnet,
}
"""A download is used only where it is asked for by name."""


def load(weights_dir: Path | None, name: str | None) -> FaceEmbedder:
    """Load one embedder by name, or the best whose files are there."""
    if name is not None:
        if name not in LOADERS:
            raise ValueError(f"no embedder is called {name!r}; there are {sorted(LOADERS)}")
        return LOADERS[name](weights_dir)
    problems: list[str] = []
    for loader in SHIPPED.values():
        try:
            return loader(weights_dir)
        except WeightsError as error:
            problems.append(str(error))
    raise WeightsError("; ".join(problems))
