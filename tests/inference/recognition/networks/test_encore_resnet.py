import json
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data

from inference.alignment import DLIB_150, DLIB_WEIGHTS, align
from inference.recognition.choice import load_raw_encore
from inference.recognition.networks.dlib_resnet import DlibResNet
from inference.recognition.networks.encore_resnet import EncoreResNet
from inference.weights import locate, record

GOLDEN = Path(__file__).parents[1] / "golden" / "encore-resnet-astronaut.json"
LANDMARKS = [
    [205.01, 101.73],
    [246.76, 103.71],
    [224.67, 128.97],
    [201.72, 139.25],
    [245.27, 141.86],
]


@pytest.mark.weights
def test_the_shipped_weights_give_the_stored_embedding():
    crop = align(data.astronaut(), LANDMARKS, DLIB_150, 150, weights=DLIB_WEIGHTS)
    stored = np.array(json.loads(GOLDEN.read_text()), dtype=np.float32)
    assert np.abs(load_raw_encore().embed_crops(crop[None])[0] - stored).max() < 2e-4


@pytest.mark.weights
def test_the_shipped_file_keeps_within_twelve_megabytes():
    assert locate(record("encore-resnet")).stat().st_size <= 12_000_000


def test_the_layers_of_embedder_a_are_taken_over():
    trunk = DlibResNet()
    network = EncoreResNet(trunk)
    assert network.stem is trunk.stem
    assert network.blocks is trunk.blocks


def test_the_head_sees_where_on_the_face_a_feature_is():
    torch.manual_seed(0)
    network = EncoreResNet().eval()
    face = torch.zeros(1, 3, 150, 150)
    face[:, :, :40, :40] = 1.0
    with torch.inference_mode():
        here, there = network(face), network(face.roll((100, 100), (2, 3)))
    assert here.shape == (1, 128)
    assert not torch.allclose(here, there, atol=1e-4)
