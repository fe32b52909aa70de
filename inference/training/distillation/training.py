"""Train encore-resnet: teach the layers of dlib-resnet what a better network knows.

``python -m inference.training.distillation --data DIR --run DIR --minutes 75``

The loss is one minus the cosine to the teacher's embedding, plus the squared difference between
the two similarity matrices of the batch (Tung, Mori 2019, arXiv:1907.09682, with cosines). The
learning rate follows the clock, not a count of steps, so that a busy machine still ends with a
finished schedule. A run that stopped goes on where its last checkpoint was written, and
``--start FILE`` begins a new schedule with the weights of an earlier one.
"""

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.datasets.fer2013plus import load_split
from inference.datasets.training_faces import stored_grey_faces, training_crops
from inference.detection import load_detector
from inference.errors import InferenceError, WeightsError
from inference.recognition.networks.dlib_resnet import load_dlib_resnet, normalise
from inference.recognition.networks.encore_resnet import EncoreResNet
from inference.training.averaging import mean_state
from inference.training.distillation.data import (
    Lesson,
    LessonViews,
    draw_recipes,
    lean_on_identities,
    teacher_targets,
)
from inference.training.distillation.teacher import load_teacher
from inference.training.distillation.views import FacePool
from inference.training.runs import (
    CHECKPOINT,
    load_checkpoint,
    load_weights_file,
    save_checkpoint,
    save_weights,
)
from inference.weights import locate, record

_CHECKPOINT_SECONDS = 120.0
_LOG_STEPS = 50
_WARM_UP_STEPS = 100
_FROZEN_BLOCKS = 4
"""The first layers see edges and skin, which need no teaching; leaving them saves a third."""
_AVERAGE_DECAY = 0.998


@dataclass(frozen=True)
class DistillationSettings:
    """How to train.

    Attributes:
        data: The data folder.
        cache: Folder for crops and teacher outputs, kept between runs.
        run: Folder for checkpoints, metrics and the finished weights.
        minutes: Wall-clock length of the schedule, without the preparation.
        batch: Faces per step.
        blends: Number of blended faces in the lesson.
        trunk_rate: Peak learning rate of the layers taken over, the first ones excepted.
        head_rate: Peak learning rate of the new head.
        matrix_weight: Weight of the similarity matrices in the loss.
        identity_share: How far a target moves from the teacher's answer to the person's mean.
        seed: Seed of everything random.
        start: Weights to begin with; by default those of dlib-resnet with a random head.
    """

    data: Path
    cache: Path
    run: Path
    minutes: float = 75.0
    batch: int = 64
    blends: int = 45_000
    trunk_rate: float = 5e-4
    head_rate: float = 2e-3
    matrix_weight: float = 20.0
    identity_share: float = 0.0
    seed: int = 7
    start: Path | None = None


def distillation_loss(student: Tensor, teacher: Tensor, matrix_weight: float) -> Tensor:
    """Compare embeddings with the teacher's, face by face and pair by pair.

    Args:
        student: ``(B, D)``, any length.
        teacher: ``(B, D)`` of unit length.
        matrix_weight: Weight of the pairs; there are many and they differ little.
    """
    unit = functional.normalize(student)
    cosine = (unit * teacher).sum(dim=1)
    difference = unit @ unit.T - teacher @ teacher.T
    pairs = len(unit) * max(len(unit) - 1, 1)
    return (1.0 - cosine).mean() + matrix_weight * difference.square().sum() / pairs


def rate_at(progress: float, step: int) -> float:
    """Share of the peak learning rate: a short ramp, then a cosine down to 1 %."""
    ramp = min(1.0, (step + 1) / _WARM_UP_STEPS)
    return ramp * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * min(progress, 1.0))))


def prepare(settings: DistillationSettings) -> tuple[FacePool, Lesson]:
    """Cut out the faces and ask the teacher about them; quick when an earlier run did."""
    crops = training_crops(settings.data, settings.cache, lambda: load_detector("mtcnn"))
    grey = load_split(settings.data / "emotion" / "fer2013plus", "Training").images
    faces, landmarks = stored_grey_faces(grey, settings.cache)
    pool = FacePool(crops, faces, landmarks)
    generator = np.random.default_rng(settings.seed)
    recipes, odds = draw_recipes(crops, len(faces), settings.blends, generator)
    print(
        f"{len(crops)} colour faces, {len(faces)} grey ones, {settings.blends} blends", flush=True
    )
    targets = teacher_targets(pool, recipes, load_teacher(settings.data), settings.cache)
    leant = lean_on_identities(targets, crops, settings.identity_share)
    return pool, Lesson(recipes, leant, odds)


class Distillation:
    """One training run: network, averaged copy, optimiser and clock."""

    def __init__(self, settings: DistillationSettings) -> None:
        self.settings = settings
        torch.manual_seed(settings.seed)
        self.network = _first_network(settings.start).train()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
        fresh = [*self.network.slice.parameters(), *self.network.head.parameters()]
        self.network.stem.requires_grad_(requires_grad=False)
        self.network.blocks[:_FROZEN_BLOCKS].requires_grad_(requires_grad=False)
        old = [*self.network.blocks[_FROZEN_BLOCKS:].parameters()]
        groups = [
            {"params": old, "peak": settings.trunk_rate},
            {"params": fresh, "peak": settings.head_rate},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=settings.trunk_rate, weight_decay=0.01)
        self.step = 0
        self.seconds = 0.0

    @property
    def progress(self) -> float:
        """Share of the schedule that has passed, 0 to 1 and beyond."""
        return self.seconds / (60.0 * self.settings.minutes)

    def learn(self, crops: Tensor, targets: Tensor) -> float:
        """Take one step on uint8 crops ``(B, 3, 150, 150)``; return the loss."""
        share = rate_at(self.progress, self.step)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * share
        pixels = normalise(crops).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            embeddings = self.network(pixels)
        loss = distillation_loss(embeddings.float(), targets, self.settings.matrix_weight)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self._follow()
        self.step += 1
        return float(loss.detach())

    def _follow(self) -> None:
        # A young average forgets faster, or the random head would stay in it for minutes.
        decay = min(_AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.named_parameters():
                if value.requires_grad:
                    self.average[name].lerp_(value, 1.0 - decay)

    def save(self) -> None:
        """Write a checkpoint; a crash while writing leaves the earlier one."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
        }
        save_checkpoint(self.settings.run, state)

    def resume(self) -> None:
        """Go on from the checkpoint of this run folder, if there is one."""
        if not (self.settings.run / CHECKPOINT).is_file():
            return
        state = load_checkpoint(self.settings.run)
        self.network.load_state_dict(state["network"])
        self.average = state["average"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]
        print(f"going on at step {self.step}, {self.seconds:.0f} s into the schedule", flush=True)

    def export(self) -> Path:
        """Write the averaged weights as float16.

        A further schedule ends half-way to where it began (Wortsman et al. 2022, arXiv:2203.05482):
        on people whom training never saw, the mean of both beats either.
        """
        path = self.settings.run / "encore-resnet.safetensors"
        start = self.settings.start
        earlier = self.average if start is None else load_weights_file(start)
        save_weights(path, mean_state(self.average, earlier))
        return path


def _first_network(start: Path | None) -> EncoreResNet:
    """Return the network as it is before the first step.

    Raises:
        WeightsError: The weights to start with are missing or damaged, or fit another network.
    """
    if start is None:
        return EncoreResNet(load_dlib_resnet(locate(record("dlib-resnet"))))
    network = EncoreResNet()
    try:
        network.load_state_dict(load_weights_file(start))
    except RuntimeError as error:
        raise WeightsError(f"{start} holds no encore-resnet to start from") from error
    return network


def train(settings: DistillationSettings) -> Path:
    """Run or finish a training and return the path of its weights."""
    settings.run.mkdir(parents=True, exist_ok=True)
    pool, lesson = prepare(settings)
    run = Distillation(settings)
    run.resume()
    views = LessonViews(pool, lesson, settings.batch, settings.seed)
    saved, losses = run.seconds, []
    while run.progress < 1.0:
        began = time.monotonic()
        crops, targets, _ = views[run.step]
        losses.append(run.learn(crops, targets))
        run.seconds += time.monotonic() - began
        if run.step % _LOG_STEPS == 0:
            _log(run, float(np.mean(losses)))
            losses = []
        if run.seconds - saved > _CHECKPOINT_SECONDS:
            saved = run.seconds
            run.save()
    run.save()
    return run.export()


def _log(run: Distillation, loss: float) -> None:
    line = {"step": run.step, "seconds": round(run.seconds), "loss": round(loss, 5)}
    with (run.settings.run / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, default=Path("var/runs/recognition-distillation"))
    parser.add_argument("--cache", type=Path, default=Path("var/cache/recognition"))
    parser.add_argument("--minutes", type=float, default=75.0)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--start", type=Path, help="weights to begin with, as those shipped")
    parser.add_argument("--trunk-rate", type=float, default=5e-4, help="of the layers taken over")
    parser.add_argument("--head-rate", type=float, default=2e-3)
    parser.add_argument("--blends", type=int, default=45_000)
    arguments = parser.parse_args()
    try:
        path = train(DistillationSettings(**vars(arguments)))
    except InferenceError as error:
        raise SystemExit(f"error: {error}") from error
    print(f"written: {path}")
