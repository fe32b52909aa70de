"""Scenes in which only some are meant: prompts on heads, masks of what is visible of them."""

import numpy as np
import pytest

from inference.datasets.person_masks import MaskedPhoto, MaskSet
from inference.datasets.stage_scenes import Cutout
from inference.datasets.subject_scenes import Scene, SubjectSceneMaker, pasted

SIZE = 64


def person(colour: tuple[int, int, int]) -> MaskedPhoto:
    """A photo of one person: a block with a head on top, and where its face is."""
    image = np.full((120, 90, 3), 20, np.uint8)
    mask = np.zeros((120, 90), np.uint8)
    mask[50:110, 30:60] = 255
    mask[25:50, 38:52] = 255
    image[mask > 0] = colour
    return MaskedPhoto("p", image, mask, ((38.0, 26.0, 52.0, 48.0),))


@pytest.fixture
def maker() -> SubjectSceneMaker:
    photos = [person((220, 30, 30)), person((30, 220, 30)), person((40, 40, 230))]
    return SubjectSceneMaker([MaskSet("people", photos, [])], crowds=[])


def test_the_prompt_lies_on_those_who_are_in_the_mask(maker: SubjectSceneMaker) -> None:
    for seed in range(30):
        _, prompt, mask = maker.prompted(SIZE, np.random.default_rng(seed))
        row, column = np.unravel_index(int(prompt.argmax()), prompt.shape)
        near = mask[max(row - 6, 0) : row + 7, max(column - 6, 0) : column + 7]
        assert prompt.max() > 0.5
        assert near.max() > 0.5


def test_who_is_not_meant_is_not_in_the_mask(maker: SubjectSceneMaker) -> None:
    rng = np.random.default_rng(5)
    scene = maker.compose(SIZE, 4, rng, maker.bare_background(SIZE, rng))

    together = np.sum(scene.visible, axis=0)

    assert len(scene.visible) == 4
    assert together.max() <= 1 + 1e-5, "no pixel shows two people"


def test_who_stands_in_front_covers_who_stands_behind() -> None:
    scene = Scene(np.zeros((8, 8, 3), np.float32))
    whole, left = np.ones((8, 8), np.float32), np.zeros((8, 8), np.float32)
    left[:, :4] = 1
    scene.add(np.full((8, 8, 3), 0.2, np.float32), whole.copy(), (4.0, 0.0, 8.0, 4.0))
    scene.add(np.full((8, 8, 3), 0.9, np.float32), left, (0.0, 0.0, 4.0, 4.0))

    np.testing.assert_array_equal(scene.visible[0], whole - left)
    assert scene.picture[0, 0, 0] == pytest.approx(0.9)
    assert scene.promptable() == [0, 1]
    scene.add(np.zeros((8, 8, 3), np.float32), whole, None)
    assert scene.promptable() == [], "nobody can be asked for whose head is covered"


def test_a_bust_ends_at_the_lower_edge() -> None:
    bust = Cutout(np.full((60, 40, 3), 200, np.uint8), np.full((60, 40), 255, np.uint8), None, True)
    for seed in range(10):
        _, alpha, _ = pasted(bust, SIZE, 30.0, np.random.default_rng(seed))
        assert alpha[-1].max() > 0.5


def test_batches_are_repeatable_and_empty_prompts_are_among_them(maker: SubjectSceneMaker) -> None:
    pictures, prompts, masks = maker.batch(SIZE, 24, np.random.default_rng([7, 3]))
    again = maker.batch(SIZE, 24, np.random.default_rng([7, 3]))

    assert np.array_equal(pictures, again[0])
    assert np.array_equal(prompts, again[1])
    assert masks.shape == prompts.shape == (24, SIZE, SIZE)
    is_prompted = prompts.max(axis=(1, 2)) > 0
    assert 0.2 < is_prompted.mean() < 0.9


def test_the_heads_of_others_are_often_told_and_never_reliably(maker: SubjectSceneMaker) -> None:
    prompts = [maker.prompted(SIZE, np.random.default_rng(seed))[1] for seed in range(60)]

    told = [prompt for prompt in prompts if prompt.min() < -0.3]
    assert 5 < len(told) < 50
    for _, prompt, mask in (maker.prompted(SIZE, np.random.default_rng(s)) for s in range(20)):
        if prompt.min() < -0.6:
            row, column = np.unravel_index(int(prompt.argmin()), prompt.shape)
            assert mask[row, column] < 0.5, "whoever is marked down is not in the mask"


def test_people_behind_whom_somebody_covers_are_not_told_of() -> None:
    scene = Scene(np.zeros((8, 8, 3), np.float32), bystanders=[(0, 0, 4, 4), (4, 0, 8, 4)])
    assert len(scene.seen_bystanders()) == 2
    left = np.zeros((8, 8), np.float32)
    left[:, :4] = 1
    scene.add(np.zeros((8, 8, 3), np.float32), left, None)

    assert scene.seen_bystanders() == [(4, 0, 8, 4)]


def test_soft_masks_of_other_networks_are_never_pasted() -> None:
    taught = MaskedPhoto("t", person((9, 9, 9)).image, person((9, 9, 9)).mask, (), is_taught=True)
    maker = SubjectSceneMaker(
        [MaskSet("people", [person((220, 30, 30))], []), MaskSet("taught", [taught], [])], []
    )

    scene = maker.compose(SIZE, 6, np.random.default_rng(1), np.zeros((SIZE, SIZE, 3), np.float32))

    assert len(scene.visible) == 6
    reddest = scene.picture.max(axis=(0, 1))
    assert reddest[0] > 2 * reddest[1]
