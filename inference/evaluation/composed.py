"""Photos made out of photos: faces of a known size at known places, for measuring."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from inference.detection import FaceDetector
from inference.errors import DatasetError
from inference.types import BoxArray, RGBImage

TWELVE_MEGAPIXELS = (3000, 4000)
"""Height and width."""


@dataclass(frozen=True, slots=True)
class SmallFaces:
    """A photo with faces pasted in.

    Attributes:
        image: ``(H, W, 3)`` uint8 RGB.
        boxes: ``(N, 4)``, where the pasted faces are.
    """

    image: RGBImage
    boxes: BoxArray


def read_photo(path: Path) -> RGBImage:
    """Read a picture of the evaluation data.

    Raises:
        DatasetError: It is missing or broken.
    """
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise DatasetError(f"{path} is missing or no picture")
    return np.asarray(pixels, dtype=np.uint8)


def stage(shape: tuple[int, int], seed: int) -> RGBImage:
    """Make a dark stage: blurred coloured lights with a little sensor noise, no faces."""
    generator = np.random.default_rng(seed)
    lights = generator.integers(5, 110, (12, 16, 3), dtype=np.uint8)
    image = cv2.resize(lights, shape[::-1], interpolation=cv2.INTER_CUBIC).astype(np.int16)
    tile = generator.normal(0, 5, (500, 500, 1)).astype(np.int16)
    noise = np.tile(tile, (shape[0] // 500 + 1, shape[1] // 500 + 1, 1))
    noisy: RGBImage = np.clip(image + noise[: shape[0], : shape[1]], 0, 255).astype(np.uint8)
    return noisy


def paste_small_faces(
    sources: Sequence[Path], judge: FaceDetector, width: float, seed: int, faces: int = 80
) -> SmallFaces:
    """Scale photos of one face so that the face has a given width, and scatter them on a stage.

    Args:
        sources: Photos; those in which the judge does not see exactly one clear face are left out.
        judge: Says where the face is in a source of full size.
        width: Of the pasted faces, in pixels.
        seed: For places and choice.
        faces: How many to paste.

    Raises:
        DatasetError: Too few sources show one face.
    """
    generator = np.random.default_rng(seed)
    image = stage(TWELVE_MEGAPIXELS, seed)
    cells = _cells(generator, faces)
    boxes: list[list[float]] = []
    for path in generator.permutation(np.array([str(source) for source in sources])):
        if len(boxes) == faces:
            break
        photo = read_photo(Path(path))
        found = judge.detect(photo)
        if len(found) != 1 or found[0].score < 0.99:
            continue
        scale = width / min(found[0].width, found[0].height)
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        y, x = cells[len(boxes)]
        image[y : y + small.shape[0], x : x + small.shape[1]] = small
        x1, y1, x2, y2 = found[0].box
        boxes.append([x + x1 * scale, y + y1 * scale, x + x2 * scale, y + y2 * scale])
    if len(boxes) < faces:
        raise DatasetError(f"only {len(boxes)} of {faces} photos show exactly one face")
    return SmallFaces(image, np.array(boxes, dtype=np.float32))


def _cells(generator: np.random.Generator, count: int) -> list[tuple[int, int]]:
    """Choose upper left corners of cells of a 12 x 9 grid, each moved a little."""
    rows, columns = np.divmod(generator.permutation(12 * 9)[:count], 12)
    moves = generator.integers(0, 40, (count, 2))
    return [
        (int(row * 330 + 10 + down), int(column * 330 + 10 + right))
        for row, column, (down, right) in zip(rows, columns, moves, strict=True)
    ]


def grid_of(photos: Sequence[RGBImage], shape: tuple[int, int], columns: int) -> RGBImage:
    """Lay whole photos out in a grid on a stage of ``shape`` (height, width), each in its cell."""
    image = stage(shape, seed=len(photos))
    rows = -(-len(photos) // columns)
    cell_height, cell_width = shape[0] // rows, shape[1] // columns
    for index, photo in enumerate(photos):
        scale = min(cell_height / photo.shape[0], cell_width / photo.shape[1])
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=method)
        small = small[:cell_height, :cell_width]
        y = index // columns * cell_height + (cell_height - small.shape[0]) // 2
        x = index % columns * cell_width + (cell_width - small.shape[1]) // 2
        image[y : y + small.shape[0], x : x + small.shape[1]] = small
    return image
