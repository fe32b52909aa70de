"""A drawn face whose eyes, light and sharpness are known."""

import cv2
import numpy as np

from inference.types import Face, RGBImage

LANDMARKS = np.array([[-30, -20], [30, -20], [0, 15], [-24, 46], [24, 46]], dtype=np.float32)
"""Around the middle of a face of 150 x 190 pixels."""

MIDDLE = (200, 160)


def landmarks(scale: float = 1.0) -> np.ndarray:
    """Return the landmarks of the drawn face in pixels."""
    return (LANDMARKS * scale + MIDDLE).astype(np.float32)


def drawn_face(scale: float = 1.0) -> Face:
    """Return where the drawn face is."""
    x, y = MIDDLE
    half = np.array([58, 78]) * scale
    box = (float(x - half[0]), float(y - half[1]), float(x + half[0]), float(y + half[1]))
    return Face(box, 0.99, landmarks(scale))


def draw_face(openness: float = 1.0, scale: float = 1.0, skin: int = 190) -> RGBImage:
    """Draw somebody on a dark stage.

    Args:
        openness: Of the eyes, 0 closed to 1 open.
        scale: 1 for eyes 60 pixels apart.
        skin: Brightness of the skin.
    """
    image = np.full((320, 400, 3), 30, dtype=np.uint8)
    colour = (skin, round(skin * 0.8), round(skin * 0.7))
    _disc(image, (0, 0), (75, 95), scale, colour)
    for side in (-1, 1):
        _disc(image, (30 * side, -44), (16, 3), scale, (40, 30, 25))
        if openness > 0:
            _disc(image, (30 * side, -20), (15, 8 * openness), scale, (skin + 40,) * 3)
            _disc(image, (30 * side, -20), (6, min(6, 8 * openness)), scale, (35, 25, 20))
        else:
            _disc(image, (30 * side, -17), (15, 1.5), scale, (35, 25, 20))
    _disc(image, (0, 15), (9, 6), scale, (skin - 30, skin - 60, skin - 70))
    _disc(image, (0, 46), (24, 6), scale, (150, 60, 60))
    noise = np.random.default_rng(5).normal(0, 1.5, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _disc(
    image: RGBImage,
    offset: tuple[float, float],
    axes: tuple[float, float],
    scale: float,
    colour: tuple[int, ...],
) -> None:
    centre = (round(MIDDLE[0] + offset[0] * scale), round(MIDDLE[1] + offset[1] * scale))
    size = (max(round(axes[0] * scale), 1), max(round(axes[1] * scale), 1))
    cv2.ellipse(image, centre, size, 0, 0, 360, colour, -1, cv2.LINE_AA)
