"""Sum up the embeddings of the training people, for the post-processing of an embedder.

``python -m inference.training.recognition_statistics --data DIR --embedder NAME --output FILE``

Only sums are kept: how many people and faces, the mean of the people's means, and how the faces of
one person scatter around their mean, in white light and in three drawn at random. No face can be
told from them. It takes a few minutes on a processor; parts of a fused embedder have to be made
from the same photos.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from inference.datasets.faces import embed_faces, find_labelled_faces, lit_photo
from inference.datasets.identities import training_identities
from inference.datasets.stage_light import OTHER_LIGHTS
from inference.detection import load_detector
from inference.errors import DatasetError, InferenceError
from inference.recognition.adaptation import Statistics, measure_statistics
from inference.recognition.choice import RAW_LOADERS
from inference.training.distillation.data import KPOP_SOURCES


def training_statistics(
    data: Path, embedder_name: str, cache: Path, weights_dir: Path | None = None
) -> Statistics:
    """Embed every K-pop training face and sum up.

    Raises:
        DatasetError: Nobody has two photos in which a face is found.
    """
    photos = [photo for photo in training_identities(data) if photo.source in KPOP_SOURCES]
    faces = find_labelled_faces(photos, lambda: load_detector("mtcnn"), cache)
    embedder = RAW_LOADERS[embedder_name](weights_dir or data / "models")
    raw = embed_faces(embedder.embed_raw, faces)
    looks = [
        embed_faces(embedder.embed_raw, faces, partial(lit_photo, light=light))
        for light in OTHER_LIGHTS
    ]
    people = [face.photo.person for face in faces]
    if len(set(people)) == len(people):
        raise DatasetError("statistics need people with at least two photos")
    return measure_statistics(raw, people, embedder.postprocessing.parts, looks)


def save_statistics(statistics: Statistics, path: Path) -> None:
    """Write statistics the way ``adaptation.load_statistics`` reads them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stored: dict[str, NDArray[Any]] = {
        "counts": np.array([statistics.people, statistics.freedom], dtype=np.int32),
        "mean": statistics.mean.astype(np.float16),
        "scatter": statistics.scatter.astype(np.float32),
    }
    save_file(stored, path)


def main() -> None:
    """Read the command line, sum up, write safetensors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--embedder", choices=sorted(RAW_LOADERS), required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/cache/recognition"))
    arguments = parser.parse_args()
    try:
        statistics = training_statistics(arguments.data, arguments.embedder, arguments.cache)
    except InferenceError as error:
        raise SystemExit(f"error: {error}") from error
    save_statistics(statistics, arguments.output)
    print(f"written: {arguments.output}")


if __name__ == "__main__":
    main()
