"""Photos with person masks, read into memory once, split by file name.

The layout is ``<root>/<set>/images/<name>.jpg`` with ``<root>/<set>/masks/<name>.png``; a mask is
above zero where a person is. A set with ``soft_masks`` instead holds no truth but what other
networks think, 0 to 255 (``inference.training.teaching``). Every set is kept apart, because a mean
over sets of such different difficulty would say nothing.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.errors import DatasetError
from inference.segmentation.prompts import Box
from inference.types import RGBImage

Mask = NDArray[np.uint8]
"""``(H, W)`` uint8, 0 or 255; between them at edges, and where a network is not sure."""

Heads = Mapping[str, Sequence[Box]]
"""``<set>/<name>`` to the face boxes of that photo, in its own pixels."""

IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
VALIDATION_SHARE = 0.12
VALIDATION_SHARE_OF_SMALL_SETS = 0.33
SMALL_SET = 100
"""A set with fewer photos gives a third of them, or its validation would be a handful."""


@dataclass(frozen=True, slots=True, eq=False)
class MaskedPhoto:
    """One photo and its person mask of the same size.

    Attributes:
        name: Of its file, without suffix.
        heads: Face boxes in pixels of ``image``, where they were looked for.
        is_taught: Whether the mask is soft and no truth, but what other networks think.
    """

    name: str
    image: RGBImage
    mask: Mask
    heads: tuple[Box, ...] = ()
    is_taught: bool = False


@dataclass(frozen=True, slots=True)
class MaskSet:
    """One folder of photos of the same kind, split for training and validation."""

    name: str
    training: list[MaskedPhoto]
    validation: list[MaskedPhoto]


def is_validation(name: str, share: float) -> bool:
    """Tell whether the photo of this file name (no suffix) is kept out of training.

    The hash of the name decides, so the answer survives new files, other machines and renumbering.
    """
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < share


def load_mask_sets(
    root: Path, longest_side: int = 320, heads: Heads | None = None
) -> list[MaskSet]:
    """Read all sets under ``root``, photos shrunk to at most ``longest_side`` pixels.

    Args:
        root: Folder with one folder for each set.
        longest_side: Memory is bought with this: 3,200 photos at 320 px take 0.7 GB.
        heads: Face boxes of the photos, as ``inference.training.heads`` finds them.

    Returns:
        The sets in the order of their names, none of them empty.

    Raises:
        DatasetError: The folder is missing, holds no set, or a file is broken or lacks its mask.
    """
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder; give the folder that holds the mask sets")
    folders = sorted(path.parent for path in root.glob("*/images") if path.is_dir())
    sets = [_load_set(folder, longest_side, heads or {}) for folder in folders]
    if not any(each.training for each in sets):
        raise DatasetError(
            f"{root}: no photos found; expected <set>/images/*.jpg, <set>/masks/*.png"
        )
    return [each for each in sets if each.training]


def load_heads(path: Path) -> Heads:
    """Read face boxes as ``inference.training.heads`` has written them.

    Raises:
        DatasetError: The file is missing or holds something else.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: [(float(x1), float(y1), float(x2), float(y2)) for x1, y1, x2, y2 in boxes]
            for name, boxes in stored.items()
        }
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path} holds no heads; make it anew: {error}") from error


def load_taught_set(root: Path, heads: Heads) -> MaskSet:
    """Read photos with soft masks that other networks made; all of them are for training.

    Args:
        root: Folder with ``images`` and ``soft_masks``.
        heads: Face boxes of the photos.

    Raises:
        DatasetError: There are none, or a file is broken or lacks its mask.
    """
    paths = sorted((root / "images").glob("*.png"))
    photos = [
        replace(photo, is_taught=True) for photo in _read_photos(paths, 320, heads, "soft_masks")
    ]
    if not photos:
        raise DatasetError(f"{root}: no photos found; expected images/*.png, soft_masks/*.png")
    return MaskSet(root.name, training=photos, validation=[])


def _load_set(folder: Path, longest_side: int, heads: Heads) -> MaskSet:
    paths = [p for p in sorted((folder / "images").iterdir()) if p.suffix.lower() in IMAGE_SUFFIXES]
    share = VALIDATION_SHARE if len(paths) >= SMALL_SET else VALIDATION_SHARE_OF_SMALL_SETS
    loaded = MaskSet(folder.name, training=[], validation=[])
    for photo in _read_photos(paths, longest_side, heads):
        side = loaded.validation if is_validation(photo.name, share) else loaded.training
        side.append(photo)
    return loaded


def _read_photos(
    paths: list[Path], longest_side: int, heads: Heads, masks: str = "masks"
) -> Iterator[MaskedPhoto]:
    for path in paths:
        mask_path = path.parent.parent / masks / f"{path.stem}.png"
        if not mask_path.is_file():
            raise DatasetError(
                f"{path}: its mask {mask_path.name} is missing; add it or remove the photo"
            )
        image = _decode(path, cv2.IMREAD_COLOR)
        mask = _decode(mask_path, cv2.IMREAD_GRAYSCALE)
        if image.shape[:2] != mask.shape[:2]:
            raise DatasetError(
                f"{path}: the photo is {image.shape[1]}x{image.shape[0]}, its mask "
                f"{mask.shape[1]}x{mask.shape[0]}; they must have one size"
            )
        if masks == "masks":
            mask = np.where(mask > 0, 255, 0).astype(np.uint8)
        rgb = np.ascontiguousarray(image[..., ::-1])
        boxes = heads.get(f"{path.parent.parent.name}/{path.stem}", ())
        yield _shrink(MaskedPhoto(path.stem, rgb, mask, tuple(boxes)), longest_side)


def _decode(path: Path, flags: int) -> NDArray[np.uint8]:
    decoded = cv2.imdecode(np.frombuffer(path.read_bytes() or b"\0", np.uint8), flags)
    if decoded is None:
        raise DatasetError(f"{path}: not a readable picture; replace or remove it")
    pixels: NDArray[np.uint8] = np.asarray(decoded, np.uint8)
    return pixels


def _shrink(photo: MaskedPhoto, longest_side: int) -> MaskedPhoto:
    image, mask, heads = photo.image, photo.mask, photo.heads
    scale = longest_side / max(mask.shape)
    if scale < 1:
        size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
        heads = tuple((x1 * scale, y1 * scale, x2 * scale, y2 * scale) for x1, y1, x2, y2 in heads)
    return MaskedPhoto(photo.name, image, mask, heads)
