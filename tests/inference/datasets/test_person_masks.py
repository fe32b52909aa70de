"""Photos are split by their names alone, and scenes made of them are right and repeatable."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.datasets.person_masks import (
    MaskedPhoto,
    MaskSet,
    is_validation,
    load_mask_sets,
    load_taught_set,
)
from inference.datasets.stage_scenes import (
    SceneMaker,
    draw_stage,
    empty_crop,
    paste_thing,
    view,
)
from inference.errors import DatasetError


def green_person(name: str) -> MaskedPhoto:
    """Return a photo of a green block before blue."""
    image = np.zeros((120, 90, 3), np.uint8)
    image[..., 2] = 200
    mask = np.zeros((120, 90), np.uint8)
    mask[40:, 30:60] = 255
    image[mask > 0] = (0, 220, 0)
    return MaskedPhoto(name, image, mask)


@pytest.fixture
def scenes() -> SceneMaker:
    photos = [green_person(str(index)) for index in range(4)]
    return SceneMaker([MaskSet("people", training=photos, validation=[])])


def test_the_split_follows_the_name_and_the_share() -> None:
    chosen = [is_validation(str(index), 0.12) for index in range(4000)]
    assert 0.10 < np.mean(chosen) < 0.14
    assert chosen == [is_validation(str(index), 0.12) for index in range(4000)]


def test_sets_stay_apart_and_no_photo_is_on_both_sides(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name / "images").mkdir(parents=True)
        (tmp_path / name / "masks").mkdir()
        for index in range(20):
            photo = green_person(str(index))
            cv2.imwrite(str(tmp_path / name / "images" / f"{index}.png"), photo.image[..., ::-1])
            cv2.imwrite(str(tmp_path / name / "masks" / f"{index}.png"), photo.mask)
    sets = load_mask_sets(tmp_path, longest_side=60)
    assert [each.name for each in sets] == ["first", "second"]
    for each in sets:
        training = {photo.name for photo in each.training}
        validation = {photo.name for photo in each.validation}
        assert not training & validation
        assert len(training | validation) == 20
        assert validation
        assert each.training[0].image.shape == (60, 45, 3)
        assert each.training[0].image[0, 0].tolist() == [0, 0, 200]


def test_a_view_moves_photo_and_mask_together() -> None:
    for seed in range(20):
        picture, mask = view(green_person("a"), 64, np.random.default_rng(seed))
        green = picture[..., 1] > 0.45
        assert np.mean(green == (mask > 0.5)) > 0.97


def test_scenes_are_repeatable_and_their_masks_fit(scenes: SceneMaker) -> None:
    pictures, masks = scenes.batch(64, 24, np.random.default_rng([7, 3]))
    again, _ = scenes.batch(64, 24, np.random.default_rng([7, 3]))
    assert np.array_equal(pictures, again)
    assert pictures.shape == (24, 64, 64, 3)
    assert pictures.dtype == np.uint8
    assert masks.min() >= 0
    assert masks.max() == 1
    assert 0.05 < masks.mean() < 0.8


def test_some_scenes_hold_nobody_and_some_hold_several(scenes: SceneMaker) -> None:
    rng = np.random.default_rng(0)
    people = []
    for _ in range(200):
        _, mask = scenes.scene(64, rng)
        people.append(cv2.connectedComponents((mask > 0.5).astype(np.uint8))[0] - 1)
    assert people.count(0) >= 2
    assert max(people) >= 3


def test_an_empty_crop_shows_no_person() -> None:
    crops = [empty_crop(green_person("a"), np.random.default_rng(seed)) for seed in range(50)]
    found = [crop for crop in crops if crop is not None]
    assert found
    assert all(crop[..., 1].max() == 0 for crop in found)


def test_a_drawn_stage_is_mostly_dark() -> None:
    stages = [draw_stage(64, np.random.default_rng(seed)) for seed in range(30)]
    assert 0.02 < np.mean([stage.mean() for stage in stages]) < 0.4


def test_what_other_networks_think_is_read_softly_and_all_of_it_is_for_training(
    tmp_path: Path,
) -> None:
    for folder in ("images", "soft_masks"):
        (tmp_path / "taught" / folder).mkdir(parents=True)
    photo = green_person("0")
    cv2.imwrite(str(tmp_path / "taught" / "images" / "0.png"), photo.image[..., ::-1])
    cv2.imwrite(str(tmp_path / "taught" / "soft_masks" / "0.png"), photo.mask // 2)

    taught = load_taught_set(tmp_path / "taught", {"taught/0": [(1, 2, 3, 4)]})

    assert not taught.validation
    (read,) = taught.training
    assert read.is_taught
    assert read.heads == ((1, 2, 3, 4),)
    assert set(np.unique(read.mask)) == {0, 127}


def test_a_folder_without_soft_masks_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="soft_masks"):
        load_taught_set(tmp_path, {})


def test_a_thing_that_is_pasted_changes_the_picture_somewhere_and_not_everywhere() -> None:
    for seed in range(10):
        picture = np.zeros((64, 64, 3), np.float32)
        paste_thing(picture, np.ones_like(picture), np.random.default_rng(seed))
        covered = float((picture[..., 0] > 0.3).mean())
        assert 0 <= covered < 0.9
    assert picture.max() > 0
