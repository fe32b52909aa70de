"""The optional download ``stars``; tests that need its file skip where it is absent."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data

from inference.errors import WeightsError
from inference.recognition import load_embedder
from inference.recognition.choice import RAW_LOADERS
from inference.recognition.embedder import NetworkEmbedder
from inference.recognition.networks.mobilefacenet_foamliu import (
    MobileFaceNet,
    load_foamliu,
    normalise,
)
from inference.types import Face

GOLDEN = Path(__file__).parents[1] / "golden" / "stars-astronaut.json"
LANDMARKS = np.array(
    [[205, 101.7], [246.8, 103.7], [224.7, 129], [201.7, 139.2], [245.3, 141.9]], dtype=np.float32
)
ASTRONAUT = Face((173.0, 64.0, 272.0, 184.0), 1.0, LANDMARKS)


@pytest.fixture(scope="module")
def stars(shared_data):
    return load_embedder(shared_data / "models", "stars")


@pytest.mark.weights
def test_stars_gives_the_stored_raw_embedding(stars):
    stored = np.array(json.loads(GOLDEN.read_text()), dtype=np.float32)
    found = stars.embed_raw(data.astronaut(), [ASTRONAUT])[0]
    assert found.shape == (256,)
    assert np.abs(found - stored).max() < 5e-4


@pytest.mark.weights
def test_its_network_knows_a_mirrored_face(shared_data):
    loaded = RAW_LOADERS["mobilefacenet-foamliu"](shared_data / "models")
    embedder = NetworkEmbedder(loaded.network, replace(loaded.options, mirrors=False))
    crop = embedder.crop(data.astronaut(), ASTRONAUT)
    rows = embedder.embed_crops(np.stack([crop, crop[:, ::-1], crop[::-1]]))
    assert rows[0] @ rows[1] > 0.8
    assert rows[0] @ rows[2] < 0.6, "a face upside down is not that person"


@pytest.mark.weights
def test_half_precision_moves_stars_little(shared_data):
    embedder = load_embedder(shared_data / "models", "stars")
    exact = embedder.embed_raw(data.astronaut(), [ASTRONAUT])[0]
    embedder.compute_in(torch.bfloat16)
    half = embedder.embed_raw(data.astronaut(), [ASTRONAUT])[0]
    assert exact @ half > 0.999


def test_without_its_file_stars_says_how_to_get_it(tmp_path):
    with pytest.raises(WeightsError, match="download_weights stars"):
        load_embedder(tmp_path, "stars")


def test_folding_normalisations_into_convolutions_changes_no_output():
    torch.manual_seed(0)
    network = MobileFaceNet()
    crops = normalise(torch.randint(0, 256, (4, 3, 112, 112), dtype=torch.uint8))
    network.train()(crops)  # normalisations that change something
    folded = load_foamliu(network.state_dict())
    with torch.inference_mode():
        assert torch.allclose(folded(crops), network.eval()(crops), atol=1e-4)
    assert not [one for one in folded.modules() if isinstance(one, torch.nn.BatchNorm2d)]


def test_tensors_of_another_network_are_refused():
    with pytest.raises(RuntimeError, match="Missing key"):
        load_foamliu({"other": torch.zeros(1)})
