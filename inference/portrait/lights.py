"""Lamps out of focus: what a lens makes of lights that are too bright for the picture.

A Gaussian turns a lamp into a soft smudge; a lens turns it into an even disc, the image of its
aperture, and a bright one, as the lamp was brighter than white. Both can only be told in linear
light, where light adds up. The disc lies beside the Gaussian, which stays the blur of all else.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

LAMP = 0.6
"""Linear light, 0 to 1, above which a pixel counts as lit by more than the scene."""

GAIN = 3.0
"""By how much a lamp was brighter than what the picture could hold of it; a taste."""

SIGMAS = 2.0
"""Radius of the disc in sigmas: so a disc spreads light as far as the Gaussian beside it."""

_GAMMA = 2.2


def lamps_of(image: NDArray[np.generic]) -> Pixels:
    """Return the light of each pixel beyond ``LAMP``, in linear light, with its colour.

    Args:
        image: ``(H, W, 3)`` RGB, 0 to 255.
    """
    linear = _linear(np.asarray(image, np.float32))
    brightest = linear.max(axis=2, keepdims=True)
    share = np.clip((brightest - LAMP) / (1 - LAMP), 0, 1)
    return np.asarray(linear * share * share, np.float32)


def with_lamps(background: Pixels, lamps: Pixels, radius: float) -> Pixels:
    """Add to a blurred background the discs of its lamps.

    Args:
        background: ``(h, w, 3)`` float32 RGB, 0 to 255, already blurred.
        lamps: ``(h, w, 3)`` linear light that ``lamps_of`` found, less where people stand.
        radius: Of the discs, in pixels.

    Returns:
        The same shape and range.
    """
    discs = cv2.filter2D(lamps, -1, disc(radius), borderType=cv2.BORDER_CONSTANT)
    lit = _linear(background) + GAIN * np.asarray(discs, np.float32)
    return np.asarray(255 * np.clip(lit, 0, 1) ** (1 / _GAMMA), np.float32)


def disc(radius: float) -> Pixels:
    """Return an even disc with a soft rim whose sum is 1."""
    reach = int(np.ceil(radius + 0.5))
    axis = np.arange(-reach, reach + 1)
    distance = np.hypot(axis[:, None], axis[None, :])
    kernel = np.clip(radius + 0.5 - distance, 0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _linear(pixels: Pixels) -> Pixels:
    return np.asarray((np.clip(pixels, 0, 255) * np.float32(1 / 255)) ** _GAMMA, np.float32)
