import numpy as np
import pytest

from inference.alignment import DLIB_150, DLIB_WEIGHTS
from inference.datasets.faces import WIDE_SIZE, WIDE_TEMPLATE, WideCrops
from inference.training.distillation.views import Crop, FacePool, Recipe, jitter, spoil

CROP = Crop(DLIB_150, 150, DLIB_WEIGHTS)


def pool():
    dark = np.full((WIDE_SIZE, WIDE_SIZE, 3), 40, np.uint8)
    bright = np.full((WIDE_SIZE, WIDE_SIZE, 3), 200, np.uint8)
    crops = WideCrops(
        np.stack([dark, bright]), np.stack([WIDE_TEMPLATE] * 2), ("a", "b"), ("set", "set")
    )
    grey = np.full((1, 48, 48), 120, np.uint8)
    return FacePool(crops, grey, (WIDE_TEMPLATE * 48 / WIDE_SIZE)[None].astype(np.float32))


def test_colour_faces_come_first_and_grey_ones_after_them():
    faces = pool()
    assert len(faces) == 3
    assert [int(faces.show(Recipe(i), CROP)[75, 75, 0]) for i in range(3)] == [40, 200, 120]


def test_a_blend_lies_between_its_two_faces():
    blend = pool().show(Recipe(0, 1, share=0.25), CROP)
    assert np.abs(blend.astype(int) - 160).max() <= 1


def test_a_split_takes_the_eyes_of_one_and_the_mouth_of_the_other():
    shown = pool().show(Recipe(0, 1, split=1), CROP)
    assert shown[46, 75, 0] < 45
    assert shown[105, 75, 0] > 195


def test_jitter_moves_the_template_a_little():
    moved = jitter(DLIB_150, 150, np.random.default_rng(0))
    assert 0.1 < np.abs(moved - DLIB_150).max() < 25.0
    assert not np.array_equal(moved, jitter(DLIB_150, 150, np.random.default_rng(1)))


@pytest.mark.parametrize("seed", range(30))
def test_a_spoilt_view_keeps_shape_and_type_and_spares_the_original(seed):
    original = np.random.default_rng(5).integers(0, 256, (150, 150, 3)).astype(np.uint8)
    kept = original.copy()
    spoilt = spoil(original, np.random.default_rng(seed))
    assert spoilt.shape == (150, 150, 3)
    assert spoilt.dtype == np.uint8
    assert np.array_equal(original, kept)


def test_views_differ_and_can_be_made_again():
    original = pool().show(Recipe(1), CROP)
    first, again = (spoil(original, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, again)
    assert len({spoil(original, np.random.default_rng(s)).tobytes() for s in range(20)}) > 10


def test_every_grey_face_needs_landmarks():
    with pytest.raises(ValueError, match="1 grey faces with 0"):
        FacePool(
            WideCrops(np.zeros((0, 9, 9, 3), np.uint8), np.zeros((0, 5, 2), np.float32), (), ()),
            np.zeros((1, 48, 48), np.uint8),
            np.zeros((0, 5, 2), np.float32),
        )
