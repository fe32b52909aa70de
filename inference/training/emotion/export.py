"""Calibrate a trained emotion network and make it the shipped one.

``python -m inference.training.emotion.export --run DIR --data DIR`` fits temperatures, the share of
the FERPlus head, what frequent labels lose, and the abstain threshold on PublicTest, writes
``inference/weights/emotion-residual.safetensors`` in fp16, and prints the table for
``inference/weights.toml``. Two networks ship: ``--pair-with FILE`` names the one that sees the face
as it is, as the first of those that ship, and the run sees it mirrored; without it the run does
both. ``--mean-with FILE`` ships the mean of the run and of the weights it began with; ``--weights
FILE`` in place of ``--run`` calibrates weights anew that ship already.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from scipy.optimize import minimize_scalar
from torch import Tensor

from inference.datasets.fer2013plus import (
    EmotionSplit,
    find_folder,
    load_split,
    majority_class,
    majority_label,
    vote_distribution,
)
from inference.emotion.architectures import (
    EmotionLogits,
    build_pair,
    member_states,
    pair_state,
)
from inference.emotion.calibration import PREFIX, Calibration, Probabilities, softmax
from inference.emotion.classifier import WEIGHTS_NAME, EmotionClassifier
from inference.emotion.labels import LABELS, PLUS_TO_LABEL
from inference.errors import InferenceError
from inference.measures.classification import (
    expected_calibration_error,
    mean_recall,
    trusted_from,
)
from inference.training import runs
from inference.training.averaging import mean_state
from inference.weights import TRAINED_DIRECTORY, sha256_of

RIGHT_ENOUGH = 0.5
"""A label is named from the probability on at which it is more often right than wrong."""

SHARES = np.linspace(0, 1, 11)
CORRECTIONS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How much of the training labels' frequencies the product may forget, for either head."""

MAX_CALIBRATION_ERROR = 0.035
"""A mix with which the product promises more or less than it keeps is out."""


@dataclass(frozen=True, slots=True)
class LogShares:
    """How frequent the seven labels were in training, as logarithms of their shares.

    Attributes:
        fer: ``(7,)`` by FER2013's labels.
        plus: ``(7,)`` by the votes of FERPlus.
    """

    fer: NDArray[np.float32]
    plus: NDArray[np.float32]

    @classmethod
    def of(cls, training: EmotionSplit) -> "LogShares":
        """Count a training split; a label that never occurs counts as one face."""
        fer = np.bincount(training.fer, minlength=len(LABELS)).astype(np.float32)
        distribution, weight = vote_distribution(training.votes)
        plus = (distribution * weight[:, None]).sum(0)[list(PLUS_TO_LABEL)]
        return cls(*(np.log(np.maximum(each, 1) / each.sum()) for each in (fer, plus)))

    def corrected(self, start: Calibration, fer: float, plus: float) -> Calibration:
        """Return a calibration that forgets this part of either head's frequencies."""
        return replace(
            start,
            fer_offsets=tuple(float(x) for x in self.fer * fer),
            plus_offsets=tuple(float(x) for x in self.plus * plus),
        )


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


def fit_calibration(
    logits: EmotionLogits, split: EmotionSplit, log_shares: LogShares
) -> Calibration:
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
    start = best_mix(start, logits, split, log_shares)
    return replace(start, abstain_below=abstain_threshold(start.product(logits), split))


def best_mix(
    start: Calibration, logits: EmotionLogits, split: EmotionSplit, log_shares: LogShares
) -> Calibration:
    """Choose the mix of both heads that serves both labelings and all labels and stays honest."""
    mixes = [
        with_share(log_shares.corrected(start, fer, plus), float(share), logits, split)
        for fer, plus in product(CORRECTIONS, repeat=2)
        for share in SHARES
    ]
    errors = [expected_calibration_error(mix.product(logits), split.fer) for mix in mixes]
    allowed = max(MAX_CALIBRATION_ERROR, min(errors))
    scores = [
        sum(product_scores(mix, logits, split)) if error <= allowed else 0.0
        for mix, error in zip(mixes, errors, strict=True)
    ]
    return mixes[int(np.argmax(scores))]


def abstain_threshold(probabilities: Probabilities, split: EmotionSplit) -> float:
    """Find the probability from which on a label is more often right than wrong.

    Every label of FER2013 counts alike, however many faces it has. Right is what either labeling
    says: the two agree on 62 % of the faces, so what one of them says is no mistake.
    """
    named = probabilities.argmax(1)
    by_plus = np.array(PLUS_TO_LABEL)[named] == majority_class(split.votes)
    right = (named == split.fer) | by_plus
    weights = 1 / np.maximum(np.bincount(split.fer, minlength=len(LABELS)), 1)[split.fer]
    return trusted_from(probabilities.max(1), right, weights, RIGHT_ENOUGH)


def with_share(
    start: Calibration, share: float, logits: EmotionLogits, split: EmotionSplit
) -> Calibration:
    """Mix the heads by a share, and fit the temperature of the mix."""
    mix = replace(start, plus_share=share, product_temperature=1.0)
    log_shares = torch.from_numpy(np.log(mix.product(logits)))
    one_hot = np.eye(logits.fer.shape[1], dtype=np.float32)[split.fer]
    temperature = fit_temperature(lambda t: likelihood(softmax(log_shares, t), one_hot))
    return replace(mix, product_temperature=temperature)


def product_scores(
    calibration: Calibration, logits: EmotionLogits, split: EmotionSplit
) -> tuple[float, ...]:
    """Measure the product's seven labels by FER2013's and by FERPlus's majority.

    Returns:
        Accuracy and mean recall over the labels, first by FER2013, then by FERPlus.
    """
    named = calibration.product(logits).argmax(1)
    truth = majority_label(split.votes)
    known = truth >= 0
    return (
        float((named == split.fer).mean()),
        mean_recall(named, split.fer, len(LABELS)),
        float((named == truth)[known].mean()) if known.any() else 0.0,
        mean_recall(named[known], truth[known], len(LABELS)),
    )


def all_logits(classifier: EmotionClassifier, images: NDArray[np.uint8]) -> EmotionLogits:
    """Run a classifier's network over many grey faces."""
    parts = [classifier.logits(list(images[i : i + 256])) for i in range(0, len(images), 256)]
    return EmotionLogits(torch.cat([p.fer for p in parts]), torch.cat([p.plus for p in parts]))


def network_state(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a network or a pair, without the calibration that may lie beside them."""
    state = runs.load_weights_file(path)
    return {name: tensor for name, tensor in state.items() if not name.startswith(PREFIX)}


def pair_that_ships(
    weights: Path, pair_with: Path | None = None, mean_with: Path | None = None
) -> dict[str, Tensor]:
    """Lay out the tensors of both networks.

    Args:
        weights: Of a run, which then is both, or a file that ships already.
        pair_with: Whose first network sees the face as it is, in place of the run's.
        mean_with: Weights to meet half-way.
    """
    first, second = member_states(network_state(weights))
    if mean_with is not None:
        others = member_states(network_state(mean_with))
        first, second = mean_state(first, others[0]), mean_state(second, others[1])
    if pair_with is not None:
        first, _ = member_states(network_state(pair_with))
    return pair_state(first, second)


def export(state: dict[str, Tensor], data: Path, target: Path) -> Calibration:
    """Calibrate a pair of networks and write the file that ships.

    Args:
        state: Tensors of an ``EmotionPair``.
        data: Folder of FER2013plus.
        target: Where to.
    """
    network = build_pair()
    network.load_state_dict(state)
    split, training = (load_split(find_folder(data), name) for name in ("PublicTest", "Training"))
    logits = all_logits(EmotionClassifier(network, Calibration(), WEIGHTS_NAME), split.images)
    calibration = fit_calibration(logits, split, LogShares.of(training))
    target.parent.mkdir(parents=True, exist_ok=True)
    runs.save_weights(target, state)
    save_file({**load_file(target), **calibration.tensors()}, target)
    target.chmod(0o644)
    return calibration


def main(argv: list[str] | None = None) -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description="Calibrate and ship a trained emotion network.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--run", type=Path, help="folder of the training run")
    source.add_argument("--weights", type=Path, help="a weights file instead of a run")
    parser.add_argument("--data", type=Path, required=True, help="folder of FER2013plus")
    default = TRAINED_DIRECTORY / f"{WEIGHTS_NAME}.safetensors"
    parser.add_argument("--target", type=Path, default=default)
    parser.add_argument("--pair-with", type=Path, help="weights that see the face as it is")
    parser.add_argument("--mean-with", type=Path, help="weights to meet half-way, as those shipped")
    arguments = parser.parse_args(argv)
    try:
        weights = arguments.weights or arguments.run / runs.WEIGHTS
        state = pair_that_ships(weights, arguments.pair_with, arguments.mean_with)
        calibration = export(state, arguments.data, arguments.target)
    except InferenceError as error:
        sys.exit(str(error))
    print(calibration)
    print(f'sha256 = "{sha256_of(arguments.target)}"')
    print(f"bytes = {arguments.target.stat().st_size}")


if __name__ == "__main__":
    main()
