import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from inference.errors import WeightsError
from inference.training import runs


def test_a_second_run_of_the_same_day_gets_its_own_folder(tmp_path: Path) -> None:
    first = runs.new_run_directory("emotion-cnn2", tmp_path)
    second = runs.new_run_directory("emotion-cnn2", tmp_path)

    assert first.name.endswith("-emotion-cnn2")
    assert second.name == first.name + "-2"
    assert second.is_dir()


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    runs.save_checkpoint(tmp_path, {"epoch": 3, "weights": {"a": torch.arange(3.0)}})

    state = runs.load_checkpoint(tmp_path)

    assert state["epoch"] == 3
    assert state["weights"]["a"].tolist() == [0, 1, 2]


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"there is no .*checkpoint\.pt to resume from"):
        runs.load_checkpoint(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut off"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / runs.CHECKPOINT).write_bytes(content)
    with pytest.raises(WeightsError, match=r"checkpoint\.pt is damaged"):
        runs.load_checkpoint(tmp_path)


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"path": Path("/tmp")}, tmp_path / runs.CHECKPOINT)  # noqa: S108
    with pytest.raises(WeightsError, match="is damaged"):
        runs.load_checkpoint(tmp_path)


def test_weights_are_stored_in_half_precision_and_counters_whole(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    runs.save_weights(path, {"w": torch.tensor([0.1]), "batches": torch.tensor(70_000)})

    state = load_file(path)

    assert state["w"].dtype == torch.float16
    assert state["batches"].item() == 70_000


def test_figures_are_written_as_readable_json(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    path = tmp_path / "run" / "metrics.json"

    runs.write_json(path, {"accuracy": 0.5})

    assert json.loads(path.read_text()) == {"accuracy": 0.5}
    assert list(path.parent.iterdir()) == [path], "no half-written file stays"


def test_the_commit_is_a_hash_in_a_repository() -> None:
    commit = runs.git_commit()

    assert commit == "unknown" or len(commit) == 40


def test_stored_weights_come_back_in_full_precision(tmp_path: Path) -> None:
    runs.save_weights(tmp_path / runs.WEIGHTS, {"w": torch.tensor([0.5]), "n": torch.tensor(3)})

    state = runs.load_weights(tmp_path)

    assert state["w"].dtype == torch.float32
    assert state["n"].item() == 3


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / runs.WEIGHTS).write_bytes(b"no tensors")
    with pytest.raises(WeightsError, match=r"weights\.safetensors is damaged"):
        runs.load_weights(tmp_path)
