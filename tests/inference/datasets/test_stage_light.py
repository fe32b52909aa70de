import numpy as np
import pytest

from inference.datasets.stage_light import (
    LIGHTS,
    OTHER_LIGHTS,
    light_gains,
    light_generator,
    under_light,
)

GREY = np.full((64, 64, 3), 200, np.uint8)


def lit(light, name="photo.jpg", image=GREY):
    return under_light(image, light, light_generator(name, light))


@pytest.mark.parametrize(
    ("light", "kept"),
    [
        pytest.param("magenta", (0, 2), id="magenta"),
        pytest.param("blue", (2,), id="blue"),
        pytest.param("red", (0,), id="red"),
        pytest.param("green", (1,), id="green"),
    ],
)
def test_a_gel_keeps_its_colour_and_takes_most_of_the_others(light, kept):
    for seed in range(20):
        gains = light_gains(light, np.random.default_rng(seed))
        for channel in range(3):
            if channel in kept:
                assert gains[channel] == 1.0
            else:
                assert 0.1 <= gains[channel] <= 0.4


def test_a_hall_is_dark_in_all_colours():
    assert lit("hall").mean(axis=(0, 1)) == pytest.approx([36, 36, 36], abs=2)


def test_the_sensor_adds_noise():
    assert 4 < lit("hall").std() < 10


def test_a_photo_under_a_light_is_the_same_every_time_and_another_is_not():
    assert np.array_equal(lit("red"), lit("red"))
    assert not np.array_equal(lit("red"), lit("red", "another.jpg"))


def test_the_photo_itself_stays_as_it_is():
    image = GREY.copy()
    for light in LIGHTS:
        assert lit(light, image=image).shape == image.shape
    assert np.array_equal(image, GREY)


def test_an_unknown_light_is_named():
    with pytest.raises(ValueError, match="no light is called 'ultraviolet'"):
        lit("ultraviolet")


@pytest.mark.parametrize("light", OTHER_LIGHTS)
def test_other_lights_are_any_colour_or_an_even_darkness(light):
    drawn = [light_gains(light, np.random.default_rng(seed)) for seed in range(40)]
    dark = [gains for gains in drawn if np.ptp(gains) == 0]
    coloured = [gains for gains in drawn if np.ptp(gains) > 0]
    assert len(dark) > 3
    assert len(coloured) > 20
    assert all(0.1 < gains[0] <= 0.5 for gains in dark)
    assert all(gains.max() == 1.0 and gains.min() >= 0.08 for gains in coloured)
    assert np.std(coloured, axis=0).min() > 0.1


def test_photos_are_not_all_seen_in_the_same_other_light():
    assert (
        np.abs(lit("other-1", "a.jpg").mean((0, 1)) - lit("other-1", "b.jpg").mean((0, 1))).max()
        > 5
    )
