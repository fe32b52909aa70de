"""A training run on disk: what was asked for, how it went, and where to go on after a break."""

import datetime
import json
import pickle  # only for the name of the error that torch raises
import subprocess
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from inference.errors import WeightsError

RUNS_DIRECTORY = Path("var") / "runs"
CHECKPOINT = "checkpoint.pt"
WEIGHTS = "weights.safetensors"


def new_run_directory(task: str, root: Path = RUNS_DIRECTORY) -> Path:
    """Name and make ``<root>/<date>-<task>``, with a number behind it if that is taken."""
    stem = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}-{task}"
    names = [stem, *(f"{stem}-{number}" for number in range(2, 1000))]
    free = next(root / name for name in names if not (root / name).exists())
    free.mkdir(parents=True)
    return free


def git_commit() -> str:
    """Name the commit that the working tree stands on; "unknown" outside a repository."""
    command = ["git", "rev-parse", "HEAD"]
    here = Path(__file__).parent
    result = subprocess.run(  # noqa: S603 - fixed words
        command, cwd=here, capture_output=True, text=True, check=False
    )
    return result.stdout.strip() or "unknown"


def write_json(path: Path, content: Any) -> None:
    """Write readable JSON, whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)


def save_checkpoint(directory: Path, state: dict[str, Any]) -> None:
    """Keep all that is needed to go on, replacing the last checkpoint in one step."""
    partial = directory / (CHECKPOINT + ".partial")
    torch.save(state, partial)
    partial.replace(directory / CHECKPOINT)


def load_checkpoint(directory: Path) -> dict[str, Any]:
    """Read the checkpoint of a run.

    Raises:
        WeightsError: There is none, or it cannot be read.
    """
    path = directory / CHECKPOINT
    if not path.is_file():
        raise WeightsError(f"there is no {path} to resume from")
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, OSError, RuntimeError, ValueError, EOFError) as error:
        reason = str(error).partition(". ")[0].splitlines()[:1]
        raise WeightsError(" ".join([f"{path} is damaged:", *reason])) from error
    return state


def save_weights(path: Path, state: dict[str, Tensor]) -> None:
    """Write a state as fp16 safetensors; whole-number buffers keep their type."""
    small = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).cpu().contiguous().clone()
        for name, tensor in state.items()
    }
    save_file(small, path)


def load_weights(directory: Path) -> dict[str, Tensor]:
    """Read the averaged weights that a run has left, as float32.

    Raises:
        WeightsError: There are none, or the file is damaged.
    """
    return load_weights_file(directory / WEIGHTS)


def load_weights_file(path: Path) -> dict[str, Tensor]:
    """Read stored weights as float32.

    Raises:
        WeightsError: There are none, or the file is damaged.
    """
    if not path.is_file():
        raise WeightsError(f"there is no {path}; train first")
    try:
        state = load_file(path)
    except SafetensorError as error:
        raise WeightsError(f"{path} is damaged: {error}") from error
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
