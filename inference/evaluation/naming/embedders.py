"""The embedders that evaluation compares: those of the product, and the download of ``stars``."""

from pathlib import Path

from inference.recognition.choice import RAW_LOADERS
from inference.recognition.embedder import NetworkEmbedder
from inference.recognition.thresholds import SHARES
from inference.weights import BUNDLES, is_present, record

COMPARED: dict[str, dict[str, float]] = {
    "encore": SHARES["encore"],
    "encore-resnet": {"encore-resnet": 1.0},
    "dlib-resnet": {"dlib-resnet": 1.0},
    "stars": SHARES["stars"],
    "mobilefacenet-foamliu": {"mobilefacenet-foamliu": 1.0},
}
"""By name the networks of an embedder, each with its share in the similarity."""

Shares = dict[str, float]


def folder_of_downloads(data: Path, weights_dir: Path | None) -> Path:
    """Return where the download of ``stars`` lies: among the downloads, or in the data folder."""
    if weights_dir is not None and is_present(record(BUNDLES["stars"][0]), weights_dir):
        return weights_dir
    return data / "models"


def embedders_to_compare(downloads: Path) -> dict[str, Shares]:
    """List what can be measured on this machine, loading nothing."""
    missing = {name for name in BUNDLES["stars"] if not is_present(record(name), downloads)}
    return {name: shares for name, shares in COMPARED.items() if not missing & set(shares)}


def load_part(name: str, downloads: Path) -> NetworkEmbedder:
    """Load one network, without post-processing."""
    return RAW_LOADERS[name](downloads)
