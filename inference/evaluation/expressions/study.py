"""The comparison study: every architecture by the same recipe, side by side.

``python -m inference.evaluation.expressions.study --data DIR`` trains one network after the other,
the cheapest first, passes over those that a former call has finished, and writes one table, the
learning curves and the filters of the first layers into the evaluation report.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.datasets.fer2013plus import (
    EmotionSplit,
    find_folder,
    load_split,
    majority_class,
)
from inference.detection import load_detector
from inference.emotion.architectures import ARCHITECTURES, EmotionNetwork, build, parameter_count
from inference.emotion.architectures.convolutional import first_filters
from inference.errors import InferenceError
from inference.evaluation.expressions.charts import draw_curves, draw_filters
from inference.evaluation.expressions.hard_faces import hard_faces
from inference.evaluation.report import Section, chart_path, save, table
from inference.training import runs
from inference.training.emotion.recipe import Recipe
from inference.training.emotion.training import accuracies, train

STUDY_DIRECTORY = runs.RUNS_DIRECTORY / "emotion-study"
BUDGET = Recipe(epochs=12, learning_rate=0.03)
"""The recipe of all; a third of the usual learning rate, because half of them have no norms."""

HARD_FACES = "hard_faces.json"


def train_all(names: list[str], data: Path, root: Path, recipe: Recipe) -> None:
    """Train the named architectures, going on with what a former call left unfinished."""
    for name in names:
        directory = root / name
        if (directory / "metrics.json").is_file():
            print(f"{name}: done before", flush=True)
            continue
        resume = (directory / runs.CHECKPOINT).is_file()
        train(replace(recipe, architecture=name), data, directory, resume=resume)


def cheapest_first() -> list[str]:
    """Return all architectures by their time for one small batch."""
    images = torch.rand(8, 1, 48, 48)
    return sorted(ARCHITECTURES, key=lambda name: milliseconds(build(name), images))


@torch.inference_mode()
def milliseconds(network: EmotionNetwork, images: torch.Tensor, rounds: int = 5) -> float:
    """Time a network per face; the best of some rounds after one to warm up."""
    network.eval()
    network(images)
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        network(images)
        times.append(time.perf_counter() - started)
    return min(times) * 1000 / len(images)


def load_trained(name: str, root: Path) -> EmotionNetwork:
    """Load the averaged weights of a finished run."""
    network = build(name)
    network.load_state_dict(runs.load_weights(root / name))
    return network.eval()


def find_hard_faces(split: EmotionSplit, root: Path) -> NDArray[np.bool_]:
    """Find the turned and covered faces of a split once, and remember them beside the runs."""
    path = root / HARD_FACES
    if path.is_file():
        rows = json.loads(path.read_text(encoding="utf-8"))
    else:
        rows = np.flatnonzero(hard_faces(split.images, load_detector("mtcnn"))).tolist()
        runs.write_json(path, rows)
    return np.isin(np.arange(len(split)), rows)


def compare(root: Path, data: Path, recipe: Recipe) -> Section:
    """Put the finished runs side by side."""
    split = load_split(find_folder(data), "PrivateTest")
    hard = split.take(find_hard_faces(split, root))
    images = torch.rand(8, 1, 48, 48)
    figures: dict[str, dict[str, Any]] = {}
    histories, filters = {}, {}
    for name in ARCHITECTURES:
        if not (root / name / "metrics.json").is_file():
            continue
        run = json.loads((root / name / "metrics.json").read_text(encoding="utf-8"))
        network = load_trained(name, root)
        figures[name] = {
            "parameters": parameter_count(network),
            "milliseconds_per_face": milliseconds(network, images),
            "fer2013": run["private_test"]["fer"],
            "ferplus": run["private_test"]["plus"],
            "ferplus_hard": accuracies(network, hard, recipe)["plus"],
            "seconds": run["seconds"],
        }
        histories[name] = run["history"]
        if not name.startswith("dense"):
            filters[name] = first_filters(network).numpy()
    for measure, title in (("fer", "fer2013"), ("plus", "ferplus")):
        draw_curves(chart_path(f"emotion-study-{title}"), histories, measure)
    if filters:
        draw_filters(chart_path("emotion-study-filters", ".png"), filters)
    counted = int((majority_class(hard.votes) >= 0).sum())
    return Section(
        name="emotion_study",
        title="Emotion: comparison study",
        metrics={"epochs": recipe.epochs, "hard_faces": counted, "networks": figures},
        markdown=_markdown(figures, counted, recipe),
    )


def _markdown(figures: dict[str, dict[str, Any]], hard: int, recipe: Recipe) -> str:
    """Lay the study out: best network last."""
    keys = ("parameters", "milliseconds_per_face", "fer2013", "ferplus", "ferplus_hard")
    header = ("network", "parameters", "ms per face", "FER2013", "FERPlus", "FERPlus hard")
    ranked = sorted(figures.items(), key=lambda item: float(item[1]["fer2013"]))
    return (
        f"Every network by the same script and recipe: {recipe.epochs} epochs, learning rate "
        f"{recipe.learning_rate:g}, the augmentation of the shipped network. Accuracy on "
        f"PrivateTest; hard are its {hard} faces with a FERPlus majority that are turned away or "
        "not found by MTCNN. Time at batch 8 in float32.\n\n"
        + table(header, [(name, *(scores[key] for key in keys)) for name, scores in ranked])
        + "![FER2013 while training](img/evaluation/emotion-study-fer2013.svg)\n"
        "![FERPlus while training](img/evaluation/emotion-study-ferplus.svg)\n"
        "![First layers](img/evaluation/emotion-study-filters.png)\n"
    )


def main(argv: list[str] | None = None) -> None:
    """Read the command line, train what is missing, and compare."""
    parser = argparse.ArgumentParser(description="Compare all emotion architectures.")
    parser.add_argument("--data", type=Path, required=True, help="folder of FER2013plus")
    parser.add_argument("--runs", type=Path, default=STUDY_DIRECTORY, help="where the runs lie")
    parser.add_argument("--only", nargs="+", choices=sorted(ARCHITECTURES), metavar="NAME")
    parser.add_argument("--epochs", type=int, default=BUDGET.epochs)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args(argv)
    torch.set_num_threads(arguments.threads)
    recipe = replace(BUDGET, epochs=arguments.epochs)
    try:
        load_split(find_folder(arguments.data), "PrivateTest")
        arguments.runs.mkdir(parents=True, exist_ok=True)
        train_all(arguments.only or cheapest_first(), arguments.data, arguments.runs, recipe)
        section = compare(arguments.runs, arguments.data, recipe)
    except InferenceError as error:
        sys.exit(str(error))
    save(section)
    print(section.markdown)


if __name__ == "__main__":
    main()
