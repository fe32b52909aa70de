"""Learns to draw faces that belong to nobody: ``python -m inference.training.dcgan --images DIR``.

A deep convolutional generative adversarial network (Radford, Metz, Chintala 2016, arXiv:1511.06434)
of 64 px, small enough for an hour of one core. The drawn faces are for a study: what an emotion
network says about faces that nobody made for it. Encore itself never uses the network, and the
run folder with it stays on this machine.

``--resume RUN`` goes on where a run was cut off, and ``--write DIR --count 500`` draws.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from inference.datasets.pictures import read_pictures
from inference.errors import DatasetError, InferenceError
from inference.training import runs
from inference.training.averaging import update_average
from inference.types import RGBImage

SIDE = 64
LATENT = 100
"""Numbers that a face is drawn from, as in the paper."""

FEWEST_FACES = 64
_SAVE_SECONDS = 60.0
_DRAWN_AT_ONCE = 100
Face = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is asked for.

    Attributes:
        minutes: Of training; a resumed run counts what it did before.
        width: Maps of the widest picture; deeper layers have twice as many each.
        batch: Faces of a step, and as many drawn ones.
        learning_rate: Of both networks, by Adam with momentum 0.5.
        real: What the judge is to say of a real face; below 1 it never grows too sure.
        average: Share of the averaged generator that stays in a step.
        share: Of each picture's shorter side that is kept, from its middle.
    """

    minutes: float = 60.0
    width: int = 32
    batch: int = 64
    learning_rate: float = 2e-4
    real: float = 0.9
    average: float = 0.999
    share: float = 1.0
    seed: int = 7
    threads: int = 1


class Generator(nn.Sequential):
    """Draws ``(N, 3, 64, 64)``, -1 to 1, from ``(N, 100)`` normal numbers."""

    def __init__(self, width: int) -> None:
        super().__init__(nn.Unflatten(1, (LATENT, 1, 1)))
        before = LATENT
        for level, maps in enumerate((8 * width, 4 * width, 2 * width, width)):
            stride, padding = (2, 1) if level else (1, 0)
            self.append(nn.ConvTranspose2d(before, maps, 4, stride, padding, bias=False))
            self.append(nn.BatchNorm2d(maps))
            self.append(nn.ReLU())
            before = maps
        self.append(nn.ConvTranspose2d(before, 3, 4, 2, 1))
        self.append(nn.Tanh())


class Discriminator(nn.Sequential):
    """Judges ``(N, 3, 64, 64)``: logits ``(N, 1)``, above 0 for real."""

    def __init__(self, width: int) -> None:
        super().__init__()
        before = 3
        for level, maps in enumerate((width, 2 * width, 4 * width, 8 * width)):
            self.append(nn.Conv2d(before, maps, 4, 2, 1, bias=not level))
            if level:
                self.append(nn.BatchNorm2d(maps))
            self.append(nn.LeakyReLU(0.2))
            before = maps
        self.append(nn.Conv2d(before, 1, 4))
        self.append(nn.Flatten())


class Study:
    """Both networks, their optimisers and the averaged generator."""

    def __init__(self, settings: Settings) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.generator = Generator(settings.width)
        self.judge = Discriminator(settings.width)
        for network in (self.generator, self.judge):
            network.apply(_begin_small)
        self.average = Generator(settings.width).requires_grad_(requires_grad=False)
        self.average.load_state_dict(self.generator.state_dict())
        self.optimisers = [
            torch.optim.Adam(one.parameters(), settings.learning_rate, betas=(0.5, 0.999))
            for one in (self.generator, self.judge)
        ]
        self.steps = 0
        self.seconds = 0.0

    def step(self, real: Tensor) -> tuple[float, float]:
        """Teach the judge, then the generator; returns their losses.

        Args:
            real: ``(N, 3, 64, 64)``, -1 to 1.
        """
        draws, judges = self.optimisers
        drawn = self.generator(torch.randn(len(real), LATENT))
        doubt = _loss(self.judge(real), self.settings.real) + _loss(self.judge(drawn.detach()), 0.0)
        judges.zero_grad()
        doubt.backward()  # type: ignore[no-untyped-call]
        judges.step()
        dismay = _loss(self.judge(drawn), 1.0)
        draws.zero_grad()
        dismay.backward()  # type: ignore[no-untyped-call]
        draws.step()
        update_average(self.average, self.generator, self.settings.average)
        self.steps += 1
        return float(doubt.detach()), float(dismay.detach())

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on."""
        return {
            "settings": asdict(self.settings),
            "steps": self.steps,
            "seconds": self.seconds,
            "networks": [one.state_dict() for one in self._networks()],
            "optimisers": [one.state_dict() for one in self.optimisers],
        }

    @classmethod
    def resumed(cls, directory: Path, minutes: float) -> "Study":
        """Go on with a run.

        Raises:
            WeightsError: It has no checkpoint, or a damaged one.
        """
        state = runs.load_checkpoint(directory)
        study = cls(Settings(**{**state["settings"], "minutes": minutes}))
        for network, weights in zip(study._networks(), state["networks"], strict=True):
            network.load_state_dict(weights)
        for optimiser, before in zip(study.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(before)
        study.steps, study.seconds = state["steps"], state["seconds"]
        return study

    def _networks(self) -> Sequence[nn.Module]:
        return self.generator, self.judge, self.average


def _begin_small(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, 0.0, 0.02)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1.0, 0.02)


def _loss(logits: Tensor, truth: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, truth))


def face_square(image: RGBImage, share: float) -> Face:
    """Cut the middle out of a picture of one face; ``(64, 64, 3)`` uint8."""
    height, width = image.shape[:2]
    side = max(1, round(share * min(height, width)))
    top, left = (height - side) // 2, (width - side) // 2
    square = image[top : top + side, left : left + side]
    return np.asarray(
        cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )


def read_faces(folders: Sequence[Path], share: float) -> NDArray[np.uint8]:
    """Read every picture under the folders; ``(N, 64, 64, 3)`` RGB.

    Raises:
        DatasetError: There is no such folder, or too few pictures to learn from.
    """
    faces = [face_square(image, share) for folder in folders for _, image in read_pictures(folder)]
    if len(faces) < FEWEST_FACES:
        raise DatasetError(f"{len(faces)} pictures are too few; at least {FEWEST_FACES} are needed")
    return np.stack(faces)


def batches(faces: NDArray[np.uint8], size: int, draw: np.random.Generator) -> Iterator[Tensor]:
    """Yield real faces for ever, each pass in another order, mirrored by chance."""
    while True:
        order = draw.permutation(len(faces))
        for start in range(0, len(order) - size + 1, size):
            chosen = faces[order[start : start + size]]
            turned = draw.random(size) < 0.5
            chosen[turned] = chosen[turned, :, ::-1]
            yield torch.from_numpy(chosen).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def train(
    study: Study,
    faces: NDArray[np.uint8],
    run: Path,
    clock: Callable[[], float] = time.process_time,
) -> None:
    """Train until the time is over, with a checkpoint every minute.

    Args:
        study: Changed in place.
        faces: ``(N, 64, 64, 3)`` uint8 RGB.
        run: Where checkpoints go.
        clock: Processor time of this process in seconds, which a busy machine does not stretch.
    """
    settings = study.settings
    torch.set_num_threads(settings.threads)
    size = min(settings.batch, len(faces))
    began, saved = clock() - study.seconds, study.seconds
    for real in batches(faces, size, np.random.default_rng(settings.seed + study.steps)):
        doubt, dismay = study.step(real)
        study.seconds = clock() - began
        is_over = study.seconds >= 60 * settings.minutes
        if is_over or study.seconds - saved >= _SAVE_SECONDS:
            saved = study.seconds
            runs.save_checkpoint(run, study.state())
            print(
                f"{study.seconds / 60:6.1f} min, step {study.steps}: "
                f"judge {doubt:.2f}, generator {dismay:.2f}",
                flush=True,
            )
        if is_over:
            return


def write_faces(study: Study, directory: Path, count: int, seed: int) -> None:
    """Draw faces with the averaged generator and write them as ``0001.png`` and on."""
    directory.mkdir(parents=True, exist_ok=True)
    source = torch.Generator().manual_seed(seed)
    network = study.average.eval()
    for start in range(0, count, _DRAWN_AT_ONCE):
        size = min(_DRAWN_AT_ONCE, count - start)
        with torch.inference_mode():
            drawn = network(torch.randn(size, LATENT, generator=source))
        pixels = ((drawn + 1.0) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
        for number, face in enumerate(pixels, start + 1):
            Image.fromarray(face).save(directory / f"{number:04d}.png")


def main(argv: list[str] | None = None) -> None:
    """Read the command line; train, draw, or both."""
    parser = argparse.ArgumentParser(description="Learn to draw faces of nobody.")
    parser.add_argument("--images", type=Path, nargs="+", default=[], help="one face a picture")
    parser.add_argument(
        "--resume", type=Path, help="folder of a run to go on with, or to draw from"
    )
    parser.add_argument("--minutes", type=float, default=Settings().minutes, help="processor time")
    parser.add_argument("--share", type=float, default=Settings().share)
    parser.add_argument("--threads", type=int, default=Settings().threads)
    parser.add_argument("--write", type=Path, help="folder for the drawn faces")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=Settings().seed)
    asked = parser.parse_args(argv)
    if not asked.images and not asked.resume:
        parser.error("say --images to learn from, or --resume to draw from a run")
    try:
        if asked.resume:
            run, study = asked.resume, Study.resumed(asked.resume, asked.minutes)
        else:
            run = runs.new_run_directory("dcgan")
            wanted = Settings(
                asked.minutes, share=asked.share, seed=asked.seed, threads=asked.threads
            )
            study = Study(wanted)
        if asked.images:
            train(study, read_faces(asked.images, study.settings.share), run)
        if asked.write:
            write_faces(study, asked.write, asked.count, asked.seed)
    except InferenceError as error:
        sys.exit(str(error))
    print(f"run: {run}")


if __name__ == "__main__":
    main()
