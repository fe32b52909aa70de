"""MTCNN's networks, against those of facenet-pytorch with the same weights."""

from collections.abc import Callable

import pytest
import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
from torch import nn

from inference.detection.networks import (
    load_output_net,
    load_proposal_net,
    load_refinement_net,
)


@pytest.mark.parametrize(
    ("load", "reference", "shape"),
    [
        pytest.param(load_proposal_net, PNet, (1, 3, 97, 64), id="proposal"),
        pytest.param(load_refinement_net, RNet, (5, 3, 24, 24), id="refinement"),
        pytest.param(load_output_net, ONet, (5, 3, 48, 48), id="output"),
    ],
)
def test_a_network_says_what_the_reference_says(
    load: Callable[[], nn.Module], reference: Callable[[], nn.Module], shape: tuple[int, ...]
) -> None:
    pixels = torch.rand(shape, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.inference_mode():
        ours, theirs = load()(pixels), reference().eval()(pixels)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert one.shape == other.shape
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
