"""Train the portrait U-Net: ``python -m inference.training.segmentation --data DIR``.

Read from top to bottom: the settings, the loss, the training, the run folder. The learning rate
and the picture size follow the share of the budget that is spent, and the budget is whichever of
steps or minutes ends first, so a training on a busy machine still ends with a finished schedule.
An interrupted run goes on with ``--resume RUN_FOLDER``; the pictures of a step depend on the seed
and the step alone, so it sees what it would have seen.
"""

import argparse
import copy
import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import segmentation_models_pytorch as smp
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from inference.datasets.person_masks import MaskSet, load_heads, load_mask_sets, load_taught_set
from inference.datasets.subject_scenes import SubjectSceneMaker
from inference.errors import DatasetError, InferenceError, WeightsError
from inference.measures.masks import iou_of_sets
from inference.segmentation.unet import (
    DECODER_CHANNELS,
    STRIDE,
    to_batch,
    with_prompt_channel,
)
from inference.training.averaging import update_average
from inference.training.heads import load_crowds
from inference.training.runs import (
    RUNS_DIRECTORY,
    WEIGHTS,
    git_commit,
    load_checkpoint,
    new_run_directory,
    save_checkpoint,
    save_weights,
    write_json,
)


@dataclass(frozen=True)
class Settings:
    """Everything that decides what a training becomes, apart from the data."""

    steps: int = 16_000
    minutes: float = 1e9
    batch_size: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup_steps: int = 100
    ema_decay: float = 0.998
    boundary_weight: float = 2.0
    steps_per_epoch: int = 150
    validate_every: int = 4
    side: int = 256
    seed: int = 7
    threads: int = 1


SIZE_SCHEDULE = ((0.50, 0.625), (0.78, 0.75), (1.0, 0.875))
"""Until this share of the budget, pictures of this share of ``Settings.side``.

Small pictures teach faster; the last ones are as large as those that the network works on. While
it learns from smaller ones it is best a little above their size, because a random view shows
people larger than the whole photo does (Touvron et al. 2019, arXiv 1906.06423; seen here too).
"""


def picture_size(side: int, progress: float) -> int:
    """Return the edge of the training pictures when this share of the budget is spent."""
    share = next((share for end, share in SIZE_SCHEDULE if progress < end), SIZE_SCHEDULE[-1][1])
    return max(2 * STRIDE, round(side * share / STRIDE) * STRIDE)


def learning_rate(settings: Settings, progress: float, step: int) -> float:
    """Return the rate of this step: a linear warm-up, then a cosine down to a hundredth."""
    warmup = min(1.0, (step + 1) / settings.warmup_steps)
    cosine = 0.5 * (1 + np.cos(np.pi * min(progress, 1.0)))
    return settings.learning_rate * warmup * float(0.01 + 0.99 * cosine)


def mask_loss(logits: Tensor, masks: Tensor, boundary_weight: float) -> Tensor:
    """Return cross-entropy, heavier at mask edges, plus the soft Dice loss of each picture.

    Args:
        logits: ``(B, 1, H, W)``.
        masks: ``(B, 1, H, W)``, 0 to 1.
        boundary_weight: What a pixel near an edge counts on top of the 1 of every pixel.
    """
    weights = 1 + boundary_weight * (_grown(masks) + _grown(-masks))
    entropy = functional.binary_cross_entropy_with_logits(logits, masks, reduction="none")
    probabilities = logits.sigmoid()
    overlap = (probabilities * masks).sum((1, 2, 3))
    total = probabilities.sum((1, 2, 3)) + masks.sum((1, 2, 3))
    # The constant keeps the loss of a picture without people near 0 once the network sees none.
    dice = 1 - (2 * overlap + 100) / (total + 100)
    return (entropy * weights).sum() / weights.sum() + dice.mean()


def _grown(masks: Tensor) -> Tensor:
    """Return the largest of the 7 by 7 pixels around each, along one edge after the other."""
    rows = functional.max_pool2d(masks, (7, 1), stride=1, padding=(3, 0))
    return functional.max_pool2d(rows, (1, 7), stride=1, padding=(0, 3))


def published_unet() -> nn.Module:
    """Return the network as its publishers build it, with the random weights that they begin with.

    ``inference.segmentation.unet`` computes the same with weights of the same names, and loads
    no other library for it.
    """
    network: nn.Module = smp.Unet(
        encoder_name="tu-regnety_004",
        encoder_weights=None,
        in_channels=4,
        decoder_channels=DECODER_CHANNELS,
        classes=1,
    ).to(memory_format=torch.channels_last)
    return network


class Training:
    """One run: network, optimiser, average, and the folder where they are kept."""

    def __init__(
        self,
        settings: Settings,
        sets: list[MaskSet],
        folder: Path,
        crowds: list[NDArray[np.uint8]] | None = None,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.folder = folder
        self.step = 0
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []
        self._sets = sets
        self._scenes = SubjectSceneMaker(sets, crowds or [])
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = published_unet().to(self.device)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(requires_grad=False)
        # Weights decay, biases and normalisation do not.
        decaying = [p for p in self.network.parameters() if p.ndim > 1]
        others = [p for p in self.network.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": decaying, "weight_decay": settings.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ]
        )

    @property
    def progress(self) -> float:
        """Share of the budget that is spent, 0 to 1 and a little more."""
        return max(self.step / self.settings.steps, self.seconds / 60 / self.settings.minutes)

    def run(self) -> None:
        """Train to the end of the budget, with a checkpoint after every epoch."""
        while self.progress < 1:
            losses = []
            for _ in range(self.settings.steps_per_epoch):
                began = time.perf_counter()
                losses.append(self._one_step())
                self.seconds += time.perf_counter() - began
                if self.progress >= 1:
                    break
            epoch = len(self.history) + 1
            entry = {
                "epoch": epoch,
                "step": self.step,
                "minutes": self.seconds / 60,
                "loss": float(np.mean(losses)),
            }
            self.history.append(entry)
            self.save()
            if epoch % self.settings.validate_every == 0 or self.progress >= 1:
                entry |= iou_of_sets(self.average, self._sets)
            print(" ".join(f"{key} {value:.4g}" for key, value in entry.items()), flush=True)
            self.save()

    def _one_step(self) -> float:
        progress = self.progress
        size = picture_size(self.settings.side, progress)
        rng = np.random.default_rng([self.settings.seed, self.step])
        pictures, prompts, masks = self._scenes.batch(size, self.settings.batch_size, rng)
        batch = to_batch(pictures, prompts).to(self.device, memory_format=torch.channels_last)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.settings, progress, self.step)
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = self.network(batch)
        target = torch.from_numpy(masks)[:, None].to(self.device)
        loss = mask_loss(logits.float(), target, self.settings.boundary_weight)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimizer.step()
        decay = min(self.settings.ema_decay, (1 + self.step) / (10 + self.step))
        update_average(self.average, self.network, decay)
        self.step += 1
        return float(loss.detach())

    def save(self) -> None:
        """Write checkpoint, metrics and the half-precision weights of the average."""
        average = self.average.state_dict()
        state = {
            "network": self.network.state_dict(),
            "average": average,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
        }
        save_checkpoint(self.folder, state)
        save_weights(self.folder / WEIGHTS, {name: value.cpu() for name, value in average.items()})
        write_json(self.folder / "metrics.json", self.history)

    def start_from(self, weights: Path) -> None:
        """Begin with the weights of an earlier training instead of random ones."""
        try:
            state = with_prompt_channel(load_file(weights))
            self.network.load_state_dict(state)
            self.average.load_state_dict(state)
        except (OSError, RuntimeError, SafetensorError) as error:
            raise WeightsError(f"{weights}: no usable weights to start from") from error

    def restore(self) -> None:
        """Continue from the checkpoint of the run folder."""
        state = load_checkpoint(self.folder)
        try:
            self.network.load_state_dict(state["network"])
            self.average.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise WeightsError(f"{self.folder}: the checkpoint is of another network") from error
        self.step, self.seconds, self.history = state["step"], state["seconds"], state["history"]


def start_run(runs: Path, settings: Settings, data: Path) -> Path:
    """Make the folder of a new run and note in it what the run is made of."""
    folder = new_run_directory("segmentation", runs)
    config = {"task": "segmentation", "data": str(data), "commit": git_commit()}
    write_json(folder / "config.json", config | asdict(settings))
    return folder


def read_settings(folder: Path) -> Settings:
    """Return the settings with which the run in this folder was started."""
    try:
        config = json.loads((folder / "config.json").read_text())
        return Settings(**{key: config[key] for key in asdict(Settings()) if key in config})
    except (OSError, ValueError, TypeError) as error:
        raise DatasetError(
            f"{folder}: no readable config.json; give the folder of an earlier run"
        ) from error


def parse(arguments: list[str] | None) -> tuple[argparse.Namespace, dict[str, Any]]:
    """Return the paths of the command line, and those settings that it changes."""
    parser = argparse.ArgumentParser(
        prog="python -m inference.training.segmentation", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of mask sets")
    parser.add_argument("--runs", type=Path, default=RUNS_DIRECTORY)
    parser.add_argument("--heads", type=Path, help="face boxes, as inference.training.heads finds")
    parser.add_argument("--crowds", type=Path, help="folder of photos that may lie behind people")
    parser.add_argument("--taught", type=Path, help="folder that inference.training.teaching made")
    parser.add_argument("--resume", type=Path, help="folder of an interrupted run")
    for name, default in asdict(Settings()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), help=f"{default}")
    parser.add_argument("--start", type=Path, help="weights to start from, as those shipped")
    options = parser.parse_args(arguments)
    given = {name: getattr(options, name) for name in asdict(Settings())}
    return options, {name: value for name, value in given.items() if value is not None}


def main(arguments: list[str] | None = None) -> int:
    """Train as the command line says, and tell where the weights are."""
    options, changes = parse(arguments)
    try:
        settings = replace(
            read_settings(options.resume) if options.resume else Settings(), **changes
        )
        torch.set_num_threads(settings.threads)
        heads = load_heads(options.heads) if options.heads else None
        sets = load_mask_sets(options.data, heads=heads)
        if options.taught:
            sets.append(load_taught_set(options.taught, load_heads(options.taught / "heads.json")))
        crowds = load_crowds(options.crowds) if options.crowds else []
        folder = options.resume or start_run(options.runs, settings, options.data)
        training = Training(settings, sets, folder, crowds)
        if options.start:
            training.start_from(options.start)
        if options.resume:
            training.restore()
        training.run()
    except InferenceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"done: {folder / WEIGHTS}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
