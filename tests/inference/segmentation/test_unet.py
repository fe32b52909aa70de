"""The network fits its limits, and its input fits the network."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from inference.segmentation.unet import (
    STRIDE,
    build_unet,
    resize_to,
    to_batch,
    working_size,
)
from inference.training.segmentation import published_unet


@pytest.mark.parametrize(
    ("height", "width"),
    [
        pytest.param(3000, 4000, id="camera"),
        pytest.param(320, 240, id="phone"),
        pytest.param(1, 1, id="one pixel"),
        pytest.param(100, 9000, id="panorama"),
        pytest.param(9000, 100, id="tall"),
    ],
)
def test_every_shape_gets_about_the_same_number_of_pixels(height: int, width: int) -> None:
    rows, columns = working_size(height, width, side=256)
    assert rows % STRIDE == columns % STRIDE == 0
    assert 0.8 < rows * columns / 256**2 < 1.25


def test_the_shape_of_usual_photos_is_hardly_bent() -> None:
    for height, width in [(3000, 4000), (4000, 3000), (1080, 1920), (1000, 1000), (2000, 3000)]:
        rows, columns = working_size(height, width)
        assert 0.87 < (rows / columns) / (height / width) < 1.15


def test_the_network_answers_with_one_logit_for_each_pixel() -> None:
    network = build_unet().eval()
    with torch.inference_mode():
        assert network(torch.zeros(1, 4, 96, 160)).shape == (1, 1, 96, 160)


def test_the_network_stays_below_12_megabytes_in_half_precision() -> None:
    values = sum(tensor.numel() for tensor in build_unet().state_dict().values())
    assert 2 * values < 12_000_000


def test_a_batch_is_normalised_and_keeps_red_first() -> None:
    image = np.zeros((1, 2, 2, 3), np.uint8)
    image[..., 0] = 255
    batch = to_batch(image)
    assert batch.shape == (1, 4, 2, 2)
    assert batch[0, 0, 0, 0].item() == pytest.approx((1 - 0.45) / 0.25)
    assert batch[0, 2, 0, 0].item() == pytest.approx(-0.45 / 0.25)
    assert batch[0, 3].max().item() == 0, "nobody in particular is meant"


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[::2] = 200
    assert np.all(np.abs(resize_to(stripes, (16, 16)).astype(int) - 100) <= 1)


def varied_unet() -> torch.nn.Module:
    """Return the network that is trained, with norms that are not all the same."""
    torch.manual_seed(3)
    network = published_unet()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)  # type: ignore[arg-type]
    return network.eval()


def test_our_network_computes_what_the_published_one_does() -> None:
    published, ours = varied_unet(), build_unet().eval()
    ours.load_state_dict(published.state_dict())
    pixels = torch.randn(2, 4, 96, 160).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        expected = published(pixels)
        assert expected.std() > 0.01, "a network without an opinion would prove nothing"
        assert torch.allclose(ours(pixels), expected, atol=1e-5)


def test_the_network_loads_no_library_of_other_networks() -> None:
    """They took four seconds and 150 MB of every worker."""
    code = "import sys, inference.segmentation.segmenter; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "torch" in loaded
    assert not loaded & {"torchvision", "timm", "sympy", "torch._dynamo", "scipy", "sklearn"}
