"""Aligned crops: landmarks land on the template, and shrinking does not alias."""

import numpy as np
import pytest

from inference.alignment import ARCFACE_112, DLIB_150, DLIB_WEIGHTS, align, warp


def _dots(landmarks: np.ndarray, side: int, sigma: float) -> np.ndarray:
    """Draw a soft white dot on black at each landmark."""
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    squared = np.min([(columns - x) ** 2 + (rows - y) ** 2 for x, y in landmarks], axis=0)
    dots = 255 * np.exp(-squared / (2 * sigma**2))
    return np.repeat(dots[..., None], 3, axis=2).round().astype(np.uint8)


def _centre(crop: np.ndarray, near: np.ndarray, reach: int) -> np.ndarray:
    """Return the bright spot's centre of mass around a place."""
    x, y = np.round(near).astype(int)
    part = crop[y - reach : y + reach + 1, x - reach : x + reach + 1, 0].astype(float)
    rows, columns = np.mgrid[y - reach : y + reach + 1, x - reach : x + reach + 1]
    return np.array([(columns * part).sum(), (rows * part).sum()]) / part.sum()


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.3, 9.0])
@pytest.mark.parametrize("degrees", [0, 25, -120])
def test_landmarks_land_on_the_template(scale: float, degrees: float) -> None:
    angle = np.radians(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = (ARCFACE_112 - 56) @ turn.T + 700
    image = _dots(landmarks, side=1400, sigma=max(1.0, 2 * scale))
    crop = align(image, landmarks, ARCFACE_112, 112)
    for place in ARCFACE_112:
        assert _centre(crop, place, reach=8) == pytest.approx(place, abs=0.1)


def test_shrinking_averages_instead_of_picking_pixels() -> None:
    rows, columns = np.mgrid[0:1200, 0:1200]
    checkerboard = np.repeat(((rows + columns) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)
    crop = align(checkerboard, ARCFACE_112 * 10, ARCFACE_112, 112)
    inner = crop[5:-8, 5:-8].astype(int)
    assert abs(inner - 127).max() <= 2


def test_an_open_mouth_does_not_tilt_a_dlib_crop() -> None:
    opened = DLIB_150.copy()
    opened[3:] += (10, 30)
    image = np.random.default_rng(0).integers(0, 255, (150, 150, 3), dtype=np.uint8)
    crop = align(image, opened, DLIB_150, 150, weights=DLIB_WEIGHTS)
    assert np.array_equal(crop, image)


def test_what_lies_outside_the_photo_is_grey() -> None:
    image = np.full((112, 112, 3), 255, dtype=np.uint8)
    crop = align(image, ARCFACE_112 - (56, 0), ARCFACE_112, 112)
    assert (crop[:, :55] == 127).all()
    assert (crop[:, 57:] == 255).all()


def test_the_border_may_repeat_the_edge_instead() -> None:
    image = np.full((112, 112, 3), 200, dtype=np.uint8)
    crop = align(image, ARCFACE_112 - (56, 0), ARCFACE_112, 112, border="replicate")
    assert (crop == 200).all()


def test_a_face_wholly_outside_the_photo_gives_a_grey_crop() -> None:
    image = np.full((50, 50, 3), 255, dtype=np.uint8)
    matrix = np.array([[0.1, 0, -500], [0, 0.1, -500]])
    assert (warp(image, matrix, 64) == 127).all()
