"""Learn the post-processing of an embedder from people outside the test groups.

``python -m inference.training.recognition_whitening --data DIR --embedder NAME --output FILE``

The mean is that of the K-pop people of the training, each person alike: with each face alike it
would be the mean of the seven men of whom there are most photos, and would take off what tells
these apart. The whitening comes from how the embeddings of one person scatter around their mean
(Hatch, Kajarekar, Stolcke 2006). It takes a minute on a processor.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from inference.detection import load_detector
from inference.errors import DatasetError, InferenceError
from inference.recognition.choice import RAW_LOADERS
from inference.recognition.postprocessing import Whitening
from inference.training.datasets.faces import WideCrops
from inference.training.datasets.training_faces import training_crops
from inference.training.distillation_data import KPOP_SOURCES
from inference.training.face_views import Crop, FacePool
from inference.types import Embeddings

SHRINKAGE = 0.8
"""Share of an even scatter mixed in: few people cannot fill 128 dimensions with their own."""


def learn_whitening(
    embeddings: Embeddings, people: Sequence[str], shrinkage: float = SHRINKAGE
) -> Whitening:
    """Learn a mean and a within-class whitening.

    Args:
        embeddings: ``(N, D)`` of unit length.
        people: Name per row; people with one photo count only for the mean.
        shrinkage: Share of an even scatter, 0 to 1.

    Raises:
        DatasetError: Nobody has two photos.
    """
    labels, counts = np.unique(np.asarray(people), return_inverse=True, return_counts=True)[1:]
    several = np.flatnonzero(counts > 1)
    if not len(several):
        raise DatasetError("whitening needs people with at least two photos")
    means = np.stack([embeddings[labels == person].mean(axis=0) for person in range(len(counts))])
    scattered = (embeddings - means[labels])[np.isin(labels, several)].astype(np.float64)
    covariance = scattered.T @ scattered / (len(scattered) - len(several))
    size = len(covariance)
    even = np.eye(size) * np.trace(covariance) / size
    values, vectors = np.linalg.eigh((1.0 - shrinkage) * covariance + shrinkage * even)
    matrix = vectors @ np.diag(values**-0.5) @ vectors.T
    matrix /= np.sqrt((matrix**2).sum() / size)
    return Whitening(means.mean(axis=0).astype(np.float32), matrix.astype(np.float32))


def embed_kpop_people(crops: WideCrops, embedder_name: str) -> tuple[Embeddings, list[str]]:
    """Embed every K-pop training face without post-processing.

    Returns:
        ``(N, D)`` unit rows, and their people.
    """
    rows = [i for i, source in enumerate(crops.sources) if source in KPOP_SOURCES]
    if not rows:
        raise DatasetError("no K-pop face is among the training faces")
    embedder = RAW_LOADERS[embedder_name]()
    options = embedder.options
    crop = Crop(options.template, options.size, options.landmark_weights)
    pool = FacePool(crops, np.zeros((0, 48, 48), np.uint8), np.zeros((0, 5, 2), np.float32))
    embeddings = [embedder.embed_raw(pool.cut(row, crop)[None]) for row in rows]
    return np.concatenate(embeddings), [crops.people[row] for row in rows]


def main() -> None:
    """Read the command line, learn, write safetensors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--embedder", choices=sorted(RAW_LOADERS), required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/cache/recognition"))
    arguments = parser.parse_args()
    try:
        crops = training_crops(arguments.data, arguments.cache, lambda: load_detector("mtcnn"))
        whitening = learn_whitening(*embed_kpop_people(crops, arguments.embedder))
    except InferenceError as error:
        raise SystemExit(f"error: {error}") from error
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    stored = {"mean": whitening.mean, "matrix": whitening.matrix}
    save_file({key: value.astype(np.float16) for key, value in stored.items()}, arguments.output)
    print(f"written: {arguments.output}")


if __name__ == "__main__":
    main()
