"""Lamps out of focus become even, bright discs."""

import numpy as np

from inference.portrait.compositing import blur_background
from inference.portrait.lights import SIGMAS, disc, lamps_of

SIGMA = 12.0
CENTRE = 200


def night(lamp: int = 255) -> np.ndarray:
    """Return a dark picture with one small lamp."""
    picture = np.full((400, 400, 3), 20, np.uint8)
    picture[CENTRE - 5 : CENTRE + 5, CENTRE - 5 : CENTRE + 5] = (lamp, lamp * 3 // 4, lamp // 2)
    return picture


def blurred(picture: np.ndarray, *, lights: bool) -> np.ndarray:
    alpha = np.zeros(picture.shape[:2], np.float32)
    return blur_background(picture, alpha, SIGMA, lights=lights).astype(int)


def test_a_lamp_becomes_an_even_bright_disc_and_a_gaussian_smudge_without_the_switch() -> None:
    disc_of_light, smudge = blurred(night(), lights=True), blurred(night(), lights=False)
    radius = int(SIGMAS * SIGMA)
    inside = disc_of_light[CENTRE, CENTRE - radius // 2 : CENTRE + radius // 2, 0]

    assert np.ptp(inside) <= 6, "even from side to side"
    assert inside.min() > smudge[CENTRE, CENTRE, 0] + 40, "brighter than the smudge"
    assert disc_of_light[CENTRE, CENTRE + int(1.3 * radius), 0] <= 30, "and it ends"


def test_a_disc_has_the_colour_of_its_lamp() -> None:
    red, green, blue = blurred(night(), lights=True)[CENTRE, CENTRE]

    assert red > green > blue


def test_what_is_no_lamp_is_blurred_as_ever() -> None:
    picture = night(lamp=150)

    assert np.abs(blurred(picture, lights=True) - blurred(picture, lights=False)).max() <= 1
    assert lamps_of(picture).max() == 0


def test_the_light_on_the_person_makes_no_disc_behind_them() -> None:
    picture = night()
    alpha = np.zeros(picture.shape[:2], np.float32)
    alpha[150:250, 150:250] = 1

    lit = blur_background(picture, alpha, SIGMA, lights=True)

    assert lit[CENTRE, 260:300].max() <= 24
    assert (lit[CENTRE, CENTRE] == picture[CENTRE, CENTRE]).all()


def test_a_disc_adds_no_light_of_its_own() -> None:
    assert abs(float(disc(7.3).sum()) - 1) < 1e-5
