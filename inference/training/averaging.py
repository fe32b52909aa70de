"""Averages of a network's weights, which are what gets measured and shipped.

A schedule's last steps wander around a good point; their moving average lies nearer to it than any
of them (Polyak, Juditsky 1992). So does the mean of a schedule's end and the weights it began with
(Wortsman et al. 2022, arXiv:2203.05482):
``python -m inference.training.averaging FIRST SECOND --output FILE``.
"""

import argparse
import sys
from pathlib import Path

import torch
from torch import nn

from inference.errors import InferenceError, WeightsError
from inference.training import runs

State = dict[str, torch.Tensor]


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the averaged weights, and the statistics of the norms, a little towards the present.

    Args:
        average: Changed in place; of the same architecture.
        network: As it stands now.
        decay: Share of the average that stays, 0 to 1.
    """
    for slow, fast in zip(
        average.state_dict().values(), network.state_dict().values(), strict=True
    ):
        if slow.is_floating_point():
            slow.lerp_(fast, 1 - decay)
        else:
            slow.copy_(fast)


def mean_state(first: State, second: State) -> State:
    """Return weights half-way between two of one network; counters stay as in the first.

    Raises:
        WeightsError: They are of different networks.
    """
    shapes = [{name: each.shape for name, each in state.items()} for state in (first, second)]
    if shapes[0] != shapes[1]:
        raise WeightsError("a mean needs two weights of one network")
    return {
        name: (tensor + second[name]) / 2 if tensor.is_floating_point() else tensor
        for name, tensor in first.items()
    }


def main(argv: list[str] | None = None) -> None:
    """Read the command line and write the mean."""
    parser = argparse.ArgumentParser(description="Write weights half-way between two files.")
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    try:
        first, second = map(runs.load_weights_file, (arguments.first, arguments.second))
        runs.save_weights(arguments.output, mean_state(first, second))
    except InferenceError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
