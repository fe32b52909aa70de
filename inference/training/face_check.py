"""Train the second look at faces: ``python -m inference.training.face_check --data DIR``.

Read from top to bottom: the settings, the views, the lesson, the fit, the run folder. Faces and
mistakes are lit, shrunk, covered and cut alike, so that nothing but the face itself tells them
apart. The features are computed once, so the fit takes seconds and the whole a minute of one core.
"""

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from inference.datasets.face_or_not import ROOM, Looks, load_looks
from inference.datasets.person_masks import is_validation
from inference.detection.networks import load_output_net
from inference.detection.refusing import SIDE, FaceCheckNet, prepare
from inference.detection.summed import MID_GREY
from inference.errors import InferenceError
from inference.training.augmentation import add_noise, erase, on_share, shrink, uniform
from inference.training.runs import (
    WEIGHTS,
    git_commit,
    new_run_directory,
    write_json,
)

_VALIDATION_SHARE = 0.15
_BATCH = 256
_SMALLEST_SIDE = 20
"""Pixels of a shrunk look; a face of 20 pixels, the least there is, fills 30."""


Rows = NDArray[np.int64]
View = Callable[[NDArray[np.uint8]], Tensor]


@dataclass(frozen=True)
class Settings:
    """Everything that decides what a training becomes, apart from the data."""

    spoilt_faces: int = 3
    spoilt_mistakes: int = 14_000
    decay: float = 3e-3
    iterations: int = 60
    seed: int = 0
    threads: int = 1


def split(looks: Looks) -> NDArray[np.bool_]:
    """Mark the squares whose photo is kept for validation."""
    return np.array([is_validation(photo, _VALIDATION_SHARE) for photo in looks.photos])


def views(images: NDArray[np.uint8]) -> Tensor:
    """Look at stored squares as a detector might, by the global random state of torch.

    Args:
        images: ``(B, 72, 72, 3)`` uint8 RGB.

    Returns:
        ``(B, 3, 48, 48)`` float32 as the network takes them.
    """
    count = len(images)
    angle = torch.randn(count) * math.radians(9.0)
    zoom = torch.exp(torch.randn(count) * 0.08) / ROOM
    mirror = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    x, y = torch.randn(2, count) * 0.05
    theta = torch.stack([cos * mirror, -sin, x, sin * mirror, cos, y], 1).view(count, 2, 3)
    looks = _sampled(images, theta)
    looks = on_share(looks, 0.5, take_light)
    looks = on_share(looks, 0.3, cut_by_edge)
    looks = on_share(looks, 0.2, erase)
    looks = on_share(looks, 0.4, lambda some: shrink(some, _SMALLEST_SIDE))
    return _ready(on_share(looks, 0.4, add_noise))


def straight(images: NDArray[np.uint8]) -> Tensor:
    """Look at stored squares as they are, ``(B, 3, 48, 48)`` as the network takes them."""
    return _ready(_sampled(images, torch.eye(2, 3).repeat(len(images), 1, 1) / ROOM))


def _sampled(images: NDArray[np.uint8], theta: Tensor) -> Tensor:
    """Resample squares by affine maps ``(B, 2, 3)`` into ``(B, 3, 48, 48)``, 0 to 1."""
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255.0
    grid = functional.affine_grid(theta, [len(pixels), 3, SIDE, SIDE], align_corners=False)
    return functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def _ready(looks: Tensor) -> Tensor:
    return prepare(255.0 * looks - MID_GREY)


def take_light(looks: Tensor) -> Tensor:
    """Take light and colours away as dark halls and gels do; ``(B, 3, H, W)``, 0 to 1."""
    shape = (len(looks), 3, 1, 1)
    light = torch.exp(uniform(looks, math.log(0.15), math.log(1.3)))[:, None, None, None]
    taken = torch.where(torch.rand(shape) < 0.4, 0.9 * torch.rand(shape), 0.0)
    return (looks * light * (1.0 - taken)).clamp(0.0, 1.0)


def cut_by_edge(looks: Tensor) -> Tensor:
    """Fill up to a quarter of some sides with the grey that lies outside a photo."""
    rows = torch.arange(SIDE)[None, None, :, None]
    for turns in range(4):
        depth = torch.randint(1, SIDE // 4, (len(looks), 1, 1, 1))
        depth *= torch.rand(depth.shape) < 0.5
        turned = looks.rot90(turns, (2, 3))
        looks = torch.where(rows < depth, MID_GREY / 255.0, turned).rot90(-turns, (2, 3))
    return looks


def lesson(looks: Looks, settings: Settings, network: FaceCheckNet) -> tuple[Tensor, Tensor]:
    """Show the training photos, straight and spoilt.

    Returns:
        Features ``(N, 1408)``, and 1 for faces and 0 for mistakes ``(N,)``.
    """
    draw = np.random.default_rng(settings.seed)
    rows = np.flatnonzero(~split(looks))
    faces, wrong = rows[looks.is_face[rows]], rows[~looks.is_face[rows]]
    some = draw.permutation(wrong)[: settings.spoilt_mistakes]
    spoilt = np.concatenate([*[faces] * settings.spoilt_faces, some])
    shown = ((rows, straight), (spoilt, views))
    features = torch.cat([look_at(looks, part, view, network) for part, view in shown])
    truth = looks.is_face[np.concatenate([rows, spoilt])]
    return features, torch.from_numpy(truth).float()


def look_at(looks: Looks, rows: Rows, view: View, network: FaceCheckNet) -> Tensor:
    """Return the features ``(N, 1408)`` of views of some squares."""
    with torch.inference_mode():
        parts = [
            network.output_net.features(view(looks.images[rows[start : start + _BATCH]]))
            for start in range(0, len(rows), _BATCH)
        ]
    return torch.cat(parts)


def fit(features: Tensor, truth: Tensor, settings: Settings) -> nn.Linear:
    """Fit the layer by logistic regression, faces and mistakes counting alike.

    Returns:
        A layer on the features as they are; the scaling that the fit needs is folded into it.
    """
    mean, scale = features.mean(0), features.std(0) + 1e-3
    scaled = (features - mean) / scale
    layer = nn.Linear(features.shape[1], 1)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    share = truth.mean()
    counts = torch.where(truth > 0, 0.5 / share, 0.5 / (1.0 - share))
    optimiser = torch.optim.LBFGS(
        layer.parameters(), max_iter=settings.iterations, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        logits = layer(scaled)[:, 0]
        errors = functional.binary_cross_entropy_with_logits(logits, truth, weight=counts)
        total: Tensor = errors + settings.decay * layer.weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        layer.weight.div_(scale)
        layer.bias.sub_(layer.weight @ mean)
    return layer


def train(looks: Looks, settings: Settings) -> tuple[FaceCheckNet, dict[str, float]]:
    """Train the layer; return the network with it, and how it does on the validation photos."""
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    network = FaceCheckNet(load_output_net())
    network.judge = fit(*lesson(looks, settings, network), settings)
    rows = np.flatnonzero(split(looks))
    figures = {}
    for name, view in (("straight", straight), ("spoilt", views)):
        with torch.inference_mode():
            passed = network.judge(look_at(looks, rows, view, network))[:, 0].numpy() > 0
        is_face = looks.is_face[rows]
        figures[f"{name}_faces_kept"] = round(float(passed[is_face].mean()), 4)
        figures[f"{name}_mistakes_refused"] = round(float((~passed[~is_face]).mean()), 4)
    return network, figures


def main() -> None:
    """Read the command line, train, leave a run folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/cache/face-check"))
    arguments = parser.parse_args()
    settings = Settings()
    try:
        network, figures = train(load_looks(arguments.data, arguments.cache), settings)
    except InferenceError as error:
        raise SystemExit(f"error: {error}") from error
    run = new_run_directory("face-check")
    save_file(network.judge.state_dict(), run / WEIGHTS)
    write_json(run / "metrics.json", {**asdict(settings), "commit": git_commit(), **figures})
    print(f"{json.dumps(figures)}\nwritten: {run / WEIGHTS}")


if __name__ == "__main__":
    main()
