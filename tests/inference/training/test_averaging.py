from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from inference.errors import WeightsError
from inference.training import averaging
from inference.training.averaging import mean_state, update_average


def test_the_average_moves_by_the_share_that_does_not_stay() -> None:
    average, network = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.zeros_(average.weight)
    nn.init.ones_(network.weight)

    update_average(average, network, decay=0.75)

    assert average.weight.item() == pytest.approx(0.25)


def test_the_mean_of_two_trainings_lies_half_way_and_counters_stay() -> None:
    first = {"weight": torch.zeros(2), "seen": torch.tensor(7)}
    second = {"weight": torch.ones(2), "seen": torch.tensor(9)}

    mean = mean_state(first, second)

    assert mean["weight"].tolist() == [0.5, 0.5]
    assert mean["seen"] == 7


def test_weights_of_different_networks_have_no_mean() -> None:
    with pytest.raises(WeightsError, match="of one network"):
        mean_state({"weight": torch.zeros(2)}, {"weight": torch.zeros(3)})


def test_the_command_writes_the_mean_in_half_precision(tmp_path: Path) -> None:
    first, second, output = (tmp_path / f"{name}.safetensors" for name in ("a", "b", "mean"))
    save_file({"weight": torch.zeros(2)}, first)
    save_file({"weight": torch.ones(2)}, second)

    averaging.main([str(first), str(second), "--output", str(output)])

    assert load_file(output)["weight"].tolist() == [0.5, 0.5]
    assert load_file(output)["weight"].dtype == torch.float16


def test_a_missing_file_ends_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="train first"):
        averaging.main([str(tmp_path / "a"), str(tmp_path / "b"), "--output", str(tmp_path / "c")])
