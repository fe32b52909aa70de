"""Clips for measuring the live engine: filmed ones, and one whose truth is known.

The composed clip pans over a row of photos of known people, so that one to six of them are in the
picture, and every face's name is known from where it is.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from inference.detection import FaceDetector
from inference.errors import DatasetError
from inference.evaluation.composed import read_photo
from inference.recognition import FaceEmbedder
from inference.recognition.gallery import Gallery
from inference.types import Face, RGBImage

WIDTH, HEIGHT = 640, 360
FRAME_RATE = 15
JPEG_QUALITY = 80

_TILE = 170
"""Side of one photo in the composed clip; about four fit beside each other."""

_ENROLLED = 5
"""Photos per person in the gallery; the one in the clip is another."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Frames as a camera would send them.

    Attributes:
        name: First part of its metrics.
        frames: JPEG.
        rate: Frames per second of the clip.
        places: Per frame, who is where: centre of a face in pixels, and the person's name.
    """

    name: str
    frames: Sequence[bytes]
    rate: float
    places: Sequence[Sequence[tuple[float, float, str]]] = field(default_factory=tuple)


def filmed_clips(folder: Path, most_frames: int) -> Iterator[Clip]:
    """Read the filmed clips of a folder, at about ``FRAME_RATE``, scaled to fit 640x360."""
    for path in sorted(folder.glob("*.mp4")):
        video = cv2.VideoCapture(str(path))
        filmed_rate = video.get(cv2.CAP_PROP_FPS) or FRAME_RATE
        every = max(1, round(filmed_rate / FRAME_RATE))
        frames: list[bytes] = []
        for index in itertools.count():
            is_read, pixels = video.read()
            if not is_read or len(frames) >= most_frames:
                break
            if index % every == 0:
                frames.append(_jpeg(_fitted(np.asarray(pixels, np.uint8))))
        video.release()
        if frames:
            yield Clip(path.stem, frames, filmed_rate / every)


def composed_clip(
    people: Mapping[str, Sequence[Path]], detector: FaceDetector, most_frames: int
) -> Clip:
    """Pan over a row of people, two rows high, so that one to six faces are in the picture.

    Args:
        people: Name to photos of one face; the first usable one is shown.
        detector: Finds the face in each photo.
        most_frames: Length of the clip.

    Raises:
        DatasetError: Nobody has a usable photo.
    """
    tiles = [(name, tile) for name, photos in people.items() if (tile := _tile(photos, detector))]
    if not tiles:
        raise DatasetError("no photo with one clear face to compose a clip of")
    canvas, centres = _lay_out(tiles)
    way = canvas.shape[1] - WIDTH
    frames, places = [], []
    for index in range(most_frames):
        # There and back, faster in the middle, with a hand's tremor up and down.
        left = int(way * (1 - np.cos(2 * np.pi * index / most_frames)) / 2)
        top = int(6 + 6 * np.sin(index / 4))
        view = canvas[top : top + HEIGHT, left : left + WIDTH]
        frames.append(_jpeg(cv2.cvtColor(view, cv2.COLOR_RGB2BGR)))
        places.append([(x - left, y - top, name) for x, y, name in centres])
    return Clip("composed", frames, FRAME_RATE, places)


def enrolled(
    people: Mapping[str, Sequence[Path]], detector: FaceDetector, embedder: FaceEmbedder
) -> Gallery[str]:
    """Enrol everybody from other photos than the composed clip shows.

    Raises:
        DatasetError: Nobody could be enrolled.
    """
    keys: list[str] = []
    rows = []
    for name, photos in people.items():
        for path in photos[:_ENROLLED]:
            image = read_photo(path)
            faces = detector.detect(image)
            if len(faces) == 1:
                keys.append(name)
                rows.append(embedder.embed(image, faces)[0])
    if not rows:
        raise DatasetError("nobody could be enrolled")
    return Gallery(keys, np.stack(rows), embedder.threshold)


def _tile(photos: Sequence[Path], detector: FaceDetector) -> tuple[RGBImage, Face] | None:
    """Return the first photo of one clear face, as a tile, with the face in it."""
    for path in photos:
        photo = read_photo(path)
        scale = _TILE / min(photo.shape[:2])
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        tile = np.asarray(small[:_TILE, :_TILE], dtype=np.uint8)
        faces = detector.detect(tile)
        if tile.shape[:2] == (_TILE, _TILE) and len(faces) == 1 and faces[0].score > 0.99:
            return tile, faces[0]
    return None


def _lay_out(
    tiles: Sequence[tuple[str, tuple[RGBImage, Face]]],
) -> tuple[RGBImage, list[tuple[float, float, str]]]:
    """Put the tiles into two rows with gaps that grow; returns the canvas and the faces."""
    canvas = np.full((HEIGHT + 14, 2 * WIDTH + len(tiles) * _TILE, 3), 70, dtype=np.uint8)
    centres = []
    left = 40
    for index, (name, (tile, face)) in enumerate(tiles):
        top = 8 + (index % 2) * (_TILE + 8)
        canvas[top : top + _TILE, left : left + _TILE] = tile
        x1, y1, x2, y2 = face.box
        centres.append((left + (x1 + x2) / 2, top + (y1 + y2) / 2, name))
        # Pairs stand over each other at first and further apart later.
        left += 60 + 30 * index
    return np.ascontiguousarray(canvas[:, : max(left + _TILE, 2 * WIDTH)]), centres


def _fitted(pixels: RGBImage) -> RGBImage:
    scale = min(WIDTH / pixels.shape[1], HEIGHT / pixels.shape[0], 1.0)
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _jpeg(pixels: object) -> bytes:
    """Encode BGR pixels."""
    _, data = cv2.imencode(".jpg", np.asarray(pixels), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return data.tobytes()
