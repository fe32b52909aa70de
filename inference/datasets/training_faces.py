"""Every face that recognition may learn from, named or not, as one set of wide crops."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from inference.datasets.faces import (
    WideCrops,
    cut_all,
    detect_with_border,
    find_labelled_faces,
    load_crops,
    read_photo,
    save_crops,
)
from inference.datasets.identities import photo_paths, training_identities
from inference.detection import FaceDetector
from inference.detection.networks import load_output_net
from inference.errors import DatasetError
from inference.types import Face, RGBImage

_NAMELESS = (
    "faces/crowd_photos",
    "faces/detection_dlib/images",
    "segmentation/mil_portraits_train/images",
    "segmentation/ccp_fullbody/images",
    "segmentation/coco_single_person/images",
    "segmentation/coco_mini_multi/images",
    "segmentation/vikram_removebg/images",
)
_MIN_SCORE = 0.97
_MIN_FACE_PIXELS = 24.0

Make = Callable[[], FaceDetector]


def training_crops(data: Path, cache: Path, detector: Make) -> WideCrops:
    """Return all faces that training may use, cutting them out on the first call.

    Args:
        data: The data folder.
        cache: Folder in which the crops are kept between runs.
        detector: Makes the detector; called only on the first run.

    Raises:
        DatasetError: A set is missing, or holds a damaged picture.
    """
    store = cache / "training-faces.npz"
    if not store.is_file():
        save_crops(cut_all(_all_faces(data, cache, detector)), store)
    return load_crops(store)


def _all_faces(
    data: Path, cache: Path, detector: Make
) -> Iterator[tuple[RGBImage, Face, str, str]]:
    for labelled in find_labelled_faces(training_identities(data), detector, cache):
        photo = labelled.photo
        yield read_photo(photo.path), labelled.face, photo.person, photo.source
    yield from _nameless(data, detector())


def _nameless(data: Path, detector: FaceDetector) -> Iterator[tuple[RGBImage, Face, str, str]]:
    for folder in _NAMELESS:
        for path in photo_paths(data / folder):
            image = read_photo(path)
            for face in detect_with_border(detector, image, 0.1):
                if face.score >= _MIN_SCORE and face.width >= _MIN_FACE_PIXELS:
                    yield image, face, "", Path(folder).parts[1]


def stored_grey_faces(
    images: NDArray[np.uint8], cache: Path
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the grey faces that are faces, ``(M, 48, 48)``, and their landmarks ``(M, 5, 2)``.

    The search is done on the first call and kept.
    """
    store = cache / f"grey-faces-{len(images)}.npz"
    if not store.is_file():
        kept, landmarks = grey_faces(images)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(store, kept=kept, landmarks=landmarks)
    with np.load(store, allow_pickle=False) as stored:
        return images[stored["kept"]], stored["landmarks"]


def grey_faces(images: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the landmarks of 48x48 grey faces with the last network of MTCNN alone.

    The pictures are cut around the face already, which is just what that network takes.

    Args:
        images: ``(N, 48, 48)`` uint8.

    Returns:
        Indices of the pictures with a face in them, and the landmarks ``(M, 5, 2)`` in pixels.
    """
    if images.ndim != 3 or images.shape[1:] != (48, 48):
        raise DatasetError(f"grey faces must have shape (N, 48, 48), not {images.shape}")
    onet = load_output_net()
    kept: list[NDArray[np.int64]] = []
    points: list[NDArray[np.float32]] = []
    for start in range(0, len(images), 256):
        batch = torch.from_numpy(images[start : start + 256]).float()
        pixels = ((batch - 127.5) / 128.0)[:, None].expand(-1, 3, -1, -1).contiguous()
        with torch.no_grad():
            _, landmarks, probabilities = onet(pixels)
        # Ten numbers a face: five x, then five y, as shares of the side.
        seen = (probabilities[:, 1] > 0.7).nonzero()[:, 0]
        kept.append(seen.numpy() + start)
        points.append(landmarks[seen].view(-1, 2, 5).transpose(1, 2).numpy() * 47.0)
    return np.concatenate(kept), np.concatenate(points).astype(np.float32)
