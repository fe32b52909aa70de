import pytest
import torch

from inference.emotion.architectures import ARCHITECTURES, build, parameter_count
from inference.emotion.architectures.base import standardise
from inference.emotion.architectures.convolutional import first_filters
from inference.emotion.architectures.edges import CannyInput, canny
from inference.emotion.architectures.region_attention import (
    RegionAttentionNetwork,
    crop_regions,
    region_biased_loss,
    weighted_mean,
)

PARAMETERS = {
    "cnn2": 315_791,
    "cnn2-canny": 315_791,
    "cnn2-grey-canny": 316_079,
    "cnn3-dropout-0.3": 684_559,
    "cnn3-residual-dropout-0.3": 694_991,
    "cnn4-norm-dropout": 982_511,
    "cnn7-plain": 1_322_607,
    "dense-16-32-dropout-0.0": 37_919,
    "dense-32-64-dropout-0.2": 76_847,
    "dense-64-128-dropout-0.5": 157_775,
    "mini-xception": 50_815,
    "region-attention": 306_817,
    "residual": 2_683_917,
    "resnet9": 1_646_831,
}


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_every_network_answers_with_two_heads_at_full_and_small_size(name: str) -> None:
    network = build(name).eval()

    for side in (48, 40):
        logits = network(torch.rand(2, 1, side, side))
        assert logits.fer.shape == (2, 7)
        assert logits.plus.shape == (2, 8)
        assert logits.fer.isfinite().all()
        assert logits.plus.isfinite().all()


@pytest.mark.parametrize(("name", "count"), PARAMETERS.items())
def test_the_networks_have_the_size_that_the_study_states(name: str, count: int) -> None:
    assert parameter_count(build(name)) == count


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_takes_part_in_the_losses(name: str) -> None:
    network = build(name)
    logits = network(torch.rand(4, 1, 48, 48))
    loss = logits.fer.square().sum() + logits.plus.square().sum()
    (loss if logits.penalty is None else loss + logits.penalty).backward()

    without = [key for key, p in network.named_parameters() if p.grad is None]
    assert without == []


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no architecture 'vgg'; there are .*resnet9"):
        build("vgg")


def test_exposure_and_contrast_do_not_change_what_the_network_sees() -> None:
    images = torch.rand(3, 1, 48, 48)

    darker = images * 0.3 + 0.1

    torch.testing.assert_close(standardise(darker), standardise(images), atol=1e-4, rtol=0)


def test_a_flat_image_stays_flat_instead_of_becoming_noise() -> None:
    assert standardise(torch.full((1, 1, 8, 8), 0.4)).abs().max() < 1e-4


def test_canny_marks_the_border_of_a_square_and_nothing_inside_it() -> None:
    image = torch.zeros(1, 1, 48, 48)
    image[:, :, 12:36, 12:36] = 1

    edges = canny(image)

    assert edges[0, 0, 11:13, 20].max() == 1
    assert edges[0, 0, 18:30, 18:30].max() == 0
    assert set(edges.flatten().tolist()) == {0.0, 1.0}


def test_edges_can_come_beside_the_grey_image() -> None:
    image = torch.rand(2, 1, 48, 48)

    both = CannyInput(keep_grey=True)(image)

    assert both.shape == (2, 2, 48, 48)
    torch.testing.assert_close(both[:, :1], image)
    torch.testing.assert_close(both[:, 1:], CannyInput(keep_grey=False)(image))


def test_the_first_filters_can_be_drawn() -> None:
    assert first_filters(build("cnn2")).shape == (32, 3, 3)
    with pytest.raises(ValueError, match="no convolution"):
        first_filters(build("dense-16-32-dropout-0.0"))


def test_regions_are_five_crops_behind_the_whole_face() -> None:
    image = torch.zeros(1, 1, 48, 48)
    image[:, :, :, 36:] = 1  # only regions that reach the right edge see this

    regions = crop_regions(image)

    assert regions.shape == (1, 6, 1, 32, 32)
    assert regions[0, 0].max() == 1
    assert regions[0, 1].max() == 0, "the upper left crop ends at three quarters"
    assert regions[0, 2].max() == 1


@pytest.mark.parametrize(
    ("whole", "best_crop", "loss"),
    [
        pytest.param(0.5, 0.7, 0.0, id="a crop leads by more than the margin"),
        pytest.param(0.5, 0.6, 0.0, id="a crop leads by the margin"),
        pytest.param(0.5, 0.5, 0.1, id="equal"),
        pytest.param(0.9, 0.5, 0.5, id="the whole face leads"),
    ],
)
def test_the_region_biased_loss_wants_a_crop_ahead_by_the_margin(
    whole: float, best_crop: float, loss: float
) -> None:
    weights = torch.tensor([[whole, 0.1, best_crop, 0.2, 0.1, 0.1]])

    assert region_biased_loss(weights).item() == pytest.approx(loss, abs=1e-6)


def test_regions_without_weight_do_not_count() -> None:
    features = torch.tensor([[[1.0, 2.0], [100.0, 100.0]]])
    weights = torch.tensor([[[0.7], [0.0]]])

    torch.testing.assert_close(weighted_mean(features, weights), torch.tensor([[1.0, 2.0]]))


def test_only_training_adds_the_penalty_of_the_regions() -> None:
    network = build("region-attention")
    assert isinstance(network, RegionAttentionNetwork)
    images = torch.rand(2, 1, 48, 48)

    assert network.train()(images).penalty is not None
    assert network.eval()(images).penalty is None
