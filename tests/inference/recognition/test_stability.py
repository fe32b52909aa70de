import numpy as np
import pytest
import torch
from skimage import data
from torch import nn

from inference.alignment import DLIB_150, DLIB_WEIGHTS, align
from inference.recognition.choice import load_raw_dlib
from inference.recognition.embedder import EmbedderOptions, NetworkEmbedder
from inference.recognition.stability import embedding_stability

LANDMARKS = [
    [205.01, 101.73],
    [246.76, 103.71],
    [224.67, 128.97],
    [201.72, 139.25],
    [245.27, 141.86],
]


class Flat(nn.Module):
    """A network whose features are all alike, or all different."""

    def __init__(self, weights):
        super().__init__()
        self.weights = weights

    def features(self, x):
        return torch.ones(len(x), self.weights.shape[1])

    def head(self, x):
        return x @ self.weights.T


def stability(weights):
    network = Flat(torch.as_tensor(weights, dtype=torch.float32))
    options = EmbedderOptions("flat", 2, 0.5, DLIB_150, 150, lambda crops: crops.float())
    embedder = NetworkEmbedder(network, options)
    return embedding_stability(network, embedder, np.zeros((2, 150, 150, 3), np.uint8))


def test_features_that_all_say_the_same_give_a_stable_embedding():
    assert stability(np.ones((3, 64))) == pytest.approx([1.0, 1.0])


def test_features_that_contradict_each_other_do_not():
    weights = np.random.default_rng(0).normal(size=(32, 64))
    assert stability(weights).max() < 0.8


@pytest.mark.weights
def test_a_real_network_gives_equal_faces_equal_answers():
    embedder = load_raw_dlib()
    crop = align(data.astronaut(), LANDMARKS, DLIB_150, 150, weights=DLIB_WEIGHTS)
    values = embedding_stability(embedder.network, embedder, np.stack([crop, crop]))
    assert values[0] == pytest.approx(values[1], abs=1e-4)
    assert 0.1 < values[0] < 0.9
