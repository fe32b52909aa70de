"""Put the background of a photo out of focus, behind the people of its mask."""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.portrait.lights import SIGMAS, lamps_of, with_lamps
from inference.segmentation.bands import BAND_ROWS, enlarge_band, row_bands
from inference.types import AlphaMask, RGBImage

FULL_STRENGTH = 0.016
"""Sigma at strength 1 as a share of the photo's diagonal: a fast portrait lens, wide open."""

COARSE_SIGMA = 4.0
"""The blur is computed on a reduced photo in which sigma is at least this many pixels."""

TINY = 1e-6


def portrait_sigma(image_shape: tuple[int, ...], strength: float) -> float:
    """Return the sigma in pixels that looks the same on photos of every size.

    Args:
        image_shape: Height and width first.
        strength: 0 (sharp; the sigma is 0) to 1 (strongest).

    Raises:
        ValueError: ``strength`` is outside 0 to 1.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must be between 0 and 1, not {strength}")
    return FULL_STRENGTH * strength * math.hypot(image_shape[0], image_shape[1])


def render_portrait(
    image: RGBImage, alpha: AlphaMask, strength: float, *, lights: bool = False
) -> RGBImage:
    """Blur the background by ``strength``, 0 to 1; at 0 a copy of the photo comes back.

    With ``lights`` lamps become discs, as behind a lens.
    """
    sigma = portrait_sigma(image.shape, strength)
    return blur_background(image, alpha, sigma, lights=lights) if sigma > 0 else image.copy()


def blur_background(
    image: RGBImage, alpha: AlphaMask, sigma: float, *, lights: bool = False
) -> RGBImage:
    """Blend the image with its Gaussian blur, following the person mask.

    The background is blurred with the person taken out (blur of the weighted pixels divided by
    blur of the weights); a plain blur would smear the person's colours into a halo around them.

    A wide blur holds no detail, so it is computed on a reduced image and enlarged while blending,
    band by band: memory beyond the result stays in the tens of megabytes for any photo.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        alpha: ``(H, W)`` float32 of the same size, 1 where the person is.
        sigma: Standard deviation of the blur in pixels of ``image``; must be above 0.
        lights: Whether lamps become discs (``inference.portrait.lights``).

    Returns:
        A new ``(H, W, 3)`` uint8 RGB image.

    Raises:
        ValueError: The mask has another size than the image, or ``sigma`` is not positive.
    """
    if alpha.shape != image.shape[:2]:
        raise ValueError(f"the mask is {alpha.shape}, the image {image.shape[:2]}")
    if not sigma > 0:
        raise ValueError(f"sigma must be above 0, not {sigma}")
    factor = max(1, int(sigma / COARSE_SIGMA))
    weighted = _reduced_weighted_background(image, alpha, factor)
    background = _blurred_background(weighted, sigma, factor)
    if lights:
        lamps = _reduced_lamps(image, alpha, factor)
        background = with_lamps(background, lamps, SIGMAS * sigma / factor)
    height, width = alpha.shape
    enlarged_size = (background.shape[0] * factor, background.shape[1] * factor)
    result = np.empty_like(image)
    for band in row_bands(height):
        blurred = enlarge_band(background, band, enlarged_size)[:, :width]
        person = alpha[band, :, None]
        blended = blurred + person * (image[band] - blurred)
        result[band] = np.clip(blended + 0.5, 0, 255).astype(np.uint8)
    return result


def _blurred_background(
    weighted: NDArray[np.float32], sigma: float, factor: int
) -> NDArray[np.float32]:
    """Return the blurred background of an image reduced by ``factor``, the person taken out."""
    # Averaging blocks and interpolating between them blur as well: variances add up, so theirs
    # (in reduced pixels: 1/12 for a block, 1/6 for a triangle) is subtracted beforehand.
    variance = (sigma / factor) ** 2 - (0.25 - 1 / (12 * factor**2) if factor > 1 else 0)
    # Outside the image the weight is 0, so the border needs no invented pixels.
    blurred = cv2.GaussianBlur(
        weighted, (0, 0), math.sqrt(variance), borderType=cv2.BORDER_CONSTANT
    )
    background = blurred[..., :3] / np.maximum(blurred[..., 3:], TINY)
    return np.asarray(background, np.float32)


def _reduced_weighted_background(
    image: RGBImage, alpha: AlphaMask, factor: int
) -> NDArray[np.float32]:
    """Return ``(h, w, 4)``: colour times weight, and weight, averaged over blocks of pixels."""

    def fill(block: NDArray[np.float32], source: slice) -> None:
        block[..., 3] = 1 - alpha[source]
        np.multiply(image[source], block[..., 3:], out=block[..., :3])

    return _reduced(fill, alpha.shape, factor, 4)


def _reduced_lamps(image: RGBImage, alpha: AlphaMask, factor: int) -> NDArray[np.float32]:
    """Return ``(h, w, 3)``: the light of lamps where nobody stands, averaged over blocks.

    Averaged in linear light, before anything is blurred: a small lamp stays as bright as it is.
    """

    def fill(block: NDArray[np.float32], source: slice) -> None:
        np.multiply(lamps_of(image[source]), (1 - alpha[source])[..., None], out=block)

    return _reduced(fill, alpha.shape, factor, 3)


def _reduced(
    fill: Callable[[NDArray[np.float32], slice], None],
    shape: tuple[int, ...],
    factor: int,
    channels: int,
) -> NDArray[np.float32]:
    """Average over blocks of ``factor`` squared pixels what ``fill`` writes, a band at a time.

    Blocks that reach beyond the image are filled with 0.
    """
    height, width = shape[:2]
    rows, columns = -(-height // factor), -(-width // factor)
    reduced = np.empty((rows, columns, channels), np.float32)
    for band in row_bands(rows, max(1, BAND_ROWS // factor)):
        source = slice(band.start * factor, min(band.stop * factor, height))
        block = np.zeros(
            ((band.stop - band.start) * factor, columns * factor, channels), np.float32
        )
        fill(block[: source.stop - source.start, :width], source)
        size = (columns, band.stop - band.start)
        reduced[band] = cv2.resize(block, size, interpolation=cv2.INTER_AREA)
    return reduced
