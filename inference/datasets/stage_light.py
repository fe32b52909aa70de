"""Five stage lights in which names must hold, and others to learn from.

This is what a gel, a dark hall and a sensor do to a photo. A coloured gel lets its own colour
through and takes 60 to 90 % of the others; a hall at 18 % light is dark all over. In both the
sensor adds its noise and the camera its compression. The same photo under the same light is the
same picture every time, so figures can be compared between runs.
"""

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.types import RGBImage

LIGHTS: tuple[str, ...] = ("magenta", "blue", "red", "green", "hall")
OTHER_LIGHTS: tuple[str, ...] = ("other-1", "other-2", "other-3")
"""Any mixture of the colours, or some darkness, drawn anew for each photo. What is learnt under
these was not learnt under the five, which stay for measuring."""
NOISE = 9.0
"""Standard deviation of the sensor's noise, of 255."""
JPEG_QUALITY = 70
_HALL_LIGHT = 0.18
_OTHER_DARKNESS, _OTHER_HALL_LIGHT = 0.25, (0.12, 0.5)
"""How often another light is a dark hall, and how dark."""
_OTHER_LEFT = 0.08
"""Least that another light leaves of a colour; all of one colour is always left."""
_TAKEN = (0.6, 0.9)
"""Least and most that a gel takes of a colour which is not its own."""
_TAKEN_CHANNELS = {"magenta": (1,), "blue": (0, 1), "red": (1, 2), "green": (0, 2)}


def light_generator(name: str, light: str) -> np.random.Generator:
    """Return the chance that belongs to one photo under one light."""
    digest = hashlib.sha256(f"{light}/{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def light_gains(light: str, generator: np.random.Generator) -> NDArray[np.float32]:
    """Draw what a light leaves of red, green and blue, ``(3,)``, 0 to 1.

    Raises:
        ValueError: There is no such light.
    """
    if light in OTHER_LIGHTS:
        return other_gains(generator)
    if light not in LIGHTS:
        raise ValueError(f"no light is called {light!r}; there are {', '.join(LIGHTS)}")
    if light == "hall":
        return np.full(3, _HALL_LIGHT, np.float32)
    gains = np.ones(3, np.float32)
    taken = list(_TAKEN_CHANNELS[light])
    gains[taken] = 1.0 - generator.uniform(*_TAKEN, len(taken))
    return gains


def other_gains(generator: np.random.Generator) -> NDArray[np.float32]:
    """Draw what any light leaves of red, green and blue, ``(3,)``, 0 to 1."""
    if generator.random() < _OTHER_DARKNESS:
        return np.full(3, generator.uniform(*_OTHER_HALL_LIGHT), np.float32)
    gains = generator.uniform(_OTHER_LEFT, 1.0, 3).astype(np.float32)
    gains[generator.integers(3)] = 1.0
    return gains


def under_light(image: RGBImage, light: str, generator: np.random.Generator) -> RGBImage:
    """Show a photo as a camera would have taken it under a stage light.

    Args:
        image: ``(H, W, 3)`` uint8 RGB, taken in white light.
        light: One of ``LIGHTS`` or ``OTHER_LIGHTS``.
        generator: Draws strength and noise; ``light_generator`` makes a fixed one.

    Returns:
        A new image of the same shape, compressed once.
    """
    lit = image * light_gains(light, generator)
    lit += generator.normal(0.0, NOISE, image.shape).astype(np.float32)
    pixels = np.clip(lit.round(), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), dtype=np.uint8)
