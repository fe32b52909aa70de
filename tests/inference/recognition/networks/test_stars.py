"""The optional download ``stars``; tests that need its files skip where they are absent."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data

from inference.errors import WeightsError
from inference.recognition import load_embedder
from inference.recognition.choice import RAW_LOADERS
from inference.recognition.networks.mobilefacenet_foamliu import (
    MobileFaceNet,
    load_foamliu,
)
from inference.recognition.networks.mobilefacenet_foamliu import (
    normalise as normalise_for_foamliu,
)
from inference.recognition.networks.mobilefacenet_sirius import (
    SiriusMobileFaceNet,
    load_sirius,
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
    assert found.shape == (320,)
    assert np.abs(found - stored).max() < 5e-4


@pytest.mark.weights
@pytest.mark.parametrize("name", ["mobilefacenet-foamliu", "mobilefacenet-sirius"])
def test_each_network_knows_a_mirrored_face(shared_data, name):
    from dataclasses import replace

    from inference.recognition.embedder import NetworkEmbedder

    loaded = RAW_LOADERS[name](shared_data / "models")
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


def test_folding_normalisations_into_convolutions_changes_no_output():
    torch.manual_seed(0)
    network = MobileFaceNet()
    pixels = torch.randint(0, 256, (4, 3, 112, 112), dtype=torch.uint8)
    crops = normalise_for_foamliu(pixels)
    network.train()(crops)  # leaves normalisations that change something
    folded = load_foamliu(network.state_dict())
    with torch.inference_mode():
        assert torch.allclose(folded(crops), network.eval()(crops), atol=1e-4)
    assert not [one for one in folded.modules() if isinstance(one, torch.nn.BatchNorm2d)]


def test_tensors_of_another_network_are_refused():
    with pytest.raises(RuntimeError, match="Missing key"):
        load_foamliu({"other": torch.zeros(1)})


def test_without_its_files_stars_says_how_to_get_them(tmp_path):
    with pytest.raises(WeightsError, match="download_weights stars"):
        load_embedder(tmp_path, "stars")


def written(folder, change=lambda tensors: None):
    """Write a network the way the download holds one; returns its files and the network."""
    torch.manual_seed(0)
    network = SiriusMobileFaceNet()
    tensors = {}
    for name, convolution, slopes in network.named_convolutions():
        order = (2, 3, 0, 1) if convolution.groups > 1 else (2, 3, 1, 0)
        tensors[f"{name}_weights"] = convolution.weight.detach().permute(order).numpy()
        tensors[f"{name}_bn_offset"] = convolution.bias.detach().numpy()
        if slopes is not None:
            tensors[f"{name.rpartition('/')[0]}/mul"] = slopes.weight.detach().numpy() / -2
    change(tensors)
    prefix = "MobileFaceNet/MobileFaceNet/"
    entries = [
        {"name": prefix + name, "shape": list(tensor.shape), "dtype": "float32"}
        for name, tensor in tensors.items()
    ]
    flat, manifest = folder / "net.bin", folder / "net.json"
    np.concatenate([tensor.ravel() for tensor in tensors.values()]).tofile(flat)
    manifest.write_text(json.dumps({"weightsManifest": [{"weights": entries}]}))
    return flat, manifest, network.eval()


def test_the_flat_file_is_read_into_the_places_its_manifest_names(tmp_path):
    flat, manifest, network = written(tmp_path)
    crops = torch.randint(0, 256, (2, 3, 112, 112), dtype=torch.uint8)
    with torch.inference_mode():
        found, wanted = (one(normalise(crops)) for one in (load_sirius(flat, manifest), network))
    assert found.shape == (2, 192)
    assert torch.allclose(found, wanted, atol=1e-5)


def test_a_flat_file_of_another_length_is_refused(tmp_path):
    flat, manifest, _network = written(tmp_path)
    flat.write_bytes(flat.read_bytes()[:-4])
    with pytest.raises(WeightsError, match=r"net\.bin holds \d+ values, not"):
        load_sirius(flat, manifest)


def test_a_manifest_of_another_network_is_refused(tmp_path):
    flat, manifest, _network = written(tmp_path, lambda tensors: tensors.popitem())
    with pytest.raises(WeightsError, match="another network"):
        load_sirius(flat, manifest)
