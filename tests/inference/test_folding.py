import pytest
import torch
from torch import nn

from inference.emotion.architectures import build
from inference.folding import fold_norms
from inference.segmentation.unet import build_unet


@pytest.mark.parametrize("name", ["residual", "cnn4-norm-dropout", "resnet9", "region-attention"])
def test_folding_changes_no_answer(name: str) -> None:
    torch.manual_seed(1)
    network = build(name)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):  # as after training: not mean 0, deviation 1
            module.register_buffer("running_mean", torch.rand(module.num_features) * 2 - 1)
            module.register_buffer("running_var", torch.rand(module.num_features) + 0.5)
    network.eval()
    images = torch.rand(3, 1, 48, 48)
    with torch.inference_mode():
        expected = network(images)
        fold_norms(network)
        found = network(images)

    torch.testing.assert_close(found.fer, expected.fer, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(found.plus, expected.plus, atol=1e-4, rtol=1e-3)


def test_folding_keeps_the_masks_of_the_unet() -> None:
    torch.manual_seed(1)
    network = build_unet()
    with torch.no_grad():
        for _ in range(3):  # as after training: not mean 0, deviation 1
            network(torch.rand(2, 4, 64, 64))
    network.eval()
    images = torch.rand(2, 4, 64, 64)
    with torch.inference_mode():
        expected = network(images)
        fold_norms(network)

        torch.testing.assert_close(network(images), expected, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("network", [build("residual"), build_unet()], ids=["emotion", "unet"])
def test_folding_leaves_no_norm_in_what_is_shipped(network: nn.Module) -> None:
    network.eval()

    fold_norms(network)

    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def test_folding_twice_does_no_harm() -> None:
    network = build("residual").eval()
    fold_norms(network)
    images = torch.rand(1, 1, 48, 48)
    with torch.inference_mode():
        once = network(images).fer
        fold_norms(network)

        torch.testing.assert_close(network(images).fer, once)


def test_a_network_that_still_learns_is_refused() -> None:
    with pytest.raises(ValueError, match="only a network in evaluation mode"):
        fold_norms(build("residual").train())
