import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from inference.datasets.fer2013plus import find_folder, load_split
from inference.emotion.architectures import build, pair_state
from inference.emotion.calibration import Calibration
from inference.errors import WeightsError
from inference.training import runs
from inference.training.emotion import training as emotion
from inference.training.emotion.data import TrainingData, rarity
from inference.training.emotion.recipe import Progress, Recipe, learning_rate
from inference.training.emotion.training import Trainer, train
from tests.inference.training.generated_faces import write_generated_data

SMALL = Recipe(architecture="cnn2", epochs=6, batch_size=20, learning_rate=0.02, precision="fp32")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_generated_data(tmp_path / "data")


def test_200_images_are_learnt_and_the_run_is_documented(data: Path, tmp_path: Path) -> None:
    directory = train(SMALL, data, tmp_path / "run", resume=False)

    metrics = json.loads((directory / "metrics.json").read_text())
    assert metrics["epochs"] == 6
    assert metrics["private_test"]["fer"] > 0.5, "chance is 0.14"
    assert metrics["private_test"]["plus"] > 0.5
    assert metrics["history"][-1]["loss"] < metrics["history"][0]["loss"]
    config = json.loads((directory / "config.json").read_text())
    assert config["seed"] == 7
    assert config["parameters"] == 315_791
    assert "commit" in config
    assert load_file(directory / runs.WEIGHTS)["fer.weight"].dtype == torch.float16


@pytest.mark.parametrize("name", ["mini-xception", "region-attention", "cnn2-canny"])
def test_other_architectures_go_through_the_same_recipe(
    data: Path, tmp_path: Path, name: str
) -> None:
    recipe = replace(SMALL, architecture=name, epochs=1, precision="bf16")

    directory = train(recipe, data, tmp_path / "run", resume=False)

    assert json.loads((directory / "metrics.json").read_text())["epochs"] == 1


def test_an_interrupted_run_goes_on_where_it_stopped(data: Path, tmp_path: Path) -> None:
    whole = train(replace(SMALL, epochs=2), data, tmp_path / "whole", resume=False)

    class Interrupted(Exception):  # noqa: N818
        pass

    def stop(*_: object) -> float:
        raise Interrupted

    broken = tmp_path / "broken"
    with pytest.MonkeyPatch.context() as patch:
        original, calls = Trainer.train_epoch, []

        def first_epoch_only(trainer: Trainer) -> float:
            calls.append(1)
            return original(trainer) if len(calls) == 1 else stop()

        patch.setattr(Trainer, "train_epoch", first_epoch_only)
        with pytest.raises(Interrupted):
            train(replace(SMALL, epochs=2), data, broken, resume=False)
    train(replace(SMALL, epochs=2), data, broken, resume=True)

    expected, found = load_file(whole / runs.WEIGHTS), load_file(broken / runs.WEIGHTS)
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, msg=name)


def test_a_checkpoint_of_another_architecture_is_refused(data: Path, tmp_path: Path) -> None:
    run = train(replace(SMALL, epochs=1), data, tmp_path / "run", resume=False)

    with pytest.raises(WeightsError, match="this is a run of cnn2, not of resnet9"):
        train(replace(SMALL, architecture="resnet9"), data, run, resume=True)


def test_a_further_schedule_begins_with_the_weights_of_the_last_one(
    data: Path, tmp_path: Path
) -> None:
    first = train(SMALL, data, tmp_path / "first", resume=False) / runs.WEIGHTS
    gentle = replace(SMALL, epochs=1, learning_rate=1e-5)

    second = train(gentle, data, tmp_path / "second", resume=False, start=first)

    before = json.loads((first.parent / "metrics.json").read_text())["private_test"]
    after = json.loads((second / "metrics.json").read_text())["private_test"]
    assert after["fer"] == pytest.approx(before["fer"], abs=0.02), "nothing was forgotten"


def test_a_schedule_goes_on_from_the_first_of_the_networks_that_ship(
    data: Path, tmp_path: Path
) -> None:
    first, second = build("cnn2").state_dict(), build("cnn2").state_dict()
    shipped = tmp_path / "shipped.safetensors"
    runs.save_weights(shipped, {**pair_state(first, second), **Calibration().tensors()})
    trainer = Trainer(
        SMALL,
        tmp_path,
        TrainingData(load_split(find_folder(data), "Training"), torch.device("cpu")),
    )

    trainer.start_from(shipped)

    started = trainer.network.state_dict()
    torch.testing.assert_close(started["fer.weight"], first["fer.weight"].half().float())


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        pytest.param(lambda path: None, "train first", id="missing"),
        pytest.param(lambda path: path.write_bytes(b"no weights"), "is damaged", id="damaged"),
        pytest.param(
            lambda path: save_file({"other": torch.zeros(2)}, path),
            "holds no cnn2 to start from",
            id="another architecture",
        ),
    ],
)
def test_unusable_weights_to_start_from_are_named(
    data: Path, tmp_path: Path, write: Callable[[Path], object], sentence: str
) -> None:
    start = tmp_path / "start.safetensors"
    write(start)

    with pytest.raises(WeightsError, match=sentence):
        train(SMALL, data, tmp_path / "run", resume=False, start=start)


def test_time_can_decide_instead_of_epochs() -> None:
    recipe = Recipe(epochs=0, minutes=10)
    progress = Progress(epoch=3, seconds=240)

    assert progress.share(recipe, 0.5, 60) == pytest.approx(0.5)
    assert progress.share(recipe, 0.0, 1000) == 1
    assert progress.share(replace(recipe, epochs=7), 0.5, 0) == pytest.approx(0.5)


def test_the_learning_rate_rises_then_falls_to_almost_nothing() -> None:
    recipe = Recipe(learning_rate=0.1, warm_up=0.1)

    rates = [learning_rate(recipe, share) for share in (0.0, 0.05, 0.1, 0.5, 1.0)]

    assert rates[0] < rates[1] < rates[2] == pytest.approx(0.1)
    assert rates[2] > rates[3] > rates[4]
    assert rates[4] < 0.001


def empty_folder(directory: Path) -> Path:
    (directory / "empty").mkdir()
    return directory / "empty"


def corrupt_sheet(directory: Path) -> Path:
    data = write_generated_data(directory / "corrupt")
    (data / "private_test.png").write_bytes(b"no picture")
    return data


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(lambda d: d / "nowhere", "there is no folder", id="wrong path"),
        pytest.param(empty_folder, "has no labels.csv", id="empty folder"),
        pytest.param(corrupt_sheet, "is not a readable picture", id="corrupt file"),
    ],
)
def test_bad_data_ends_the_run_with_one_sentence(
    tmp_path: Path, make: object, sentence: str
) -> None:
    assert callable(make)
    arguments = ["--data", str(make(tmp_path)), "--run", str(tmp_path / "run")]

    with pytest.raises(SystemExit) as ended:
        emotion.main(arguments)

    assert sentence in str(ended.value)
    assert "\n" not in str(ended.value)
    assert not (tmp_path / "run").exists(), "nothing is left behind"


def test_resuming_without_naming_a_run_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        emotion.main(["--data", str(data), "--resume"])
    assert "--resume needs --run" in capsys.readouterr().err


def test_resuming_a_run_without_a_checkpoint_is_refused(data: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(data), "--resume", "--run", str(tmp_path / "run")]

    with pytest.raises(SystemExit, match="to resume from"):
        emotion.main(arguments)


def test_a_step_can_be_compiled(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []

    def note(network: torch.nn.Module, **_: object) -> torch.nn.Module:
        compiled.append(network)
        return network

    monkeypatch.setattr(torch, "compile", note)

    train(replace(SMALL, epochs=1, compiled=True), data, tmp_path / "run", resume=False)

    assert len(compiled) == 1


def test_compiling_without_a_compiler_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emotion.shutil, "which", lambda _: None)

    with pytest.raises(SystemExit):
        emotion.main(["--data", str(data), "--compiled"])

    assert "needs a C++ compiler" in capsys.readouterr().err


def test_fewer_faces_are_spoilt_at_the_end_of_the_schedule(data: Path, tmp_path: Path) -> None:
    trainer = Trainer(
        replace(SMALL, calm_from=0.75),
        tmp_path,
        TrainingData(load_split(data, "Training"), torch.device("cpu")),
    )
    used: list[str] = []
    trainer.augmentation = lambda images, side: used.append("usual") or images
    trainer.calm_augmentation = lambda images, side: used.append("calm") or images

    for share in (0.0, 0.74, 0.75, 0.99):
        trainer.step(torch.arange(4), share)

    assert used == ["usual", "usual", "calm", "calm"]


@pytest.mark.parametrize(
    ("balance", "weights"),
    [
        pytest.param(0.0, [1.0, 1.0], id="every face alike"),
        pytest.param(1.0, [0.5 / 0.9, 0.5 / 0.1], id="every class alike"),
    ],
)
def test_a_rare_class_counts_more_and_a_face_counts_one_in_the_mean(
    balance: float, weights: list[float]
) -> None:
    counts = torch.tensor([90.0, 10.0])

    found = rarity(counts, balance)

    torch.testing.assert_close(found, torch.tensor(weights))
    assert float((found * counts).sum() / 100) == pytest.approx(1)
