"""The refined mask lies on the edges of the photo, whatever the photo's shape."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.segmentation.bands import enlarge_band, row_bands
from inference.segmentation.refinement import GUIDE_SIDE, reduce_to_guide, refine
from inference.types import RGBImage


def bright_disc(size: int) -> tuple[RGBImage, NDArray[np.bool_]]:
    """Return a bright disc before a dark, slightly noisy ground, and where the disc is."""
    rows, columns = np.mgrid[0:size, 0:size] - size / 2
    disc = np.hypot(rows, columns) < size * 0.3
    noise = np.random.default_rng(1).integers(0, 12, (size, size, 3))
    image = np.where(disc[..., None], 170, 40) + noise
    return image.astype(np.uint8), disc


def coarse_version(disc: NDArray[np.bool_], guide: RGBImage) -> NDArray[np.float32]:
    """Return the disc as a network of low resolution would see it, at the size of the guide."""
    small = cv2.resize(disc.astype(np.float32), (256, 256), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 1.0)
    return np.asarray(cv2.resize(small, guide.shape[1::-1]), np.float32)


def test_edges_move_onto_the_edges_of_the_photo() -> None:
    image, disc = bright_disc(1200)
    guide = reduce_to_guide(image)
    coarse = coarse_version(disc, guide)
    before = np.abs(cv2.resize(coarse, (1200, 1200)) - disc).mean()
    after = np.abs(refine(image, guide, coarse) - disc).mean()
    assert after < 0.6 * before


def test_an_edge_of_colour_alone_is_an_edge_too() -> None:
    _, disc = bright_disc(800)
    equally_bright = np.where(disc[..., None], (200, 40, 40), (0, 126, 68)).astype(np.uint8)
    assert np.ptp(cv2.cvtColor(equally_bright, cv2.COLOR_RGB2GRAY)) <= 8
    guide = reduce_to_guide(equally_bright)
    coarse = coarse_version(disc, guide)
    assert (
        np.abs(refine(equally_bright, guide, coarse) - disc).mean()
        < 0.5 * np.abs(coarse - disc).mean()
    )


def test_where_the_mask_is_sure_it_stays_exactly_0_and_1() -> None:
    image, disc = bright_disc(600)
    guide = reduce_to_guide(image)
    alpha = refine(image, guide, coarse_version(disc, guide))
    assert np.all(alpha[280:320, 280:320] == 1)
    assert np.all(alpha[:60, :60] == 0)


@pytest.mark.parametrize("shape", [(1, 1), (7, 3000), (2500, 9), (33, 47)])
def test_photos_of_every_shape_keep_their_size(shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 90, np.uint8)
    guide = reduce_to_guide(image)
    alpha = refine(image, guide, np.full(guide.shape[:2], 0.5, np.float32))
    assert alpha.shape == shape
    assert alpha.dtype == np.float32
    assert np.allclose(alpha, 0.5, atol=1e-3)


def test_a_small_photo_is_its_own_guide_and_a_large_one_is_reduced() -> None:
    small = np.zeros((10, 20, 3), np.uint8)
    assert reduce_to_guide(small) is small
    assert reduce_to_guide(np.zeros((10, 4000, 3), np.uint8)).shape[1] == GUIDE_SIDE


def test_bands_together_are_the_whole_enlarged_array() -> None:
    coarse = np.random.default_rng(3).random((13, 17, 2)).astype(np.float32)
    whole = cv2.resize(coarse, (170, 611), interpolation=cv2.INTER_LINEAR)
    bands = [enlarge_band(coarse, band, (611, 170)) for band in row_bands(611, rows=100)]
    assert len(bands) == 7
    assert np.allclose(np.concatenate(bands), whole, atol=1e-5)
