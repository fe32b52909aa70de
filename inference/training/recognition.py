"""Classifiers of a fixed set of people, to hold the gallery against.

``python -m inference.training.recognition --data DIR --model fine-tuned`` trains the last block of
the default embedder and a layer on top of it on half of the photos of the test people, and
``--model vgg11`` trains a VGG of eleven weight layers (Simonyan, Zisserman 2014, arXiv:1409.1556)
on the same photos from nothing. Both are compared with the gallery on the other half. A gallery
takes a new person in a second and knows strangers; what a classifier must show is what that costs.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.transforms import v2

from inference.alignment import DLIB_150, DLIB_WEIGHTS, align
from inference.datasets.faces import find_labelled_faces, read_photo
from inference.datasets.identities import held_out_kpop
from inference.detection import load_detector
from inference.errors import DatasetError, InferenceError
from inference.recognition.choice import RAW_LOADERS, load_finished
from inference.recognition.embedder import NetworkEmbedder
from inference.recognition.gallery import Gallery
from inference.recognition.networks.dlib_resnet import normalise

SIZE = 150
_FRESH_RATE = 20.0
_VGG_SIZE = 64
_VGG_WIDTHS = (64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0)
"""Filters of each convolution; 0 is a pool."""


@dataclass(frozen=True)
class ClassifierSettings:
    """How to train a classifier.

    Attributes:
        epochs: Passes over the training photos.
        batch: Photos per step.
        rate: First learning rate of Adam; a tenth after two thirds of the epochs.
        dropout: Share of the embedding that is hidden while training.
        embedder: Whose network is fine-tuned, and whose gallery it is compared with.
        seed: Seed of the split and of everything random.
    """

    epochs: int = 24
    batch: int = 32
    rate: float = 5e-4
    dropout: float = 0.2
    embedder: str = "dlib-resnet"
    seed: int = 3


@dataclass(frozen=True, eq=False)
class People:
    """Aligned faces of a fixed set of people.

    Attributes:
        crops: ``(N, 150, 150, 3)`` uint8 RGB.
        labels: ``(N,)`` int64, index into ``names``.
        names: Who they are.
    """

    crops: NDArray[np.uint8]
    labels: NDArray[np.int64]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.crops) != len(self.labels):
            raise ValueError(f"{len(self.crops)} crops with {len(self.labels)} labels")
        if len(self.names) < 2:
            raise DatasetError("a classifier needs at least two people")


def split_half(labels: NDArray[np.int64], seed: int) -> NDArray[np.bool_]:
    """Mark about half of each person's photos for training, at least one of each."""
    draw = np.random.default_rng(seed)
    is_training = np.zeros(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        mine = draw.permutation(np.flatnonzero(labels == label))
        is_training[mine[: max(1, len(mine) // 2)]] = True
    return is_training


class FineTuned(nn.Module):
    """An embedder whose last block learns, and a layer that names people.

    Args:
        network: The embedder's network, changed in place; its earlier blocks stay as they are.
        dimensions: Size of its embedding.
        people: Number of people.
        dropout: Share of the embedding that is hidden while training.
    """

    def __init__(self, network: nn.Module, dimensions: int, people: int, dropout: float) -> None:
        super().__init__()
        network.requires_grad_(requires_grad=False)
        blocks, head = network.get_submodule("blocks"), network.get_submodule("head")
        if not isinstance(blocks, nn.Sequential):
            raise TypeError("the network must keep its blocks in a sequence")
        blocks[-1].requires_grad_(requires_grad=True)
        head.requires_grad_(requires_grad=True)
        self.network = network
        self.classify = nn.Sequential(nn.Dropout(dropout), nn.Linear(dimensions, people))

    def forward(self, crops: Tensor) -> Tensor:
        """Return logits ``(B, K)`` of uint8 crops ``(B, 3, 150, 150)``."""
        embeddings = nn.functional.normalize(self.network(normalise(crops)))
        # Unit vectors give flat logits; the factor is that of NormFace (arXiv:1704.06369).
        logits: Tensor = self.classify(16.0 * embeddings)
        return logits


class Vgg11(nn.Module):
    """Eight convolutions and three full layers, from nothing."""

    def __init__(self, people: int, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for width in _VGG_WIDTHS:
            if width == 0:
                layers.append(nn.MaxPool2d(2))
                continue
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            inputs = width
        self.features = nn.Sequential(*layers)
        places = (_VGG_SIZE // 2 ** _VGG_WIDTHS.count(0)) ** 2
        self.classify = nn.Sequential(
            *(nn.Flatten(), nn.Linear(inputs * places, 512), nn.ReLU(), nn.Dropout(dropout)),
            *(nn.Linear(512, 512), nn.ReLU(), nn.Dropout(dropout), nn.Linear(512, people)),
        )

    def forward(self, crops: Tensor) -> Tensor:
        """Return logits ``(B, K)`` of uint8 crops ``(B, 3, 150, 150)``."""
        small = nn.functional.interpolate(
            normalise(crops), (_VGG_SIZE, _VGG_SIZE), mode="bilinear", antialias=True
        )
        logits: Tensor = self.classify(self.features(small))
        return logits


def _rates(model: nn.Module, rate: float) -> list[dict[str, Any]]:
    """Give a fresh layer on learnt ones a larger learning rate than these."""
    fresh = model.classify if isinstance(model, FineTuned) else nn.Module()
    names = {id(parameter) for parameter in fresh.parameters()}
    learnt = [p for p in model.parameters() if p.requires_grad and id(p) not in names]
    groups: list[dict[str, Any]] = [{"params": learnt, "lr": rate}]
    if names:
        groups.append({"params": list(fresh.parameters()), "lr": _FRESH_RATE * rate})
    return groups


def train_classifier(
    model: nn.Module, people: People, is_training: NDArray[np.bool_], settings: ClassifierSettings
) -> list[float]:
    """Train with Adam and a step schedule; return the mean loss of each epoch."""
    torch.manual_seed(settings.seed)
    vary = v2.Compose(
        [
            v2.RandomResizedCrop(SIZE, scale=(0.7, 1.0), ratio=(0.9, 1.1), antialias=True),
            v2.RandomHorizontalFlip(),
            v2.RandomPerspective(distortion_scale=0.2, p=0.5),
        ]
    )
    rows = np.flatnonzero(is_training)
    optimiser = torch.optim.Adam(_rates(model, settings.rate))
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, max(1, settings.epochs * 2 // 3))
    draw = np.random.default_rng(settings.seed)
    losses: list[float] = []
    for _ in range(settings.epochs):
        model.train()
        epoch: list[float] = []
        order = draw.permutation(rows)
        for start in range(0, len(order), settings.batch):
            chosen = order[start : start + settings.batch]
            if len(chosen) < 2:
                continue  # Batch normalisation cannot learn from one face.
            crops = torch.from_numpy(people.crops[chosen]).permute(0, 3, 1, 2)
            varied = torch.stack([vary(crop) for crop in crops])
            labels = torch.from_numpy(people.labels[chosen])
            loss = nn.functional.cross_entropy(model(varied), labels, label_smoothing=0.05)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            epoch.append(float(loss.detach()))
        schedule.step()
        losses.append(float(np.mean(epoch)))
        print(f"loss {losses[-1]:.3f}", flush=True)
    return losses


def classifier_accuracy(model: nn.Module, people: People, is_test: NDArray[np.bool_]) -> float:
    """Share of the test photos that get the right name."""
    model.eval()
    rows = np.flatnonzero(is_test)
    right = 0
    for start in range(0, len(rows), 32):
        chosen = rows[start : start + 32]
        crops = torch.from_numpy(people.crops[chosen]).permute(0, 3, 1, 2)
        with torch.inference_mode():
            named = model(crops).argmax(dim=1).numpy()
        right += int((named == people.labels[chosen]).sum())
    return right / len(rows)


def gallery_accuracy(
    embedder: NetworkEmbedder, people: People, is_training: NDArray[np.bool_]
) -> float:
    """Share of the test photos whose nearest person is right, the training photos enrolled."""
    embeddings = embedder.embed_crops(people.crops)
    gallery = Gallery(people.labels[is_training].tolist(), embeddings[is_training], -1.0)
    nearest = gallery.similarities(embeddings[~is_training]).argmax(axis=1)
    named = np.array(gallery.keys)[nearest]
    return float((named == people.labels[~is_training]).mean())


def load_people(data: Path, cache: Path) -> People:
    """Cut out the faces of the test people."""
    faces = find_labelled_faces(held_out_kpop(data), lambda: load_detector("mtcnn"), cache)
    crops = [
        align(read_photo(f.photo.path), f.face.landmarks, DLIB_150, SIZE, weights=DLIB_WEIGHTS)
        for f in faces
    ]
    names, labels = np.unique([face.photo.person for face in faces], return_inverse=True)
    return People(np.stack(crops), labels.astype(np.int64), tuple(names.tolist()))


def _fine_tuned(people: People, settings: ClassifierSettings) -> nn.Module:
    embedder = RAW_LOADERS[settings.embedder](None)
    return FineTuned(embedder.network, embedder.dimensions, len(people.names), settings.dropout)


MODELS: dict[str, Callable[[People, ClassifierSettings], nn.Module]] = {
    "fine-tuned": _fine_tuned,
    "vgg11": lambda people, settings: Vgg11(len(people.names), settings.dropout),
}


def compare(people: People, names: Sequence[str], settings: ClassifierSettings) -> dict[str, float]:
    """Train each named model on half of the photos; return accuracies on the other half."""
    is_training = split_half(people.labels, settings.seed)
    results = {"gallery": gallery_accuracy(load_finished(settings.embedder), people, is_training)}
    for name in names:
        began = time.monotonic()
        model = MODELS[name](people, settings)
        train_classifier(model, people, is_training, settings)
        results[name] = classifier_accuracy(model, people, ~is_training)
        print(f"{name}: {results[name]:.3f} after {time.monotonic() - began:.0f} s", flush=True)
    return results


def main() -> None:
    """Read the command line, train, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", choices=sorted(MODELS), action="append")
    parser.add_argument("--epochs", type=int, default=ClassifierSettings.epochs)
    parser.add_argument(
        "--embedder", choices=sorted(RAW_LOADERS), default=ClassifierSettings.embedder
    )
    parser.add_argument("--cache", type=Path, default=Path("var/cache/recognition"))
    parser.add_argument("--runs", type=Path, default=Path("var/runs"))
    arguments = parser.parse_args()
    settings = ClassifierSettings(epochs=arguments.epochs, embedder=arguments.embedder)
    try:
        people = load_people(arguments.data, arguments.cache)
        results = compare(people, arguments.model or sorted(MODELS), settings)
    except InferenceError as error:
        raise SystemExit(f"error: {error}") from error
    run = arguments.runs / f"{datetime.now(UTC):%Y-%m-%d}-recognition"
    run.mkdir(parents=True, exist_ok=True)
    (run / "metrics.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
