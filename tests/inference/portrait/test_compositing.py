"""Portrait mode: the person stays, the background blurs, and neither bleeds into the other."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.portrait.compositing import blur_background, portrait_sigma, render_portrait
from inference.types import AlphaMask, RGBImage

GREY = 128


def red_person_before_grey(height: int, width: int) -> tuple[RGBImage, AlphaMask]:
    """Return a picture of a red rectangle before grey, and its exact mask."""
    alpha = np.zeros((height, width), np.float32)
    alpha[height // 4 :, width // 3 : 2 * width // 3] = 1
    image = np.full((height, width, 3), GREY, np.uint8)
    image[alpha == 1] = (255, 0, 0)
    return image, alpha


def exact_background(image: RGBImage, alpha: AlphaMask, sigma: float) -> NDArray[np.float64]:
    """Return the normalised convolution in full size, as the definition says."""
    weights = 1 - alpha.astype(np.float64)
    weighted = np.dstack([image * weights[..., None], weights])
    blurred = cv2.GaussianBlur(weighted, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    background: NDArray[np.float64] = blurred[..., :3] / np.maximum(blurred[..., 3:], 1e-9)
    return background


@pytest.mark.parametrize("sigma", [0.7, 3.0, 9.0, 40.0])
def test_no_halo_of_the_person_falls_on_the_background(sigma: float) -> None:
    image, alpha = red_person_before_grey(301, 403)
    outside = blur_background(image, alpha, sigma)[alpha == 0].astype(int)
    assert np.abs(outside - GREY).max() <= 8


def test_a_plain_blur_would_leave_a_halo() -> None:
    image, alpha = red_person_before_grey(301, 403)
    outside = cv2.GaussianBlur(image, (0, 0), 9.0)[alpha == 0].astype(int)
    assert np.abs(outside - GREY).max() > 40


def test_the_person_stays_as_it_is() -> None:
    image, alpha = red_person_before_grey(200, 300)
    result = blur_background(image, alpha, 12.0)
    assert np.array_equal(result[alpha == 1], image[alpha == 1])
    assert not np.shares_memory(result, image)


@pytest.mark.parametrize("sigma", [1.5, 6.0, 13.0, 33.0])
def test_the_quick_blur_equals_the_exact_one(sigma: float) -> None:
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 256, (30, 40, 3)).astype(np.uint8)
    image = np.asarray(cv2.resize(coarse, (401, 307), interpolation=cv2.INTER_CUBIC), np.uint8)
    alpha = np.zeros((307, 401), np.float32)
    cv2.circle(alpha, (200, 170), 80, 1.0, -1)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 2.0), np.float32)
    exact = exact_background(image, alpha, sigma)
    expected = exact + alpha[..., None] * (image - exact)
    difference = np.abs(blur_background(image, alpha, sigma) - expected)
    assert difference.max() <= 4
    assert difference.mean() <= 0.7


def test_the_background_really_blurs() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[::8] = 255
    result = blur_background(image, np.zeros((200, 200), np.float32), 10.0)
    assert result[50:150].std() < 5
    assert result[50:150].mean() == pytest.approx(255 / 8, abs=3)


def test_an_edge_half_covered_mixes_person_and_background() -> None:
    image = np.full((64, 64, 3), 100, np.uint8)
    image[:, :32] = 200
    alpha = np.zeros((64, 64), np.float32)
    alpha[:, :31] = 1
    alpha[:, 31] = 0.5
    assert np.all(np.abs(blur_background(image, alpha, 4.0)[:, 31].astype(int) - 150) < 40)


def test_a_photo_that_is_all_person_does_not_change() -> None:
    image = np.random.default_rng(2).integers(0, 256, (70, 90, 3)).astype(np.uint8)
    assert np.array_equal(blur_background(image, np.ones((70, 90), np.float32), 20.0), image)


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (500, 3), (257, 129)])
def test_photos_of_every_shape_keep_their_colour(shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 77, np.uint8)
    result = blur_background(image, np.full(shape, 0.3, np.float32), 25.0)
    assert np.all(result == 77)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="mask is"):
        blur_background(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5), np.float32), 1.0)


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan")])
def test_a_sigma_that_is_not_positive_is_refused(sigma: float) -> None:
    with pytest.raises(ValueError, match="sigma"):
        blur_background(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.float32), sigma)


def test_the_same_strength_looks_the_same_on_photos_of_every_size() -> None:
    small, large = portrait_sigma((300, 400, 3), 0.5), portrait_sigma((3000, 4000, 3), 0.5)
    assert large == pytest.approx(10 * small)
    assert portrait_sigma((300, 400), 1.0) == pytest.approx(2 * small)


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_beyond_its_range_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match="strength"):
        portrait_sigma((100, 100), strength)


def test_strength_0_leaves_the_photo_as_it_is_and_more_strength_blurs_more() -> None:
    image = np.random.default_rng(2).integers(0, 256, (300, 400, 3)).astype(np.uint8)
    alpha = np.zeros((300, 400), np.float32)
    assert np.array_equal(render_portrait(image, alpha, 0.0), image)
    contrast = [render_portrait(image, alpha, strength).std() for strength in (0.0, 0.3, 1.0)]
    assert contrast[0] > contrast[1] > contrast[2]
