"""Training pictures for person masks: other views, pasted people, and the light of a stage.

No stage photo has a mask, so stages are made: people are cut out with their masks and pasted, one
to five of them, on dark stages drawn here or on other photos; then the whole picture is lit, hazed
and blurred as concert photos are. Every picture is determined by its random generator alone, so an
interrupted training continues with the same pictures.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from inference.datasets.person_masks import Mask, MaskedPhoto, MaskSet
from inference.segmentation.prompts import Box

Picture: TypeAlias = NDArray[np.float32]
"""``(S, S, 3)`` float32, 0 to 1."""

SET_WEIGHTS = {
    "mil_portraits_train": 0.24,
    "ccp_fullbody": 0.20,
    "coco_single_person": 0.34,
    "coco_mini_multi": 0.12,
    "vikram_removebg": 0.10,
}
"""How often each set is drawn: hard sets above their size, machine-made masks below it."""

PASTED_SHARE = 0.35
EMPTY_SHARE = 0.12
CLUTTERED_SHARE = 0.5
"""Of made backgrounds: so many get things pasted on, lest a pasted edge alone tell of a person."""

DRAWN_STAGE_SHARE = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A photo cropped to its people, ready to be pasted.

    Attributes:
        image: The crop.
        mask: Its people.
        head: Face box in pixels of the crop, where one person and one face are known.
        is_cut_below: Whether the photo ended before the person did, as busts do.
    """

    image: NDArray[np.uint8]
    mask: Mask
    head: Box | None = None
    is_cut_below: bool = False


class SceneMaker:
    """Makes batches of augmented pictures and masks out of the training photos."""

    def __init__(self, sets: list[MaskSet]) -> None:
        self._photos = [each.training for each in sets]
        weights = np.array([SET_WEIGHTS.get(each.name, 0.2) for each in sets])
        self._weights = weights / weights.sum()
        cutouts = [
            cut_out(photo) for photos in self._photos for photo in photos if not photo.is_taught
        ]
        self._cutouts = [cutout for cutout in cutouts if cutout is not None]

    def batch(
        self, size: int, count: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return ``(B, S, S, 3)`` uint8 pictures and their ``(B, S, S)`` float32 masks, 0 to 1."""
        pictures = np.empty((count, size, size, 3), np.uint8)
        masks = np.empty((count, size, size), np.float32)
        for index in range(count):
            picture, mask = self.scene(size, rng)
            picture = light(picture, rng)
            np.multiply(np.clip(picture, 0, 1), 255, out=pictures[index], casting="unsafe")
            masks[index] = mask
        return pictures, masks

    def scene(self, size: int, rng: np.random.Generator) -> tuple[Picture, NDArray[np.float32]]:
        """Return one picture with its mask before any light falls on it."""
        draw = rng.random()
        if draw < EMPTY_SHARE:
            return self.cluttered_background(size, rng), np.zeros((size, size), np.float32)
        if draw > EMPTY_SHARE + PASTED_SHARE:
            return view(self.draw_photo(rng), size, rng)
        if rng.random() < 0.5:
            picture, mask = view(self.draw_photo(rng), size, rng)
            people = 1 + int(rng.random() < 0.3)
        else:
            picture = self.cluttered_background(size, rng)
            mask = np.zeros((size, size), np.float32)
            people = int(rng.integers(1, 6))
        for _ in range(people):
            self._paste(picture, mask, people, rng)
        return picture, mask

    def draw_photo(self, rng: np.random.Generator) -> MaskedPhoto:
        """Return one of the photos, from the sets as often as they are worth."""
        photos = self._photos[int(rng.choice(len(self._photos), p=self._weights))]
        return photos[int(rng.integers(len(photos)))]

    def background(self, size: int, rng: np.random.Generator) -> Picture:
        """Return a picture without people: a drawn stage, or the empty part of a photo."""
        if rng.random() >= DRAWN_STAGE_SHARE:
            for _ in range(4):
                photo = self.draw_photo(rng)
                crop = None if photo.is_taught else empty_crop(photo, rng)
                if crop is not None:
                    resized = cv2.resize(crop, (size, size), interpolation=cv2.INTER_LINEAR)
                    return _unit(resized)
        return draw_stage(size, rng)

    def cluttered_background(self, size: int, rng: np.random.Generator) -> Picture:
        """Return a picture without people, often with things pasted on."""
        picture = self.background(size, rng)
        if rng.random() < CLUTTERED_SHARE:
            for _ in range(int(rng.integers(1, 5))):
                paste_thing(picture, self.background(size, rng), rng)
        return picture

    def _paste(
        self, picture: Picture, mask: NDArray[np.float32], people: int, rng: np.random.Generator
    ) -> None:
        """Paste one person into the picture and the mask, in place."""
        cutout = self._cutouts[int(rng.integers(len(self._cutouts)))]
        size = picture.shape[0]
        height = size * rng.uniform(0.35, 1.15) * (1.0 if people == 1 else 0.8)
        scale = height / cutout.mask.shape[0]
        flip = -1.0 if rng.random() < 0.5 else 1.0
        angle = np.deg2rad(rng.normal(0, 6))
        matrix = np.array(
            [[np.cos(angle) * flip, -np.sin(angle)], [np.sin(angle) * flip, np.cos(angle)]]
        )
        matrix = matrix * scale
        # People stand in the lower part, reach beyond the frame, and hide each other.
        centre = np.array([rng.uniform(0.05, 0.95), rng.uniform(0.5, 0.8)]) * size
        if height > 0.75 * size:
            centre[1] = size - height * rng.uniform(0.3, 0.5)
        middle = np.array(cutout.mask.shape[::-1]) / 2
        affine = np.column_stack([matrix, centre - matrix @ middle])
        pasted = np.asarray(
            cv2.warpAffine(cutout.image, affine, (size, size), flags=cv2.INTER_AREA), np.float32
        )
        alpha = np.asarray(cv2.warpAffine(cutout.mask, affine, (size, size)), np.float32) / 255
        gain = (
            rng.uniform(0.6, 1.25, 3) if rng.random() < 0.5 else np.full(3, rng.uniform(0.7, 1.2))
        )
        soft = cv2.GaussianBlur(alpha, (0, 0), rng.uniform(0.4, 0.9))[..., None]
        picture += (pasted / 255 * gain.astype(np.float32) - picture) * soft
        np.maximum(mask, alpha, out=mask)


def cut_out(photo: MaskedPhoto) -> Cutout | None:
    """Crop a photo to its people; ``None`` where they are too small to be worth pasting."""
    rows, columns = np.nonzero(photo.mask > 127)
    if rows.size < 0.04 * photo.mask.size:
        return None
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    image, mask = photo.image[top:bottom, left:right], photo.mask[top:bottom, left:right]
    if len(photo.heads) != 1:
        return Cutout(image, mask)
    x1, y1, x2, y2 = photo.heads[0]
    is_cut = bottom >= 0.99 * len(photo.mask)
    return Cutout(image, mask, (x1 - left, y1 - top, x2 - left, y2 - top), is_cut)


def view(
    photo: MaskedPhoto, size: int, rng: np.random.Generator
) -> tuple[Picture, NDArray[np.float32]]:
    """Return a random square view of the photo: scale, place, shape, tilt and mirror image."""
    matrix = view_matrix(photo, size, rng)
    border = cv2.BORDER_REFLECT_101 if rng.random() < 0.7 else cv2.BORDER_CONSTANT
    return warped_view(photo, size, matrix, border)


def view_matrix(photo: MaskedPhoto, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw the ``(2, 3)`` transform from a photo to a square view of it."""
    height, width = photo.mask.shape
    zoom = size / np.sqrt(height * width) * np.exp(rng.normal(0.08, 0.28))
    # Half-way to a square, as the network sees photos of every shape squeezed by little only.
    squeeze = (width / height) ** rng.uniform(0, 0.5)
    flip = -1.0 if rng.random() < 0.5 else 1.0
    angle = np.deg2rad(rng.normal(0, 8))
    shear = rng.normal(0, 0.05)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    stretch = np.array([[flip / np.sqrt(squeeze), shear], [0, np.sqrt(squeeze)]])
    matrix = zoom * turn @ stretch
    room = np.maximum(0, np.abs(matrix) @ (width, height) - size) / 2
    centre = size / 2 + rng.uniform(-1, 1, 2) * (room + 0.08 * size)
    return np.column_stack([matrix, centre - matrix @ (width / 2, height / 2)])


def warped_view(
    photo: MaskedPhoto, size: int, affine: NDArray[np.float64], border: int
) -> tuple[Picture, NDArray[np.float32]]:
    """Return the square view of a photo and its mask that a transform shows."""
    picture = cv2.warpAffine(
        photo.image, affine, (size, size), flags=cv2.INTER_AREA, borderMode=border
    )
    mask = cv2.warpAffine(photo.mask, affine, (size, size), borderMode=border)
    return _unit(picture), _unit(mask)


def moved_box(box: Box, affine: NDArray[np.float64]) -> Box:
    """Return the upright box of the same area where a ``(2, 3)`` transform moves a box to."""
    x1, y1, x2, y2 = box
    x, y = affine @ ((x1 + x2) / 2, (y1 + y2) / 2, 1)
    scale = float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    right, down = scale * (x2 - x1) / 2, scale * (y2 - y1) / 2
    return float(x - right), float(y - down), float(x + right), float(y + down)


def _unit(pixels: npt.ArrayLike) -> NDArray[np.float32]:
    """Return pixels of 0 to 255 as 0 to 1."""
    return np.asarray(pixels, np.float32) * np.float32(1 / 255)


def empty_crop(photo: MaskedPhoto, rng: np.random.Generator) -> NDArray[np.uint8] | None:
    """Return a crop of the photo without people, or ``None`` if none was found at random."""
    height, width = photo.mask.shape
    for _ in range(6):
        crop_height = int(height * rng.uniform(0.3, 0.9))
        crop_width = min(width, int(crop_height * rng.uniform(0.6, 1.6)))
        top = int(rng.integers(height - crop_height + 1))
        left = int(rng.integers(width - crop_width + 1))
        region = np.s_[top : top + crop_height, left : left + crop_width]
        if not (photo.mask[region] > 127).any():
            return photo.image[region]
    return None


def paste_thing(picture: Picture, texture: Picture, rng: np.random.Generator) -> None:
    """Paste a smooth blob of another picture, in place: a thing that is nobody."""
    size = len(picture)
    turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 10))))
    radii = size * rng.uniform(0.05, 0.35) * np.exp(rng.normal(0, 0.3, len(turns)))
    stretch = np.exp(rng.normal(0, 0.4, 2))
    corners = np.column_stack([np.cos(turns), np.sin(turns)]) * radii[:, None] * stretch
    outline = (corners + rng.uniform(0.05, 0.95, 2) * size).round().astype(np.int32)
    alpha = np.zeros((size, size), np.float32)
    cv2.fillPoly(alpha, [outline], 1.0)
    softness = rng.uniform(0.4, 0.9) if rng.random() < 0.7 else rng.uniform(1, 0.03 * size + 1)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), softness), np.float32)
    picture += (texture * np.float32(rng.uniform(0.6, 1.25)) - picture) * alpha[..., None]


def draw_stage(size: int, rng: np.random.Generator) -> Picture:
    """Draw a dark stage: floor, screen, light cones, bokeh."""
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) / size
    dark = rng.uniform(0, 0.25, 3)
    stage = np.ones((size, size, 3), np.float32) * dark.astype(np.float32)
    stage += (rows[..., None] > rng.uniform(0.6, 1)) * rng.uniform(0, 0.2, 3).astype(np.float32)
    if rng.random() < 0.5:  # an LED screen
        top, left = (rng.uniform(0, 0.5, 2) * size).astype(int)
        bottom, right = (np.array([top, left]) + rng.uniform(0.2, 0.8, 2) * size).astype(int)
        texture = rng.random((int(rng.integers(2, 9)), int(rng.integers(2, 9)), 3)).astype(
            np.float32
        )
        area = stage[top:bottom, left:right]
        area += cv2.resize(texture, (area.shape[1], area.shape[0])) * rng.uniform(0.2, 1)
    for _ in range(int(rng.integers(0, 6))):  # light cones from above
        apex, lean, width = rng.uniform(0, 1), rng.normal(0, 0.6), rng.uniform(0.05, 0.3)
        distance = np.abs(columns - apex - lean * rows) / (0.02 + width * rows)
        cone = np.exp(-(distance**2)) * np.exp(-rows * rng.uniform(0, 2))
        stage += cone[..., None] * rng.uniform(0, 0.7, 3).astype(np.float32)
    for _ in range(int(rng.integers(0, 20))):  # lamps and light sticks out of focus
        centre = (int(rng.integers(size)), int(rng.integers(size)))
        colour = tuple(rng.uniform(0, 1, 3).tolist())
        cv2.circle(stage, centre, max(1, int(size * rng.uniform(0.003, 0.04))), colour, -1)
    return np.asarray(cv2.GaussianBlur(stage, (0, 0), rng.uniform(0.5, 4)), np.float32)


def light(scene: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture under other light and a worse lens; every effect comes by chance."""
    size = scene.shape[0]
    chances = rng.random(8)
    picture: NDArray[np.floating[Any]] = scene * rng.uniform(0.75, 1.3) + rng.uniform(-0.08, 0.08)
    picture = picture * rng.uniform(0.88, 1.13, 3).astype(np.float32)
    grey = picture.mean(axis=2, keepdims=True)
    saturation = 0.0 if chances[0] < 0.06 else rng.uniform(0.5, 1.5)
    picture = grey + (picture - grey) * saturation
    picture = np.maximum(picture, 0) ** rng.uniform(0.7, 1.4)
    if chances[1] < 0.25:  # coloured light from one or two lamps
        colour = np.full((size, size, 3), rng.uniform(0.2, 0.9), np.float32)
        for _ in range(int(rng.integers(1, 3))):
            colour += _glow(size, rng, 0.15, 0.8) * rng.uniform(0.1, 1.4, 3).astype(np.float32)
        picture = picture * colour
    if chances[2] < 0.15:  # lens flare
        picture = picture + _glow(size, rng, 0.05, 0.5) * rng.uniform(0.2, 1, 3).astype(np.float32)
    if chances[3] < 0.12:  # haze
        haze = rng.uniform(0.1, 0.9, 3).astype(np.float32)
        thickness = rng.uniform(0.1, 0.55) * (0.5 + 0.5 * _glow(size, rng, 0.3, 1.0))
        picture = picture + (haze - picture) * thickness
    if chances[4] < 0.12:
        picture = _motion_blur(picture, rng)
    elif chances[5] < 0.12:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 2)), np.float32)
    if chances[6] < 0.15:  # low light
        picture = picture * rng.uniform(0.15, 0.6)
    if chances[7] < 0.35:
        noise = rng.standard_normal((size, size, 3), np.float32) * rng.uniform(0.01, 0.06)
        picture = picture + noise
    return picture.astype(np.float32, copy=False)


def _glow(size: int, rng: np.random.Generator, narrow: float, wide: float) -> NDArray[np.float32]:
    """Return a ``(S, S, 1)`` round light, 1 in its centre."""
    row, column = rng.uniform(-0.1, 1.1, 2)
    spread = rng.uniform(narrow, wide)
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    vertical, horizontal = ((axis - row) / spread) ** 2, ((axis - column) / spread) ** 2
    glow: NDArray[np.float32] = np.exp(-(vertical[:, None] + horizontal[None, :]))[..., None]
    return glow.astype(np.float32)


def _motion_blur(picture: NDArray[np.floating[Any]], rng: np.random.Generator) -> Picture:
    length = int(rng.integers(3, max(4, picture.shape[0] // 16)))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * (length - 1) / 2
    start = (np.array([length - 1, length - 1]) / 2 - reach).round().astype(int)
    end = (np.array([length - 1, length - 1]) / 2 + reach).round().astype(int)
    cv2.line(kernel, tuple(start.tolist()), tuple(end.tolist()), 1.0)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.float32)
