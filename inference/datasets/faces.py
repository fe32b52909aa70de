"""Faces cut out of photos once and kept, for training and evaluation.

Detection is the slow part and never changes, so its result is stored: landmarks for evaluation,
which aligns from the photo like the product does, and wide crops for training, which cuts its own
views from them.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.alignment import DLIB_150, DLIB_WEIGHTS, MID_GREY, warp
from inference.datasets.identities import LabelledPhoto, group_by_path
from inference.datasets.stage_light import light_generator, under_light
from inference.detection import FaceDetector
from inference.errors import DatasetError
from inference.geometry import box_iou, similarity_transform, transform_points
from inference.types import Embedding, Embeddings, Face, RGBImage

WIDE_SIZE = 192
_EYE_DISTANCE = 50.0
_EYES_AT = (96.0, 85.0)
WIDE_TEMPLATE: NDArray[np.float32] = np.asarray(
    (DLIB_150 - (DLIB_150[0] + DLIB_150[1]) / 2)
    * (_EYE_DISTANCE / float(DLIB_150[1, 0] - DLIB_150[0, 0]))
    + np.asarray(_EYES_AT),
    dtype=np.float32,
)
"""Room for the crops of every network here, with some jitter."""

MIN_IOU = 0.3
_TIGHT_BORDER = 0.5
_LOOSE_BORDER = 0.1


@dataclass(frozen=True, slots=True)
class LabelledFace:
    """A known person's face in a photo, found and ready to be aligned."""

    photo: LabelledPhoto
    face: Face


@dataclass(frozen=True)
class WideCrops:
    """Upright faces with room around them.

    Attributes:
        images: ``(N, 192, 192, 3)`` uint8 RGB.
        landmarks: ``(N, 5, 2)`` float32 in pixels of the crops.
        people: Name per crop; empty where nobody knows.
        sources: Name of the set per crop.
    """

    images: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    people: tuple[str, ...]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)


def read_photo(path: Path) -> RGBImage:
    """Read a photo as ``(H, W, 3)`` uint8 RGB.

    Raises:
        DatasetError: The file is no picture or is damaged.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except OSError as error:
        raise DatasetError(f"{path} cannot be read as a picture") from error


def detect_with_border(detector: FaceDetector, image: RGBImage, border: float) -> list[Face]:
    """Find faces in a picture set into grey.

    A face that touches the edge of the picture gets a clipped box and wrong landmarks; a border
    keeps both right.

    Args:
        detector: Finds the faces.
        image: ``(H, W, 3)`` uint8 RGB.
        border: Width of the border as a share of the longer side.

    Returns:
        Faces in pixels of ``image``, possibly reaching beyond it.
    """
    margin = round(border * max(image.shape[:2]))
    framed = np.full(
        (image.shape[0] + 2 * margin, image.shape[1] + 2 * margin, 3), MID_GREY, np.uint8
    )
    framed[margin : margin + image.shape[0], margin : margin + image.shape[1]] = image
    return [_moved(face, -margin) for face in detector.detect(framed)]


def _moved(face: Face, offset: float) -> Face:
    x1, y1, x2, y2 = face.box
    box = (x1 + offset, y1 + offset, x2 + offset, y2 + offset)
    return Face(box, face.score, np.asarray(face.landmarks + offset, dtype=np.float32))


def find_labelled_faces(
    photos: Sequence[LabelledPhoto], detector: Callable[[], FaceDetector], cache: Path
) -> list[LabelledFace]:
    """Find the face of every labelled photo, or read what an earlier run found.

    Args:
        photos: What to look for; a photo whose face is not found is left out.
        detector: Makes the detector; called only where something is not stored yet.
        cache: Folder for the stored landmarks.
    """
    store = cache / f"landmarks-{_fingerprint(photos)}.json"
    if not store.is_file():
        found = _detect_all(photos, detector())
        cache.mkdir(parents=True, exist_ok=True)
        store.write_text(json.dumps(found), encoding="utf-8")
    rows = json.loads(store.read_text(encoding="utf-8"))
    return [
        LabelledFace(photo, _stored_face(row))
        for photo, row in zip(photos, rows, strict=True)
        if row is not None
    ]


def _stored_face(row: dict[str, Any]) -> Face:
    x1, y1, x2, y2 = row["box"]
    return Face((x1, y1, x2, y2), row["score"], np.array(row["landmarks"], dtype=np.float32))


def _fingerprint(photos: Sequence[LabelledPhoto]) -> str:
    listing = "\n".join(f"{p.path.parent.name}/{p.path.name} {p.box} {p.is_tight}" for p in photos)
    return hashlib.sha256(listing.encode()).hexdigest()[:16]


def _detect_all(
    photos: Sequence[LabelledPhoto], detector: FaceDetector
) -> list[dict[str, object] | None]:
    found: dict[LabelledPhoto, dict[str, object] | None] = {}
    for path, labelled in group_by_path(photos).items():
        image = read_photo(path)
        border = _TIGHT_BORDER if labelled[0].is_tight else _LOOSE_BORDER
        faces = detect_with_border(detector, image, border)
        for photo in labelled:
            face = choose_face(faces, photo, image)
            found[photo] = None if face is None else _row(face)
    return [found[photo] for photo in photos]


def _row(face: Face) -> dict[str, object]:
    return {
        "box": [float(value) for value in face.box],
        "score": float(face.score),
        "landmarks": face.landmarks.tolist(),
    }


def embed_faces(
    embed: Callable[[RGBImage, Sequence[Face]], Embeddings],
    faces: Sequence[LabelledFace],
    read: Callable[[Path], RGBImage] | None = None,
) -> Embeddings:
    """Embed labelled faces the way the product does: aligned from the photo.

    Args:
        embed: Takes a photo and its faces; an embedder's ``embed`` or ``embed_raw``.
        faces: What to embed, at least one.
        read: Reads a photo; by default as it is.

    Returns:
        ``(N, D)`` float32, in the order of ``faces``.
    """
    rows: dict[int, Embedding] = {}
    for path, indices in by_photo(faces).items():
        embedded = embed((read or read_photo)(path), [faces[index].face for index in indices])
        rows.update(zip(indices, embedded, strict=True))
    return np.stack([rows[index] for index in range(len(faces))])


def by_photo(faces: Sequence[LabelledFace]) -> dict[Path, list[int]]:
    """Return the places of the faces of each photo, so that it is read once for all of them."""
    found: dict[Path, list[int]] = {}
    for index, face in enumerate(faces):
        found.setdefault(face.photo.path, []).append(index)
    return found


def lit_photo(path: Path, light: str) -> RGBImage:
    """Read a photo and show it under a stage light, the same way every time."""
    name = f"{path.parent.name}/{path.name}"
    return under_light(read_photo(path), light, light_generator(name, light))


def choose_face(faces: Sequence[Face], photo: LabelledPhoto, image: RGBImage) -> Face | None:
    """Pick the face a label means: by its box, else the largest near the middle."""
    if not faces:
        return None
    if photo.box is not None:
        boxes = np.array([face.box for face in faces], dtype=np.float32)
        overlap = box_iou(np.array([photo.box], dtype=np.float32), boxes)[0]
        best = int(overlap.argmax())
        return faces[best] if overlap[best] >= MIN_IOU else None
    height, width = image.shape[:2]

    def prominence(face: Face) -> float:
        x1, y1, x2, y2 = face.box
        offset = np.hypot((x1 + x2) / width - 1, (y1 + y2) / height - 1)
        return float(face.width * face.height * (1.5 - min(offset, 1.4)))

    return max(faces, key=prominence)


def cut_wide(
    image: RGBImage, landmarks: NDArray[np.float32]
) -> tuple[RGBImage, NDArray[np.float32]]:
    """Cut a wide upright crop.

    Returns:
        The ``(192, 192, 3)`` crop, and the landmarks ``(5, 2)`` in its pixels.
    """
    matrix = similarity_transform(landmarks, WIDE_TEMPLATE, DLIB_WEIGHTS)
    moved = transform_points(matrix, landmarks)
    return warp(image, matrix, WIDE_SIZE, border="replicate"), np.asarray(moved, dtype=np.float32)


def cut_all(faces: Iterator[tuple[RGBImage, Face, str, str]]) -> WideCrops:
    """Cut every face of a stream of ``(photo, face, person, source)``."""
    images, landmarks, people, sources = [], [], [], []
    for image, face, person, source in faces:
        crop, points = cut_wide(image, face.landmarks)
        images.append(crop)
        landmarks.append(points)
        people.append(person)
        sources.append(source)
    if not images:
        raise DatasetError("no face was found in these photos")
    return WideCrops(np.stack(images), np.stack(landmarks), tuple(people), tuple(sources))


def save_crops(crops: WideCrops, path: Path) -> None:
    """Store crops as plain arrays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(
            file,
            images=crops.images,
            landmarks=crops.landmarks,
            people=np.array(crops.people),
            sources=np.array(crops.sources),
        )


def load_crops(path: Path) -> WideCrops:
    """Read crops stored by ``save_crops``."""
    with np.load(path, allow_pickle=False) as stored:
        people, sources = stored["people"].tolist(), stored["sources"].tolist()
        return WideCrops(stored["images"], stored["landmarks"], tuple(people), tuple(sources))
