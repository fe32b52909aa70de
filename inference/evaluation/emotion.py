"""Measures the shipped emotion network: ``python -m inference.evaluation.emotion --data DIR``.

All figures are single crop without test-time augmentation, on the full official splits and again
without the faces that also occur in Training. ``--images DIR`` examines any folder of faces
instead; its sub-folders count as labels where their names are labels.
"""

import argparse
import sys
import time
from dataclasses import dataclass
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
    majority_label,
    plurality_class,
    repeated_in,
)
from inference.emotion.architectures import EmotionLogits, build_pair, parameter_count
from inference.emotion.calibration import Calibration
from inference.emotion.classifier import EmotionClassifier
from inference.emotion.labels import FERPLUS_LABELS, LABELS
from inference.errors import InferenceError
from inference.evaluation.expressions.charts import draw_confusion, draw_risk_coverage
from inference.evaluation.expressions.images import describe_folder
from inference.evaluation.report import Section, chart_path, save, table
from inference.measures.classification import (
    RiskCoverage,
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    recalls,
    risk_coverage,
)

REFERENCES = (("mini-XCEPTION", 0.658), ("face-api.js", 0.585))
"""FER2013 PrivateTest accuracy of two widely used networks, measured on the same pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A split and what the network says about it.

    Attributes:
        split: Faces with both labelings.
        logits: Of every face.
        fresh: ``(N,)`` bool, false where the face also occurs in Training.
    """

    split: EmotionSplit
    logits: EmotionLogits
    fresh: NDArray[np.bool_]


def measure_split(
    classifier: EmotionClassifier, split: EmotionSplit, training: EmotionSplit
) -> Measured:
    """Run the network over a split."""
    parts = [
        classifier.logits(list(split.images[start : start + 128]))
        for start in range(0, len(split), 128)
    ]
    logits = EmotionLogits(torch.cat([p.fer for p in parts]), torch.cat([p.plus for p in parts]))
    return Measured(split, logits, ~repeated_in(split.images, training.images))


def class_scores(
    probabilities: NDArray[np.float32], truth: NDArray[np.int64], labels: tuple[str, ...]
) -> dict[str, Any]:
    """Score probabilities against class indices; rows with truth -1 are left out."""
    known = truth >= 0
    named = probabilities[known].argmax(1)
    matrix = confusion_matrix(truth[known], named, len(labels))
    return {
        "faces": int(known.sum()),
        "accuracy": float((named == truth[known]).mean()),
        "macro_f1": macro_f1(matrix),
        "balanced_accuracy": float(recalls(matrix)[matrix.sum(1) > 0].mean()),
        "recall": dict(zip(labels, map(float, recalls(matrix)), strict=True)),
        "ece": expected_calibration_error(probabilities[known], truth[known]),
        "confusion": matrix.tolist(),
    }


def score_fer(
    probabilities: NDArray[np.float32], before: NDArray[np.float32], measured: Measured
) -> dict[str, Any]:
    """Score seven classes by FER2013's labels.

    Args:
        probabilities: ``(N, 7)``, calibrated.
        before: The same before calibration.
        measured: The split that they belong to.
    """
    truth = measured.split.fer
    right = probabilities.argmax(1) == truth
    return {
        **class_scores(probabilities, truth, LABELS),
        "accuracy_without_repeated": float(right[measured.fresh].mean()),
        "repeated": int((~measured.fresh).sum()),
        "ece_before": expected_calibration_error(before, truth),
    }


def score_heads(measured: Measured, calibration: Calibration) -> tuple[dict[str, Any], ...]:
    """Score a split three ways: the FER2013 head, the product's mixture, the FERPlus head."""
    logits, raw = measured.logits, Calibration(plus_share=calibration.plus_share)
    head = score_fer(calibration.fer(logits), raw.fer(logits), measured)
    product = score_fer(calibration.product(logits), raw.product(logits), measured)
    by_plus = class_scores(
        calibration.product(logits), majority_label(measured.split.votes), LABELS
    )
    product["ferplus_accuracy"] = by_plus["accuracy"]
    product["ferplus_balanced_accuracy"] = by_plus["balanced_accuracy"]
    product["ferplus_recall"] = by_plus["recall"]
    return head, product, score_plus(measured, calibration)


def score_plus(measured: Measured, calibration: Calibration) -> dict[str, Any]:
    """Score the eight classes of the FERPlus head by the majority of the votes."""
    plus, truth = calibration.plus(measured.logits), majority_class(measured.split.votes)
    plurality = plurality_class(measured.split.votes)
    clear, some = truth >= 0, plurality >= 0
    fresh = clear & measured.fresh
    named = plus.argmax(1)
    before = Calibration().plus(measured.logits)
    return {
        **class_scores(plus, truth, FERPLUS_LABELS),
        "accuracy_without_repeated": float((named == truth)[fresh].mean()),
        "plurality_accuracy": float((named == plurality)[some].mean()),
        "plurality_faces": int(some.sum()),
        "ece_before": expected_calibration_error(before[clear], truth[clear]),
    }


def milliseconds_per_face(classifier: EmotionClassifier, batch: int, rounds: int = 30) -> float:
    """Time crops to predictions; the best of several rounds, as other work can only add."""
    crops = [np.full((48, 48), 90 + i, np.uint8) for i in range(batch)]
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        classifier.classify_crops(crops)
        times.append((time.perf_counter() - started) * 1000 / batch)
    return min(times)


def evaluate(classifier: EmotionClassifier, data: Path) -> Section:
    """Measure everything and draw the charts."""
    folder, calibration = find_folder(data), classifier.calibration
    training = load_split(folder, "Training")
    public, private = (
        measure_split(classifier, load_split(folder, name), training)
        for name in ("PublicTest", "PrivateTest")
    )
    curve = risk_coverage(calibration.product(private.logits), private.split.fer)
    coverage, risk = curve.at(calibration.abstain_below)
    head, product, plus = score_heads(private, calibration)
    public_head, public_product, public_plus = score_heads(public, calibration)
    metrics = {
        "model": classifier.name,
        "parameters": parameter_count(build_pair()),
        "fer2013_private_test": head,
        "fer2013_public_test": public_head,
        "product_private_test": product,
        "product_public_test": public_product,
        "ferplus_test": plus,
        "ferplus_public_test": public_plus,
        "ece": product["ece"],
        "abstain": {
            "threshold": calibration.abstain_below,
            "coverage": coverage,
            "risk": risk,
            "area_under_risk_coverage": curve.area,
        },
        "milliseconds_per_face": {
            "batch_1": milliseconds_per_face(classifier, 1),
            "batch_8": milliseconds_per_face(classifier, 8),
        },
    }
    charts = (("fer2013", product, LABELS), ("ferplus", plus, FERPLUS_LABELS))
    for name, scores, labels in charts:
        path = chart_path(f"emotion-confusion-{name}")
        draw_confusion(path, np.array(scores["confusion"]), labels, f"{name}, % of each label")
    draw_risk_coverage(chart_path("emotion-risk-coverage"), curve, calibration.abstain_below)
    return Section(
        name="emotion",
        title="Emotion",
        metrics=metrics,
        markdown=_markdown(metrics, curve, calibration),
    )


SPLITS = {
    "FER2013 PrivateTest, its head": "fer2013_private_test",
    "FER2013 PrivateTest, product": "product_private_test",
    "FERPlus test, its head": "ferplus_test",
    "FER2013 PublicTest, its head": "fer2013_public_test",
    "FER2013 PublicTest, product": "product_public_test",
    "FERPlus validation, its head": "ferplus_public_test",
}
COLUMNS = {
    "faces": "faces",
    "accuracy": "accuracy",
    "without repeated": "accuracy_without_repeated",
    "macro recall": "balanced_accuracy",
    "macro-F1": "macro_f1",
    "ECE before": "ece_before",
    "ECE": "ece",
}


def _scores(metrics: dict[str, Any]) -> str:
    """Lay out what each head and the product scored on each split."""
    rows = [
        (name, *(metrics[split][key] for key in COLUMNS.values())) for name, split in SPLITS.items()
    ]
    return table(("split", *COLUMNS), rows)


def _recalls(metrics: dict[str, Any]) -> str:
    """Lay out how much of each label is found."""
    plus, product = metrics["ferplus_test"], metrics["product_private_test"]
    rows = [
        (
            label,
            product["recall"].get(label, "-"),
            product["ferplus_recall"].get(label, "-"),
            plus["recall"][label],
        )
        for label in FERPLUS_LABELS
    ]
    return table(("label", "FER2013, product", "FERPlus, product", "FERPlus, its head"), rows)


def _markdown(metrics: dict[str, Any], curve: RiskCoverage, calibration: Calibration) -> str:
    """Lay the figures out in tables."""
    plus, product = metrics["ferplus_test"], metrics["product_private_test"]
    times = metrics["milliseconds_per_face"]
    thresholds = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, calibration.abstain_below)
    return (
        f"`{metrics['model']}`, {metrics['parameters']:,} parameters, two networks of which the "
        "second sees the mirror image. Each head is scored by the labeling that it learnt, "
        "FERPlus by majority; the product's seven "
        f"probabilities mix both heads ({calibration.plus_share:.2f} FERPlus). PublicTest chose "
        f"the calibration. {product['repeated']} faces of PrivateTest also occur in Training.\n\n"
        + _scores(metrics)
        + f"The product names {product['ferplus_accuracy']:.4f} of the FERPlus majorities among "
        f"its seven labels, macro recall {product['ferplus_balanced_accuracy']:.4f}. "
        f"FERPlus by plurality ({plus['plurality_faces']} faces): "
        f"{plus['plurality_accuracy']:.4f}. Others on the same PrivateTest: "
        + ", ".join(f"{name} {accuracy:.3f}" for name, accuracy in REFERENCES)
        + f".\n\nTime per face: {times['batch_1']:.2f} ms alone, {times['batch_8']:.2f} ms in a "
        f"batch of 8 ({torch.get_num_threads()} threads).\n\n### Recall\n\n"
        + _recalls(metrics)
        + "![FER2013](img/evaluation/emotion-confusion-fer2013.svg)\n"
        "![FERPlus](img/evaluation/emotion-confusion-ferplus.svg)\n\n### Abstaining\n\n"
        "Of the product's labels on PrivateTest. The last row is the shipped threshold; the area "
        f"under the curve is {curve.area:.4f}.\n\n"
        + table(("threshold", "coverage", "risk"), [(t, *curve.at(t)) for t in thresholds])
        + "![Risk against coverage](img/evaluation/emotion-risk-coverage.svg)\n"
    )


def main(argv: list[str] | None = None) -> None:
    """Read the command line, measure, print and keep the section."""
    parser = argparse.ArgumentParser(description="Measure the emotion network.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="data folder, or that of FER2013plus itself")
    source.add_argument("--images", type=Path, help="any folder of faces; sub-folders as labels")
    parser.add_argument("--class", dest="own_class", type=Path, help="a class that you have taught")
    arguments = parser.parse_args(argv)
    try:
        classifier = EmotionClassifier.load()
        if arguments.images is not None:
            print(describe_folder(classifier, arguments.images, arguments.own_class))
            return
        section = evaluate(classifier, arguments.data)
    except InferenceError as error:
        sys.exit(str(error))
    save(section)
    print(section.markdown)


if __name__ == "__main__":
    main()
