"""Views of faces: the same face as a network may meet it, and faces that never were.

A stage is dark, lit in one colour, far away and in motion, so a view may lose light, colour,
sharpness and resolution, and its alignment is a little off. A blend of two faces is a new face for
the price of an average; it gives a small set of people a wider space to learn from.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.alignment import align
from inference.datasets.faces import WideCrops
from inference.datasets.stage_light import other_gains
from inference.types import RGBImage


@dataclass(frozen=True, slots=True)
class Crop:
    """How a network wants its faces cut.

    Attributes:
        template: ``(5, 2)`` in pixels of the crop.
        size: Side of the crop in pixels.
        weights: ``(5,)``, how much each landmark counts, or ``None`` for all alike.
    """

    template: NDArray[np.float32]
    size: int
    weights: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """One face to show: a stored face, or a blend of two.

    Attributes:
        first: Index of the face.
        second: Index of the other face, or -1 for no blend.
        share: How much of the first face is left, 0 to 1.
        split: 0 to mix everywhere, 1 to take the first above the nose and the second below it.
    """

    first: int
    second: int = -1
    share: float = 1.0
    split: int = 0


class FacePool:
    """Colour faces with room around them, then grey 48x48 faces, under one numbering.

    Args:
        crops: Colour faces.
        grey: ``(M, 48, 48)`` uint8; may be empty.
        grey_landmarks: ``(M, 5, 2)`` in their pixels.
    """

    def __init__(
        self, crops: WideCrops, grey: NDArray[np.uint8], grey_landmarks: NDArray[np.float32]
    ) -> None:
        if len(grey) != len(grey_landmarks):
            raise ValueError(f"{len(grey)} grey faces with {len(grey_landmarks)} sets of landmarks")
        self._crops = crops
        self._grey = grey
        self._grey_landmarks = grey_landmarks
        self.colour_count = len(crops)

    def __len__(self) -> int:
        return self.colour_count + len(self._grey)

    def _stored(self, index: int) -> tuple[RGBImage, NDArray[np.float32]]:
        if index < self.colour_count:
            return self._crops.images[index], self._crops.landmarks[index]
        grey = self._grey[index - self.colour_count]
        return np.repeat(grey[:, :, None], 3, axis=2), self._grey_landmarks[
            index - self.colour_count
        ]

    def cut(self, index: int, crop: Crop, moved: NDArray[np.float32] | None = None) -> RGBImage:
        """Cut one stored face for a network; ``moved`` replaces the template to jitter the crop."""
        image, landmarks = self._stored(index)
        template = crop.template if moved is None else moved
        return align(
            image, landmarks, template, crop.size, weights=crop.weights, border="replicate"
        )

    def show(
        self, recipe: Recipe, crop: Crop, moved: NDArray[np.float32] | None = None
    ) -> RGBImage:
        """Cut a stored face or make a blend, ``(size, size, 3)`` uint8 RGB."""
        first = self.cut(recipe.first, crop, moved)
        if recipe.second < 0:
            return first
        second = self.cut(recipe.second, crop, moved)
        if recipe.split:
            mask = _above_nose(crop.template, crop.size)
            return (first * mask + second * (1.0 - mask)).astype(np.uint8)
        mixed = cv2.addWeighted(first, recipe.share, second, 1.0 - recipe.share, 0.0)
        return np.asarray(mixed, dtype=np.uint8)


def _above_nose(template: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    rows = np.arange(size, dtype=np.float32)
    level, softness = float(template[2, 1]), size * 0.04
    mask: NDArray[np.float32] = 1.0 / (1.0 + np.exp((rows - level) / softness))
    return mask[:, None, None]


def jitter(
    template: NDArray[np.float32], size: int, generator: np.random.Generator
) -> NDArray[np.float32]:
    """Turn, scale and shift a template as an imperfect detector would."""
    angle = np.deg2rad(generator.normal(0.0, 3.0))
    scale = float(np.exp(generator.normal(0.0, 0.04)))
    shift = generator.normal(0.0, 0.015 * size, 2)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.full(2, size / 2)
    return np.asarray((template - centre) @ turn.T + centre + shift, dtype=np.float32)


def spoil(image: RGBImage, generator: np.random.Generator) -> RGBImage:
    """Change light, colour, sharpness and resolution of a crop at random.

    Returns:
        A new ``(S, S, 3)`` uint8 RGB image.
    """
    chance = generator.random
    if chance() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    if chance() < 0.7:
        image = _light(image, generator)
    if chance() < 0.12:
        image = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    if chance() < 0.25:
        image = _side_light(image, generator)
    if chance() < 0.4:
        image = _gel(image, generator)
    if chance() < 0.45:
        image = _lose_resolution(image, generator)
    if chance() < 0.15:
        image = _motion(image, generator)
    if chance() < 0.45:
        image = _noise(image, generator)
    if chance() < 0.2:
        image = _compress(image, int(generator.integers(25, 80)))
    if chance() < 0.15:
        image = _cover(image, generator)
    return np.asarray(image, dtype=np.uint8)


def _light(image: RGBImage, generator: np.random.Generator) -> RGBImage:
    """Exposure, gamma and the colour of the light, in one table per channel."""
    levels = np.arange(256) / 255.0
    gamma = np.exp(generator.normal(0.0, 0.3))
    tint = np.exp(generator.normal(0.0, 0.18, 3))
    gain, lift = np.exp(generator.normal(-0.05, 0.2)), generator.normal(0.0, 0.04)
    tables = [np.clip((gain * colour * levels**gamma + lift) * 255, 0, 255) for colour in tint]
    lookup = np.stack(tables, axis=1).astype(np.uint8)[None]
    return np.asarray(cv2.LUT(image, lookup), dtype=np.uint8)


def _side_light(image: RGBImage, generator: np.random.Generator) -> RGBImage:
    """A coloured lamp from one side."""
    size = image.shape[0]
    ramp = np.linspace(-1.0, 1.0, size, dtype=np.float32)
    x, y = generator.normal(0.0, 1.0, 2)
    field = (x * ramp[None, :] + y * ramp[:, None]) / (abs(x) + abs(y) + 1e-6)
    colour = generator.uniform(-0.5, 0.5, 3).astype(np.float32)
    lit = image * (1.0 + field[:, :, None] * colour)
    clipped: RGBImage = np.clip(lit, 0, 255).astype(np.uint8)
    return clipped


def _gel(image: RGBImage, generator: np.random.Generator) -> RGBImage:
    """A lamp that lets little of some colours through, or a hall in which all is dark.

    Names must hold in lights that nobody listed, so the five of the evaluation are not shown.
    """
    return np.asarray(np.clip(image * other_gains(generator), 0, 255), dtype=np.uint8)


def _noise(image: RGBImage, generator: np.random.Generator) -> RGBImage:
    """Noise of a sensor; what was enlarged has coarse grain."""
    size = image.shape[0]
    side = int(generator.uniform(0.3, 1.0) * size) if generator.random() < 0.5 else size
    grain = generator.normal(0.0, generator.uniform(2.0, 14.0), (side, side, 3)).astype(np.float32)
    if side < size:
        grain = np.asarray(cv2.resize(grain, (size, size), interpolation=cv2.INTER_LINEAR))
    return np.asarray(np.clip(image + grain, 0, 255), dtype=np.uint8)


def _lose_resolution(image: RGBImage, generator: np.random.Generator) -> RGBImage:
    size = image.shape[0]
    small = int(generator.uniform(0.18, 0.6) * size)
    shrunk = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)
    way = cv2.INTER_LINEAR if generator.random() < 0.5 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(shrunk, (size, size), interpolation=way), dtype=np.uint8)


def _motion(image: RGBImage, generator: np.random.Generator) -> RGBImage:
    length = int(generator.integers(3, 10))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1.0 / length
    turn = cv2.getRotationMatrix2D(
        ((length - 1) / 2, (length - 1) / 2), generator.uniform(0, 180), 1.0
    )
    kernel = np.asarray(cv2.warpAffine(kernel, turn, (length, length)), np.float32)
    blurred = cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1e-6))
    return np.asarray(blurred, dtype=np.uint8)


def _compress(image: RGBImage, quality: int) -> RGBImage:
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), dtype=np.uint8)


def _cover(image: RGBImage, generator: np.random.Generator) -> RGBImage:
    """Something in front of the face: a microphone, a hand, hair."""
    size = image.shape[0]
    width, height = generator.integers(size // 8, size // 3, 2)
    x, y = generator.integers(0, size - width), generator.integers(0, size - height)
    covered = image.copy()
    covered[y : y + height, x : x + width] = generator.integers(0, 256, 3)
    return covered
