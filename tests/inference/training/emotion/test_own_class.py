from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inference.emotion.own_class import OwnClass
from inference.errors import DatasetError, WeightsError
from inference.evaluation import emotion as evaluation
from inference.training.emotion import own_class
from inference.training.emotion.own_class import teach


def rows(count: int, shift: float, seed: int) -> NDArray[np.float32]:
    features = np.random.default_rng(seed).normal(size=(count, 256))
    features[:, :8] += shift
    return (features * 3 + 1).astype(np.float32)


def test_a_class_that_differs_is_told_apart_on_pictures_not_seen() -> None:
    own = teach("embarrassed", rows(60, 2, 1), rows(120, 0, 2))

    assert own.scores["balanced_accuracy"] > 0.9
    assert (own.probability(rows(50, 2, 3)) >= 0.5).mean() > 0.9
    assert (own.probability(rows(50, 0, 4)) >= 0.5).mean() < 0.1


def test_a_class_that_does_not_differ_is_not_said_to_work() -> None:
    scores = teach("nothing", rows(60, 0, 1), rows(120, 0, 2)).scores

    assert abs(scores["balanced_accuracy"] - 0.5) < 0.12
    assert abs(scores["area_under_curve"] - 0.5) < 0.15


@pytest.mark.parametrize(
    ("shown", "others", "kind"), [(9, 40, "the new class"), (40, 9, "other expressions")]
)
def test_too_few_pictures_are_refused(shown: int, others: int, kind: str) -> None:
    with pytest.raises(DatasetError, match=f"9 pictures of {kind}"):
        teach("shy", rows(shown, 1, 1), rows(others, 0, 2))


def test_what_was_taught_is_read_again(tmp_path: Path) -> None:
    own = teach("shy", rows(20, 5, 1), rows(20, 0, 2))
    own.save(tmp_path / "own" / "shy.safetensors")

    read = OwnClass.load(tmp_path / "own" / "shy.safetensors")

    assert read.name == "shy"
    assert read.scores == own.scores
    np.testing.assert_array_equal(read.probability(rows(9, 2, 5)), own.probability(rows(9, 2, 5)))


def test_a_class_of_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shy.safetensors"
    OwnClass("shy", np.zeros(256, np.float32), 0.0, "older@12345678", {}).save(path)
    with pytest.raises(WeightsError, match="another emotion network"):
        OwnClass.load(path)


@pytest.mark.parametrize("content", [b"", b"no tensors", None], ids=["empty", "other", "missing"])
def test_a_file_that_is_no_class_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "shy.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match="no readable class"):
        OwnClass.load(path)


@pytest.mark.parametrize("name", ["happy", "../shy", "", "a b"])
def test_a_name_that_is_taken_or_no_file_name_is_refused(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        own_class.main(["--add-class", name, "--images", "x", "--others", "y"])
    assert "--add-class" in capsys.readouterr().err


def draw(folder: Path, value: int, count: int) -> None:
    folder.mkdir()
    generator = np.random.default_rng(value)
    for number in range(count):
        picture = generator.integers(0, 60, (64, 64, 3), np.uint8)
        picture[value : value + 20, 10:50] += 150
        Image.fromarray(picture).save(folder / f"{number}.png")


@pytest.mark.weights
def test_two_folders_become_a_class_that_the_evaluation_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw(tmp_path / "high", 5, 12)
    draw(tmp_path / "low", 40, 12)
    folders = ["--images", str(tmp_path / "high"), "--others", str(tmp_path / "low")]

    own_class.main(["--add-class", "high", *folders, "--out", str(tmp_path / "own")])
    file = tmp_path / "own" / "high.safetensors"
    assert f"kept: {file}" in capsys.readouterr().out
    evaluation.main(["--images", str(tmp_path / "high"), "--class", str(file)])

    assert "high: 12 of 12 faces" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = str(tmp_path / "nowhere")
    with pytest.raises(SystemExit, match="there is no folder"):
        own_class.main(["--add-class", "shy", "--images", here, "--others", here])
