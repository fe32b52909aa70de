import pytest
import torch

from inference.training.augmentation import (
    FaceAugmentation,
    add_noise,
    blur,
    erase,
    light_in_colour,
    relight,
    sharpen,
    shrink,
)

STILL = FaceAugmentation(
    rotation_degrees=0,
    zoom=(1, 1),
    shift=0,
    stretch=0,
    mirrored=0,
    relit=0,
    shrunk=0,
    blurred=0,
    noisy=0,
    erased=0,
)


@pytest.fixture
def faces() -> torch.Tensor:
    torch.manual_seed(11)
    return torch.rand(16, 1, 48, 48)


def test_nothing_changes_when_nothing_is_asked_for(faces: torch.Tensor) -> None:
    torch.testing.assert_close(STILL(faces, 48), faces, atol=1e-4, rtol=0)


def test_the_full_augmentation_keeps_the_range_and_takes_any_size(faces: torch.Tensor) -> None:
    changed = FaceAugmentation()(faces, 40)

    assert changed.shape == (16, 1, 40, 40)
    assert changed.min() >= -1e-6
    assert changed.max() <= 1 + 1e-6
    assert changed.isfinite().all()


def test_the_same_seed_gives_the_same_batch(faces: torch.Tensor) -> None:
    torch.manual_seed(5)
    first = FaceAugmentation()(faces, 48)
    torch.manual_seed(5)

    torch.testing.assert_close(FaceAugmentation()(faces, 48), first)


def test_each_face_of_a_batch_is_moved_differently() -> None:
    torch.manual_seed(1)
    same = torch.rand(1, 1, 48, 48).expand(8, -1, -1, -1)

    moved = FaceAugmentation().move(same, 48)

    for other in moved[1:]:
        assert (other - moved[0]).abs().mean() > 0.05


def test_mirroring_all_mirrors_left_and_right(faces: torch.Tensor) -> None:
    mirrored = FaceAugmentation(
        rotation_degrees=0, zoom=(1, 1), shift=0, stretch=0, mirrored=1.0
    ).move(faces, 48)

    torch.testing.assert_close(mirrored, faces.flip(3), atol=1e-4, rtol=0)


def test_low_light_darkens_more_often_than_it_brightens() -> None:
    torch.manual_seed(2)
    grey = torch.full((400, 1, 8, 8), 0.5)

    assert relight(grey).mean() < 0.47


def test_light_falls_unevenly_over_a_face() -> None:
    torch.manual_seed(2)
    lit = relight(torch.full((50, 1, 48, 48), 0.5))

    spread = lit.amax((1, 2, 3)) - lit.amin((1, 2, 3))
    assert spread.median() > 0.1


def test_shrinking_loses_fine_detail_and_keeps_the_mean(faces: torch.Tensor) -> None:
    shrunk = shrink(faces, 18)

    assert shrunk.shape == faces.shape
    assert shrunk.std() < 0.7 * faces.std()
    assert shrunk.mean().item() == pytest.approx(faces.mean().item(), abs=0.01)


def test_blur_smooths_without_moving_or_darkening() -> None:
    torch.manual_seed(4)
    image = torch.zeros(1, 1, 31, 31)
    image[0, 0, 15, 15] = 1

    blurred = blur(image)

    assert blurred.sum().item() == pytest.approx(1, abs=1e-4)
    assert blurred[0, 0].argmax() == 15 * 31 + 15
    torch.testing.assert_close(blurred, blurred.flip(3))


def test_blur_keeps_a_flat_face_flat_up_to_its_edge() -> None:
    torch.testing.assert_close(
        blur(torch.full((2, 1, 16, 16), 0.6)), torch.full((2, 1, 16, 16), 0.6)
    )


def test_noise_stays_within_the_range() -> None:
    noisy = add_noise(torch.cat([torch.zeros(4, 1, 8, 8), torch.ones(4, 1, 8, 8)]))

    assert noisy.min() == 0
    assert noisy.max() == 1
    assert noisy[:4].max() > 0


def test_erasing_covers_one_rectangle_with_one_value() -> None:
    torch.manual_seed(9)
    faces = torch.rand(32, 1, 48, 48)

    erased = erase(faces)

    for before, after in zip(faces[:, 0], erased[:, 0], strict=True):
        changed = before != after
        rows, columns = changed.any(1), changed.any(0)
        assert 0.02 <= changed.float().mean() <= 0.27
        assert bool(changed[rows][:, columns].all()), "the covered part is a full rectangle"
        assert after[changed].unique().numel() == 1


def test_a_calmer_augmentation_moves_as_much_and_spoils_less() -> None:
    usual = FaceAugmentation()

    calm = usual.calmer(0.5)

    assert (calm.zoom, calm.shift, calm.mirrored) == (usual.zoom, usual.shift, usual.mirrored)
    spoilt = ("relit", "shrunk", "blurred", "noisy", "erased")
    assert all(getattr(calm, name) == getattr(usual, name) / 2 for name in spoilt)


def test_a_lamp_of_one_colour_leaves_another_grey_than_one_of_another() -> None:
    torch.manual_seed(4)
    same = torch.linspace(0.1, 0.9, 48).expand(64, 1, 48, 48)

    lit = light_in_colour(same)

    assert lit.min() >= 0
    assert lit.max() <= 1
    columns = lit.mean(2).squeeze(1)
    shapes = (columns - columns.mean(1, keepdim=True)) / columns.std(1, keepdim=True)
    assert (shapes.std(0) > 0.02).any(), "no brightness curve is common to all of them"


def test_sharpening_strengthens_an_edge_and_leaves_flat_skin() -> None:
    torch.manual_seed(1)
    image = torch.full((1, 1, 8, 8), 0.4)
    image[..., 4:] = 0.6

    sharp = sharpen(image)

    assert sharp[0, 0, 4, 4] > 0.6
    assert sharp[0, 0, 4, 3] < 0.4
    assert sharp[0, 0, 4, 0] == pytest.approx(0.4)
