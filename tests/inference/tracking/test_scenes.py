import numpy as np
import pytest

from inference.tracking.scenes import Scene
from inference.types import RGBImage


def scene(seed: int, light: float = 1.0) -> RGBImage:
    """Return a picture of large patches, the same for the same seed."""
    patches = np.random.default_rng(seed).integers(40, 250, size=(6, 8, 3))
    return (np.kron(patches, np.ones((30, 40, 1))) * light).astype(np.uint8)


def moved(image: RGBImage, pixels: int) -> RGBImage:
    return np.roll(image, pixels, axis=1)


@pytest.mark.parametrize(
    ("then", "is_cut"),
    [
        pytest.param(scene(1), False, id="the same picture"),
        pytest.param(moved(scene(1), 8), False, id="the camera moves"),
        pytest.param(scene(1, light=0.3), False, id="the light goes down"),
        pytest.param(scene(2), True, id="another scene"),
    ],
)
def test_a_cut_is_told_from_movement_and_light(then: RGBImage, is_cut: bool) -> None:
    shown = Scene()
    assert not shown.is_cut_by(scene(1)), "before the first frame there was no scene"
    assert shown.is_cut_by(then) is is_cut


def test_a_black_frame_between_two_scenes_hides_no_cut_and_is_none_within_one() -> None:
    shown = Scene()
    black = np.zeros((180, 320, 3), np.uint8)
    pictures = [scene(1), black, scene(1), black, scene(2)]
    assert [shown.is_cut_by(image) for image in pictures] == [False, False, False, False, True]
