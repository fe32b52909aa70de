import numpy as np
import pytest
import torch
from torch import nn

from inference.errors import DatasetError
from inference.recognition.networks.dlib_resnet import DlibResNet
from inference.training.recognition import (
    ClassifierSettings,
    FineTuned,
    People,
    Vgg11,
    classifier_accuracy,
    split_half,
    train_classifier,
)

NAMES = ("red", "blue")


def coloured_people(count=24, seed=0):
    """People whom only their colour tells apart."""
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    crops = draw.integers(0, 90, (count, 150, 150, 3)).astype(np.uint8)
    crops[labels == 0, :, :, 0] += 150
    crops[labels == 1, :, :, 2] += 150
    return People(crops, labels.astype(np.int64), NAMES)


def test_half_of_each_persons_photos_are_kept_for_the_test():
    labels = np.array([0] * 10 + [1] * 5 + [2])
    is_training = split_half(labels, seed=1)
    assert [int(is_training[labels == k].sum()) for k in (0, 1, 2)] == [5, 2, 1]
    assert np.array_equal(is_training, split_half(labels, seed=1))
    assert not np.array_equal(is_training, split_half(labels, seed=2))


def test_only_the_last_block_and_the_head_of_an_embedder_learn():
    network = DlibResNet()
    model = FineTuned(network, 128, 2, dropout=0.2)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    people = coloured_people(8)
    settings = ClassifierSettings(epochs=1, batch=8, rate=1e-3)
    train_classifier(model, people, np.ones(8, np.bool_), settings)
    changed = {
        name for name, value in model.state_dict().items() if not torch.equal(value, before[name])
    }
    assert changed
    assert all(
        name.startswith(("network.blocks.13.", "network.head.", "classify.")) for name in changed
    )


@pytest.mark.slow
def test_the_vgg_learns_to_tell_two_colours_apart():
    people = coloured_people()
    is_training = split_half(people.labels, seed=0)
    model = Vgg11(len(NAMES), dropout=0.2)
    settings = ClassifierSettings(epochs=4, batch=6, rate=1e-3)
    losses = train_classifier(model, people, is_training, settings)
    assert losses[-1] < losses[0]
    assert classifier_accuracy(model, people, ~is_training) > 0.9


def test_the_vgg_has_eleven_layers_with_weights():
    layers = [m for m in Vgg11(2, 0.0).modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == 11


def test_one_person_alone_cannot_be_classified():
    with pytest.raises(DatasetError, match="at least two people"):
        People(np.zeros((1, 150, 150, 3), np.uint8), np.zeros(1, np.int64), ("red",))
