import json
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data

from inference.alignment import DLIB_150, DLIB_WEIGHTS, align
from inference.errors import WeightsError
from inference.recognition.networks import dlib_resnet
from inference.recognition.networks.dlib_format import DlibLayer, DlibNetwork
from inference.recognition.networks.dlib_resnet import (
    DlibResNet,
    add_padded,
    load_dlib_resnet,
    normalise,
)
from inference.weights import locate, record

GOLDEN = Path(__file__).parents[1] / "golden" / "dlib-resnet-astronaut.json"
LANDMARKS = [
    [205.01, 101.73],
    [246.76, 103.71],
    [224.67, 128.97],
    [201.72, 139.25],
    [245.27, 141.86],
]


@pytest.fixture(scope="module")
def network():
    return load_dlib_resnet(locate(record("dlib-resnet")))


def astronaut_crop():
    return align(data.astronaut(), LANDMARKS, DLIB_150, 150, weights=DLIB_WEIGHTS)


def embed(network, crop):
    pixels = normalise(torch.from_numpy(np.ascontiguousarray(crop)).permute(2, 0, 1)[None])
    with torch.inference_mode():
        return network(pixels)[0].numpy()


@pytest.mark.weights
def test_the_shipped_weights_give_the_stored_embedding(network):
    stored = np.array(json.loads(GOLDEN.read_text()), dtype=np.float32)
    assert np.abs(embed(network, astronaut_crop()) - stored).max() < 2e-4


@pytest.mark.weights
def test_the_mirror_image_is_the_same_person_by_dlibs_own_threshold(network):
    crop = astronaut_crop()
    distance = np.linalg.norm(embed(network, crop) - embed(network, crop[:, ::-1]))
    assert distance < 0.3


@pytest.mark.weights
def test_channels_last_changes_nothing(network):
    pixels = normalise(torch.from_numpy(astronaut_crop()).permute(2, 0, 1)[None])
    with torch.inference_mode():
        plain = network(pixels)
        other = network(pixels.contiguous(memory_format=torch.channels_last))
    assert torch.allclose(plain, other, atol=1e-5)


def test_a_smaller_map_is_filled_with_zeros_at_its_end():
    total = add_padded(torch.ones(1, 2, 3, 3), 10 * torch.ones(1, 1, 4, 4))
    assert total.shape == (1, 2, 4, 4)
    assert total[0, 0, 2, 2] == 11
    assert total[0, 0, 3, 3] == 10
    assert total[0, 1, 3, 0] == 0


@pytest.mark.parametrize(
    ("size", "places"), [pytest.param(150, 2, id="as trained"), pytest.param(112, 1, id="smaller")]
)
def test_the_last_map_of_the_network_has_the_described_size(size, places):
    trunk = DlibResNet()
    x = torch.nn.functional.max_pool2d(trunk.stem(torch.zeros(1, 3, size, size)), 3, 2)
    assert trunk.blocks(x).shape == (1, 256, places, places)


def test_normalise_subtracts_the_mean_colour():
    mean = torch.tensor(dlib_resnet.MEAN).round().to(torch.uint8).view(1, 3, 1, 1)
    assert normalise(mean).abs().max() < 0.5 / 256 + 1e-6


def stored_layers(network):
    layers = []
    for convolution in network.convolutions():
        filters = convolution.out_channels
        parameters = np.full(convolution.weight.numel() + filters, 0.5, np.float32)
        layers.append(DlibLayer("con", {}, parameters))
        layers.append(DlibLayer("affine", {}, np.repeat([2.0, 7.0], filters).astype(np.float32)))
    head = np.arange(network.head.weight.numel(), dtype=np.float32)
    return [*layers, DlibLayer("fc", {}, head)]


def load_from(layers, monkeypatch, tmp_path):
    stored = DlibNetwork((0.0, 0.0, 0.0), (150, 150), tuple(layers))
    monkeypatch.setattr(dlib_resnet, "read_network_file", lambda _path: stored)
    return load_dlib_resnet(tmp_path / "network.dat")


def test_the_affine_layer_is_folded_into_its_convolution(monkeypatch, tmp_path):
    loaded = load_from(stored_layers(DlibResNet()), monkeypatch, tmp_path)
    assert torch.all(loaded.stem.weight == 0.5 * 2)
    assert torch.all(loaded.stem.bias == 0.5 * 2 + 7)


def test_the_last_matrix_is_stored_inputs_first(monkeypatch, tmp_path):
    loaded = load_from(stored_layers(DlibResNet()), monkeypatch, tmp_path)
    assert loaded.head.weight[1, 0] == 1
    assert loaded.head.weight[0, 1] == 128


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda layers: layers[:-1], id="the head is missing"),
        pytest.param(lambda layers: [*layers[:-1], layers[0]], id="another layer as head"),
        pytest.param(lambda layers: [layers[1], layers[0], *layers[2:]], id="layers swapped"),
        pytest.param(
            lambda layers: [DlibLayer("con", {}, layers[0].parameters[:-1]), *layers[1:]],
            id="too few weights",
        ),
    ],
)
def test_another_network_is_refused(spoil, monkeypatch, tmp_path):
    with pytest.raises(WeightsError):
        load_from(spoil(stored_layers(DlibResNet())), monkeypatch, tmp_path)
