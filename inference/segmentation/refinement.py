"""Lay a coarse person mask along the edges of the photo at full resolution.

Paper: He, Sun 2015, "Fast Guided Filter" (arXiv 1505.00996). Around each pixel the mask is taken
to be a linear function of the photo's brightness; the coefficients of that function are smooth, so
they are found on a reduced photo and applied to the full one. No reference code was followed.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.segmentation.bands import enlarge_band, row_bands
from inference.types import AlphaMask, RGBImage

GUIDE_SIDE = 1024
"""Longest side of the reduced photo in which the coefficients are found."""

RADIUS = 8
"""Half the window, in pixels of the reduced photo: about two pixels of the network's output."""

EPSILON = 1e-3
"""Brightness variance (0 to 1) below which a window counts as flat and is only smoothed."""

SOLID = 0.06
"""Alpha this close to 0 or 1 becomes 0 or 1, so flat regions are not faintly transparent."""


def reduce_to_guide(image: RGBImage) -> RGBImage:
    """Return the photo reduced to ``GUIDE_SIDE``; a smaller photo is returned as it is."""
    scale = GUIDE_SIDE / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def refine(image: RGBImage, guide: RGBImage, coarse: NDArray[np.float32]) -> AlphaMask:
    """Return the mask at the size of the photo, its edges moved onto the photo's edges.

    Args:
        image: ``(H, W, 3)`` uint8, the photo.
        guide: ``(h, w, 3)`` uint8, the photo reduced by ``reduce_to_guide``.
        coarse: ``(h, w)`` float32, 0 to 1, the mask at the size of the guide.
    """
    slope, offset = _linear_coefficients(_luma(guide), coarse)
    coefficients = np.dstack([slope, offset])
    height, width = image.shape[:2]
    alpha = np.empty((height, width), np.float32)
    for band in row_bands(height):
        enlarged = enlarge_band(coefficients, band, (height, width))
        mask = enlarged[..., 0] * _luma(image[band]) + enlarged[..., 1]
        alpha[band] = np.clip((mask - SOLID) / (1 - 2 * SOLID), 0, 1)
    return alpha


def _linear_coefficients(
    guide: NDArray[np.float32], mask: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return slope and offset of the mask as a function of the guide around each pixel."""
    mean_guide, mean_mask = _window_mean(guide), _window_mean(mask)
    variance = _window_mean(np.square(guide)) - np.square(mean_guide)
    covariance = _window_mean(np.multiply(guide, mask)) - np.multiply(mean_guide, mean_mask)
    slope = np.asarray(covariance / (variance + EPSILON), np.float32)
    offset = mean_mask - np.multiply(slope, mean_guide)
    return _window_mean(slope), _window_mean(offset)


def _window_mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    side = 2 * RADIUS + 1
    mean = cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REFLECT)
    return np.asarray(mean, np.float32)


def _luma(image: RGBImage) -> NDArray[np.float32]:
    """Return ``(H, W)`` float32 brightness, 0 to 1."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
