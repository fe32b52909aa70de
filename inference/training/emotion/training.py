"""Train an emotion network.

Run ``python -m inference.training.emotion --architecture NAME --data DIR``.

FER2013's labels and FERPlus's votes are learnt together by two heads. The result is the moving
average of the weights under a cosine schedule. The schedule counts epochs (``--epochs``) or
minutes (``--minutes``), for a machine whose speed nobody can promise. A run that was interrupted
goes on with ``--resume --run DIR``; ``--start FILE`` begins a new schedule with the weights of an
earlier run instead of random ones.
"""

import argparse
import copy
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.datasets.fer2013plus import (
    EmotionSplit,
    find_folder,
    load_split,
    majority_class,
)
from inference.device import pick_device
from inference.emotion.architectures import (
    ARCHITECTURES,
    DEFAULT,
    EmotionLogits,
    EmotionNetwork,
    build,
    member_states,
    parameter_count,
)
from inference.emotion.labels import FERPLUS_LABELS, LABELS
from inference.errors import InferenceError, WeightsError
from inference.measures.classification import mean_recall
from inference.training import runs
from inference.training.augmentation import COLOUR_PHOTOS, FaceAugmentation
from inference.training.averaging import update_average
from inference.training.emotion.data import TrainingData
from inference.training.emotion.recipe import Progress, Recipe, learning_rate

CALIBRATION = "calibration."
"""What a shipped file holds beside the network's own tensors."""


def batch_loss(
    network: Callable[[Tensor], EmotionLogits],
    data: TrainingData,
    rows: Tensor,
    images: Tensor,
    recipe: Recipe,
) -> Tensor:
    """Add up the losses of both heads and the network's own penalty."""
    fer_weights, plus_weights = data.class_weights(recipe.balance)
    with torch.autocast(images.device.type, torch.bfloat16, enabled=recipe.precision == "bf16"):
        logits = network(images)
    fer = functional.cross_entropy(
        logits.fer, data.fer[rows], fer_weights, label_smoothing=recipe.label_smoothing
    )
    weight = data.weight[rows] * (data.plus[rows] @ plus_weights)
    log_plus = logits.plus.log_softmax(1)
    plus = -(data.plus[rows] * log_plus).sum(1)
    loss = recipe.fer_weight * fer + (plus * weight).sum() / weight.sum().clamp_min(1)
    return loss if logits.penalty is None else loss + logits.penalty


@torch.no_grad()
def accuracies(network: nn.Module, split: EmotionSplit, recipe: Recipe) -> dict[str, float]:
    """Measure both heads on a split: FER2013 on all faces, FERPlus where it has a majority.

    Returns:
        Accuracies, and the mean recall over the classes of each labeling.
    """
    network.eval()
    device = next(network.parameters()).device
    fer, plus = [], []
    for start in range(0, len(split), 256):
        images = torch.from_numpy(split.images[start : start + 256])[:, None].to(device) / 255
        with torch.autocast(images.device.type, torch.bfloat16, enabled=recipe.precision == "bf16"):
            logits: EmotionLogits = network(images)
        fer.append(logits.fer.argmax(1).cpu())
        plus.append(logits.plus.argmax(1).cpu())
    truth = majority_class(split.votes)
    clear = truth >= 0
    named, named_plus = torch.cat(fer).numpy(), torch.cat(plus).numpy()
    return {
        "fer": float((named == split.fer).mean()),
        "plus": float((named_plus == truth)[clear].mean()) if clear.any() else 0.0,
        "fer_recall": mean_recall(named, split.fer, len(LABELS)),
        "plus_recall": mean_recall(named_plus[clear], truth[clear], len(FERPLUS_LABELS)),
    }


class Trainer:
    """One run: network, its average, optimiser and progress."""

    def __init__(self, recipe: Recipe, directory: Path, data: TrainingData) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.directory, self.data = recipe, directory, data
        self.network: EmotionNetwork = build(recipe.architecture).to(data.images.device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).requires_grad_(requires_grad=False)
        parameters = list(self.network.parameters())
        groups: list[dict[str, Any]] = [
            {"params": [p for p in parameters if p.ndim > 1]},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.SGD(
            groups,
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=True,
        )
        self.forward: Callable[[Tensor], EmotionLogits] = (
            torch.compile(self.network, dynamic=False) if recipe.compiled else self.network
        )
        self.augmentation = COLOUR_PHOTOS if recipe.colour_photos else FaceAugmentation()
        self.calm_augmentation = self.augmentation.calmer(recipe.calm_factor)
        self.progress = Progress()
        self.steps = 0

    def state(self) -> dict[str, Any]:
        """Gather all that a resumed run needs."""
        return {
            "recipe": asdict(self.recipe),
            "progress": asdict(self.progress),
            "steps": self.steps,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to where a checkpoint was written.

        Raises:
            WeightsError: It belongs to another architecture.
        """
        written = state["recipe"]["architecture"]
        if written != self.recipe.architecture:
            raise WeightsError(f"this is a run of {written}, not of {self.recipe.architecture}")
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.progress, self.steps = Progress(**state["progress"]), state["steps"]
        torch.set_rng_state(state["random"])

    def start_from(self, weights: Path) -> None:
        """Begin with the weights of an earlier run, or with the first of those that ship.

        Raises:
            WeightsError: The file is missing, damaged, or of another architecture.
        """
        state, _ = member_states(runs.load_weights_file(weights))
        state = {name: t for name, t in state.items() if not name.startswith(CALIBRATION)}
        try:
            self.network.load_state_dict(state)
        except RuntimeError as error:
            architecture = self.recipe.architecture
            raise WeightsError(f"{weights} holds no {architecture} to start from") from error
        self.average.load_state_dict(state)

    def train_epoch(self) -> float:
        """Pass once over the data; return the mean loss. Stops early when the time is up."""
        self.network.train()
        started, total, batches = time.monotonic(), 0.0, 0
        order = torch.randperm(len(self.data)).to(self.data.images.device)
        for start in range(0, len(order), self.recipe.batch_size):
            rows = order[start : start + self.recipe.batch_size]
            elapsed = time.monotonic() - started
            share = self.progress.share(self.recipe, start / len(order), elapsed)
            if share >= 1:
                break
            if len(rows) < 2:  # a batch norm needs two
                continue
            total += self.step(rows, share)
            batches += 1
        self.progress.epoch += 1
        self.progress.seconds += time.monotonic() - started
        return total / max(batches, 1)

    def step(self, rows: Tensor, share: float) -> float:
        """Learn from one batch."""
        recipe = self.recipe
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(recipe, share)
        side = recipe.small_side if share < recipe.small_until else recipe.side
        augmentation = self.augmentation if share < recipe.calm_from else self.calm_augmentation
        images = augmentation(self.data.images[rows].float() / 255, side)
        loss = batch_loss(self.forward, self.data, rows, images, recipe)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        self.steps += 1
        decay = min(recipe.average_decay, self.steps / (self.steps + 10))
        update_average(self.average, self.network, decay)
        return float(loss.detach())

    def finished(self) -> bool:
        """Whether the schedule is at its end."""
        return self.progress.share(self.recipe, 0.0, 0.0) >= 1

    def run(self, validation: EmotionSplit) -> None:
        """Train to the end of the schedule, with a checkpoint after every epoch."""
        while not self.finished():
            loss = self.train_epoch()
            measured = accuracies(self.average, validation, self.recipe)
            row = {"loss": loss, "seconds": self.progress.seconds, **measured}
            self.progress.history.append({k: round(v, 5) for k, v in row.items()})
            runs.save_checkpoint(self.directory, self.state())
            runs.save_weights(self.directory / runs.WEIGHTS, self.average.state_dict())
            print(
                f"epoch {self.progress.epoch:3d}  {self.progress.seconds / 60:6.1f} min  "
                f"loss {loss:.3f}  FER2013 {measured['fer']:.4f}  FERPlus {measured['plus']:.4f}  "
                f"recall {measured['fer_recall']:.4f} {measured['plus_recall']:.4f}",
                flush=True,
            )


def train(
    recipe: Recipe,
    data: Path,
    directory: Path | None,
    *,
    resume: bool,
    start: Path | None = None,
) -> Path:
    """Train, measure on PrivateTest, and leave weights and figures in the run's folder."""
    data = find_folder(data)
    splits = {name: load_split(data, name) for name in ("Training", "PublicTest", "PrivateTest")}
    directory = directory or runs.new_run_directory(f"emotion-{recipe.architecture}")
    directory.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(recipe, directory, TrainingData(splits["Training"], pick_device()))
    if start:
        trainer.start_from(start)
    if resume:
        trainer.restore(runs.load_checkpoint(directory))
    parameters = parameter_count(trainer.network)
    config = {**asdict(recipe), "commit": runs.git_commit(), "parameters": parameters}
    runs.write_json(directory / "config.json", config)
    print(f"{recipe.architecture}: {parameters:,} parameters, run in {directory}", flush=True)
    trainer.run(splits["PublicTest"])
    metrics: dict[str, Any] = {
        "public_test": accuracies(trainer.average, splits["PublicTest"], recipe),
        "private_test": accuracies(trainer.average, splits["PrivateTest"], recipe),
        "epochs": trainer.progress.epoch,
        "seconds": trainer.progress.seconds,
        "history": trainer.progress.history,
    }
    runs.write_json(directory / "metrics.json", metrics)
    print(
        f"PrivateTest: FER2013 {metrics['private_test']['fer']:.4f}  "
        f"FERPlus {metrics['private_test']['plus']:.4f}"
    )
    return directory


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train an emotion network.")
    parser.add_argument("--architecture", choices=sorted(ARCHITECTURES), default=DEFAULT)
    parser.add_argument("--data", type=Path, required=True, help="folder of FER2013plus")
    parser.add_argument("--run", type=Path, help="folder of this run; var/runs/... by default")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --run")
    parser.add_argument("--start", type=Path, help="weights to begin with, as those shipped")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--minutes", type=float, default=0.0, help="end by time, not by epochs")
    parser.add_argument("--learning-rate", type=float, default=Recipe().learning_rate)
    parser.add_argument("--fer-weight", type=float, default=Recipe().fer_weight)
    parser.add_argument("--balance", type=float, default=Recipe().balance)
    parser.add_argument("--colour-photos", action="store_true", help="augment for colour photos")
    parser.add_argument("--calm-from", type=float, default=Recipe().calm_from)
    parser.add_argument("--compiled", action="store_true", help="fuse the step; needs a compiler")
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args(argv)
    if arguments.resume and arguments.run is None:
        parser.error("--resume needs --run")
    if arguments.compiled and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        parser.error("--compiled needs a C++ compiler, and none is installed")
    return arguments


def main(argv: list[str] | None = None) -> None:
    """Read the command line and train."""
    arguments = _arguments(argv)
    torch.set_num_threads(arguments.threads)
    recipe = Recipe(
        architecture=arguments.architecture,
        seed=arguments.seed,
        learning_rate=arguments.learning_rate,
        fer_weight=arguments.fer_weight,
        calm_from=arguments.calm_from,
        balance=arguments.balance,
        colour_photos=arguments.colour_photos,
        compiled=arguments.compiled,
        minutes=arguments.minutes,
        epochs=0 if arguments.minutes else arguments.epochs,
    )
    try:
        train(recipe, arguments.data, arguments.run, resume=arguments.resume, start=arguments.start)
    except InferenceError as error:
        sys.exit(str(error))
