"""Training learns, continues where it stopped, and says clearly what is wrong with its data."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from inference.datasets.person_masks import load_mask_sets
from inference.errors import WeightsError
from inference.segmentation.unet import build_unet
from inference.training import segmentation
from inference.training.runs import save_weights
from inference.training.segmentation import Settings, learning_rate, mask_loss, picture_size

SMALL = ["--side", "64", "--batch-size", "8", "--validate-every", "100", "--warmup-steps", "5"]


def write_photo(folder: Path, name: str, rng: np.random.Generator) -> None:
    """Write a noisy picture with one bright figure, a head over a body, and its mask."""
    image = rng.integers(0, 90, (96, 72, 3)).astype(np.uint8)
    mask = np.zeros((96, 72), np.uint8)
    x, y = int(rng.integers(22, 50)), int(rng.integers(25, 45))
    cv2.circle(mask, (x, y), 9, 255, -1)
    cv2.ellipse(mask, (x, y + 36), (17, 28), 0, 0, 360, 255, -1)
    image[mask > 0] = rng.integers(150, 255, (int((mask > 0).sum()), 3))
    cv2.imwrite(str(folder / "images" / f"{name}.jpg"), image)
    cv2.imwrite(str(folder / "masks" / f"{name}.png"), mask)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("masks")
    rng = np.random.default_rng(11)
    for name, count in [("portraits", 150), ("groups", 50)]:
        (root / name / "images").mkdir(parents=True)
        (root / name / "masks").mkdir()
        for index in range(count):
            write_photo(root / name, f"{index:03}", rng)
    return root


def test_a_short_training_learns_to_find_figures(figures: Path, tmp_path: Path) -> None:
    options = ["--data", str(figures), "--runs", str(tmp_path / "runs"), "--steps", "40"]
    assert segmentation.main([*options, "--steps-per-epoch", "40", *SMALL]) == 0
    (run,) = (tmp_path / "runs").iterdir()
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics[-1]["portraits"] > 0.55
    assert metrics[-1]["step"] == 40
    config = json.loads((run / "config.json").read_text())
    assert config["seed"] == 7
    assert len(config["commit"]) in {7, 40}
    weights = load_file(run / "weights.safetensors")
    assert weights.keys() == build_unet().state_dict().keys()
    assert all(
        not value.is_floating_point() or value.dtype == torch.half for value in weights.values()
    )


def test_an_interrupted_training_ends_with_the_same_weights(figures: Path, tmp_path: Path) -> None:
    options = ["--data", str(figures), "--steps-per-epoch", "3", *SMALL]
    assert segmentation.main([*options, "--runs", str(tmp_path / "a"), "--steps", "6"]) == 0
    (whole,) = (tmp_path / "a").iterdir()
    parted = tmp_path / "parted"
    parted.mkdir()
    (parted / "config.json").write_text((whole / "config.json").read_text())
    settings = segmentation.read_settings(parted)
    first = segmentation.Training(settings, load_mask_sets(figures), parted)
    for _ in range(3):
        first._one_step()
    first.save()
    assert segmentation.main([*options, "--resume", str(parted)]) == 0
    one, other = (load_file(run / "weights.safetensors") for run in (whole, parted))
    assert max(float((one[k].float() - other[k].float()).abs().max()) for k in one) < 1e-2


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        pytest.param("missing", "no such folder", id="wrong path"),
        pytest.param("empty", "no photos found", id="empty folder"),
        pytest.param("corrupt", "not a readable picture", id="corrupt photo"),
        pytest.param("unmasked", "its mask 000.png is missing", id="photo without mask"),
        pytest.param("sizes", "they must have one size", id="mask of another size"),
    ],
)
def test_bad_data_ends_with_one_clear_sentence(
    spoil: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "photos"
    photo, mask = root / "one" / "images" / "000.jpg", root / "one" / "masks" / "000.png"
    if spoil != "missing":
        photo.parent.mkdir(parents=True)
        mask.parent.mkdir()
    if spoil in {"corrupt", "unmasked", "sizes"}:
        write_photo(root / "one", "000", np.random.default_rng(0))
    if spoil == "corrupt":
        photo.write_bytes(photo.read_bytes()[:200])
    if spoil == "unmasked":
        mask.unlink()
    if spoil == "sizes":
        cv2.imwrite(str(mask), np.zeros((5, 5), np.uint8))
    assert segmentation.main(["--data", str(root), "--runs", str(tmp_path / "runs")]) == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_a_training_can_start_from_earlier_weights(figures: Path, tmp_path: Path) -> None:
    network = build_unet()
    save_weights(tmp_path / "earlier.safetensors", network.state_dict())
    training = segmentation.Training(Settings(seed=99), load_mask_sets(figures), tmp_path)
    training.start_from(tmp_path / "earlier.safetensors")
    images = torch.rand(1, 4, 64, 64)
    with torch.inference_mode():
        expected = network.eval()(images)
        assert torch.allclose(training.average(images), expected, atol=0.02)
    with pytest.raises(WeightsError, match="no usable weights"):
        training.start_from(tmp_path / "none.safetensors")


def test_resuming_without_a_run_says_so(
    figures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert segmentation.main(["--data", str(figures), "--resume", str(tmp_path / "none")]) == 1
    assert "no readable config.json" in capsys.readouterr().err


def test_the_rate_warms_up_and_ends_at_a_hundredth() -> None:
    settings = Settings(learning_rate=1.0, warmup_steps=10)
    assert learning_rate(settings, 0.0, 0) == pytest.approx(0.1)
    assert learning_rate(settings, 0.0, 9) == pytest.approx(1.0)
    assert learning_rate(settings, 1.0, 999) == pytest.approx(0.01)


def test_pictures_grow_with_the_budget_spent() -> None:
    assert [picture_size(256, progress) for progress in (0, 0.6, 0.9, 1.0)] == [160, 192, 224, 224]


def test_the_loss_is_small_only_for_the_right_mask() -> None:
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 20:50, 20:40] = 1
    right, wrong = (mask * 2 - 1) * 12, (1 - mask * 2) * 12
    assert mask_loss(right, mask, 2.0) < 0.01
    assert mask_loss(wrong, mask, 2.0) > 5
    nothing = torch.full((1, 1, 64, 64), -12.0)
    assert mask_loss(nothing, torch.zeros_like(mask), 2.0) < 0.01


def test_a_mistake_at_the_edge_costs_more_than_one_far_away() -> None:
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 20:50, 20:40] = 1
    logits = (mask * 2 - 1) * 4
    at_edge, far_away = logits.clone(), logits.clone()
    at_edge[..., 30:33, 17:20] = 4
    far_away[..., 2:5, 55:58] = 4
    assert mask_loss(at_edge, mask, 2.0) > 1.1 * mask_loss(far_away, mask, 2.0)
