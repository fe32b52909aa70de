import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from inference.datasets.face_or_not import STORED_SIDE, Looks
from inference.detection.networks import OutputNet
from inference.detection.refusing import SIDE, FaceCheckNet
from inference.training import face_check
from inference.training.face_check import (
    Settings,
    cut_by_edge,
    fit,
    split,
    straight,
    take_light,
    train,
    views,
)


def looks(count=160):
    """Faces are bright in the middle, mistakes are not; both are noisy."""
    draw = np.random.default_rng(0)
    images = draw.integers(0, 80, (count, STORED_SIDE, STORED_SIDE, 3)).astype(np.uint8)
    is_face = np.arange(count) % 2 == 0
    images[is_face, 20:52, 20:52] += 150
    return Looks(images, is_face, tuple(f"{number // 2}.jpg" for number in range(count)))


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_both_squares_of_one_photo_are_on_one_side_of_the_split():
    marked = split(looks())
    assert 0 < marked.sum() < len(marked) / 2
    assert (marked[0::2] == marked[1::2]).all()


def test_a_straight_view_shows_the_middle_of_the_square():
    square = np.zeros((1, STORED_SIDE, STORED_SIDE, 3), np.uint8)
    square[:, 8:-8, 8:-8] = 255
    view = straight(square)
    assert view.shape == (1, 3, SIDE, SIDE)
    assert view.min() > 0


def test_views_differ_and_stay_in_range():
    first, second = views(looks(8).images), views(looks(8).images)
    assert first.shape == (8, 3, SIDE, SIDE)
    assert not torch.equal(first, second)
    assert first.abs().max() <= 1


def test_light_is_only_taken():
    full = torch.ones(64, 3, 4, 4)
    lit = take_light(full)
    assert lit.max() <= 1
    assert lit.min() < 0.2


def test_outside_the_photo_is_grey_and_the_middle_stays():
    cut = cut_by_edge(torch.ones(64, 3, SIDE, SIDE))
    assert (cut == 0.5).any()
    assert (cut[:, :, SIDE // 4 : -SIDE // 4, SIDE // 4 : -SIDE // 4] == 1).all()


def test_the_fit_separates_what_a_line_separates_and_folds_its_scaling_in():
    draw = torch.Generator().manual_seed(1)
    features = 5.0 + torch.randn(400, 6, generator=draw) * torch.tensor([1, 9, 1, 1, 30, 0.1])
    truth = (features[:, 0] > 5.0).float()
    passed = fit(features, truth, Settings())(features)[:, 0] > 0
    assert (passed == truth.bool()).float().mean() > 0.95


def test_faces_count_as_much_as_the_many_mistakes():
    draw = torch.Generator().manual_seed(1)
    truth = (torch.arange(1000) < 20).float()
    features = truth[:, None] + torch.randn(1000, 1, generator=draw)
    passed = fit(features, truth, Settings())(features)[:, 0] > 0
    assert passed[:20].float().mean() > 0.5


@pytest.mark.weights
def test_a_training_tells_bright_middles_apart():
    network, figures = train(looks(), Settings(spoilt_faces=1, spoilt_mistakes=20))
    assert network.judge.in_features == OutputNet.FEATURES
    assert figures["straight_faces_kept"] > 0.8
    assert figures["straight_mistakes_refused"] > 0.8


@pytest.mark.weights
def test_a_run_leaves_the_layer_and_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(face_check, "load_looks", lambda _data, _cache: looks())
    monkeypatch.setattr(face_check, "new_run_directory", lambda _task: tmp_path)
    monkeypatch.setattr("sys.argv", ["face_check", "--data", str(tmp_path)])
    face_check.main()
    network = FaceCheckNet(OutputNet())
    network.judge.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    assert json.loads((tmp_path / "metrics.json").read_text())["seed"] == Settings.seed
