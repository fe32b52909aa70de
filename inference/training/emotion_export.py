"""Calibrate a trained emotion network and make it the shipped one.

``python -m inference.training.emotion_export --run DIR --data DIR`` fits temperatures, the share of
the FERPlus head and the abstain threshold on PublicTest, writes ``inference/weights/
emotion-residual.safetensors`` in fp16, and prints the table for ``inference/weights.toml``.
``--mean-with FILE`` ships the mean of the run and of the weights it began with.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from scipy.optimize import minimize_scalar

from inference.datasets.fer2013plus import (
    EmotionSplit,
    find_folder,
    load_split,
    majority_class,
)
from inference.emotion.architectures import DEFAULT, EmotionLogits, build
from inference.emotion.calibration import Calibration, Probabilities
from inference.emotion.classifier import WEIGHTS_NAME, EmotionClassifier
from inference.emotion.labels import PLUS_TO_LABEL
from inference.errors import InferenceError
from inference.evaluation.expressions.classification import (
    expected_calibration_error,
    risk_coverage,
)
from inference.training import runs
from inference.training.averaging import mean_state
from inference.weights import TRAINED_DIRECTORY, sha256_of

WANTED_RISK = 0.25
"""Of the faces that get a label, at most this share may differ from FER2013's label."""

SHARES = np.linspace(0, 1, 21)

MAX_CALIBRATION_ERROR = 0.04
"""A share of the FERPlus head with which the product promises more or less than it keeps is out."""


def fit_temperature(
    negative_log_likelihood: Callable[[float], float], low: float = 0.2, high: float = 5.0
) -> float:
    """Find the temperature of least negative log-likelihood."""
    bounds = (np.log(low), np.log(high))
    found = minimize_scalar(
        lambda x: negative_log_likelihood(float(np.exp(x))), bounds=bounds, method="bounded"
    )
    return float(np.exp(found.x))


def likelihood(probabilities: Probabilities, target: NDArray[np.float32]) -> float:
    """Return the mean negative log-likelihood of target distributions."""
    return float(-(target * np.log(probabilities + 1e-9)).sum(1).mean())


def fit_calibration(logits: EmotionLogits, split: EmotionSplit) -> Calibration:
    """Fit every number of a calibration on one split that was not trained on."""
    majority = majority_class(split.votes)
    clear = majority >= 0
    one_hot = np.eye(logits.fer.shape[1], dtype=np.float32)[split.fer]
    plus_one_hot = np.eye(logits.plus.shape[1], dtype=np.float32)[majority[clear]]
    start = Calibration()

    def fer_loss(temperature: float) -> float:
        return likelihood(replace(start, fer_temperature=temperature).fer(logits), one_hot)

    def plus_loss(temperature: float) -> float:
        plus = replace(start, plus_temperature=temperature).plus(logits)
        return likelihood(plus[clear], plus_one_hot)

    start = replace(
        start,
        fer_temperature=fit_temperature(fer_loss),
        plus_temperature=fit_temperature(plus_loss),
    )
    start = best_mix(start, logits, split)
    curve = risk_coverage(start.product(logits), split.fer)
    return replace(start, abstain_below=curve.threshold_for(WANTED_RISK))


def best_mix(start: Calibration, logits: EmotionLogits, split: EmotionSplit) -> Calibration:
    """Choose the share of the FERPlus head that serves both labelings best and stays honest."""
    mixes = [with_share(start, float(share), logits, split) for share in SHARES]
    errors = [expected_calibration_error(mix.product(logits), split.fer) for mix in mixes]
    allowed = max(MAX_CALIBRATION_ERROR, min(errors))
    scores = [
        sum(product_accuracies(mix, logits, split)) if error <= allowed else 0.0
        for mix, error in zip(mixes, errors, strict=True)
    ]
    return mixes[int(np.argmax(scores))]


def with_share(
    start: Calibration, share: float, logits: EmotionLogits, split: EmotionSplit
) -> Calibration:
    """Mix the heads by a share, and fit the temperature of the mix."""
    mix = replace(start, plus_share=share)
    one_hot = np.eye(logits.fer.shape[1], dtype=np.float32)[split.fer]

    def loss(temperature: float) -> float:
        return likelihood(replace(mix, product_temperature=temperature).product(logits), one_hot)

    return replace(mix, product_temperature=fit_temperature(loss))


def product_accuracies(
    calibration: Calibration, logits: EmotionLogits, split: EmotionSplit
) -> tuple[float, float]:
    """Measure the product's seven classes by FER2013's labels and by FERPlus's majority."""
    named = calibration.product(logits).argmax(1)
    majority = majority_class(split.votes)
    among_seven = np.isin(majority, PLUS_TO_LABEL)
    by_plus = np.array(PLUS_TO_LABEL)[named] == majority
    return float((named == split.fer).mean()), float(by_plus[among_seven].mean())


def all_logits(classifier: EmotionClassifier, images: NDArray[np.uint8]) -> EmotionLogits:
    """Run a classifier's network over many grey faces."""
    parts = [classifier.logits(list(images[i : i + 256])) for i in range(0, len(images), 256)]
    return EmotionLogits(torch.cat([p.fer for p in parts]), torch.cat([p.plus for p in parts]))


def export(run: Path, data: Path, target: Path, mean_with: Path | None = None) -> Calibration:
    """Calibrate the network of a run and write the file that ships."""
    state = runs.load_weights(run)
    if mean_with is not None:
        state = mean_state(state, runs.load_weights_file(mean_with))
    network = build(DEFAULT)
    network.load_state_dict(state)
    split = load_split(find_folder(data), "PublicTest")
    logits = all_logits(EmotionClassifier(network, Calibration(), WEIGHTS_NAME), split.images)
    calibration = fit_calibration(logits, split)
    target.parent.mkdir(parents=True, exist_ok=True)
    runs.save_weights(target, state)
    save_file({**load_file(target), **calibration.tensors()}, target)
    target.chmod(0o644)
    return calibration


def main(argv: list[str] | None = None) -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description="Calibrate and ship a trained emotion network.")
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--data", type=Path, required=True, help="folder of FER2013plus")
    default = TRAINED_DIRECTORY / f"{WEIGHTS_NAME}.safetensors"
    parser.add_argument("--target", type=Path, default=default)
    parser.add_argument("--mean-with", type=Path, help="weights to meet half-way, as those shipped")
    arguments = parser.parse_args(argv)
    try:
        calibration = export(arguments.run, arguments.data, arguments.target, arguments.mean_with)
    except InferenceError as error:
        sys.exit(str(error))
    print(calibration)
    print(f'sha256 = "{sha256_of(arguments.target)}"')
    print(f"bytes = {arguments.target.stat().st_size}")


if __name__ == "__main__":
    main()
