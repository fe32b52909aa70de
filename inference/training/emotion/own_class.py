"""``python -m inference.training.emotion --add-class NAME --images DIR --others DIR``.

Teaches a class of one's own (embarrassed, winking, …) from a folder of pictures: the shipped
network stays as it is, and one logistic regression reads its features. How well that works is
measured by cross-validation, each picture by a head that has not seen it.
"""

import argparse
import re
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from inference.datasets.pictures import main_face, read_pictures
from inference.detection import load_detector
from inference.emotion.classifier import EmotionClassifier
from inference.emotion.labels import LABELS
from inference.emotion.own_class import OwnClass, shipped_features
from inference.errors import DatasetError, InferenceError

FOLDS = 5
LEAST_PICTURES = 2 * FOLDS
"""Of each kind; with fewer the parts of the cross-validation tell nothing."""

STRENGTH = 0.001
"""Inverse of the regularisation: there are more features than pictures. From 0.0003 to 0.1 the best
with 12 to 25 pictures, and hardly worse than 0.01 with 100; see the model card."""


def teach(name: str, shown: NDArray[np.float32], others: NDArray[np.float32]) -> OwnClass:
    """Fit a head that tells ``(N, 256)`` features of the new class from ``(M, 256)`` of others.

    Raises:
        DatasetError: There are too few pictures of one kind.
    """
    for kind, rows in (("the new class", shown), ("other expressions", others)):
        if len(rows) < LEAST_PICTURES:
            raise DatasetError(f"{len(rows)} pictures of {kind}; at least {LEAST_PICTURES} needed")
    features = np.concatenate([shown, others])
    truth = np.repeat([1, 0], [len(shown), len(others)])
    head = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
    model = make_pipeline(StandardScaler(), head)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    held_out = cross_val_predict(model, features, truth, cv=folds, method="predict_proba")[:, 1]
    scaler = model.fit(features, truth)[0]
    weight = (head.coef_[0] / scaler.scale_).astype(np.float32)
    bias = float(head.intercept_[0] - scaler.mean_ @ (head.coef_[0] / scaler.scale_))
    return OwnClass(name, weight, bias, shipped_features(), _scores(truth, held_out))


def _scores(truth: NDArray[np.int64], held_out: NDArray[np.float64]) -> dict[str, float]:
    said = held_out >= 0.5
    recall, false_alarms = said[truth == 1].mean(), said[truth == 0].mean()
    return {
        "pictures": float((truth == 1).sum()),
        "others": float((truth == 0).sum()),
        "recall": float(recall),
        "false_alarms": float(false_alarms),
        "balanced_accuracy": float((recall + 1 - false_alarms) / 2),
        "area_under_curve": float(roc_auc_score(truth, held_out)),
    }


def features_of(directory: Path, classifier: EmotionClassifier) -> NDArray[np.float32]:
    """Return ``(N, 256)``: the main face of every picture under a folder.

    Raises:
        DatasetError: There is no such folder, or no readable picture in it.
    """
    detector = load_detector("mtcnn")
    crops = [main_face(image, detector)[0] for _, image in read_pictures(directory)]
    return classifier.features(crops)


def main(argv: list[str] | None = None) -> None:
    """Read the command line, teach, print how well it works and keep the head."""
    parser = argparse.ArgumentParser(description="Teach the emotion network a class of your own.")
    parser.add_argument("--add-class", required=True, metavar="NAME", type=_new_name)
    parser.add_argument("--images", required=True, type=Path, help="pictures of the new class")
    parser.add_argument("--others", required=True, type=Path, help="pictures of other expressions")
    parser.add_argument("--out", type=Path, default=Path("var/emotions"), help="where it is kept")
    arguments = parser.parse_args(argv)
    try:
        classifier = EmotionClassifier.load()
        shown, others = (
            features_of(folder, classifier) for folder in (arguments.images, arguments.others)
        )
        own = teach(arguments.add_class, shown, others)
    except InferenceError as error:
        sys.exit(str(error))
    path = arguments.out / f"{own.name}.safetensors"
    own.save(path)
    print("".join(f"{key}: {value:.4g}\n" for key, value in own.scores.items()) + f"kept: {path}")


def _new_name(text: str) -> str:
    if not re.fullmatch(r"[\w-]{1,40}", text):
        raise argparse.ArgumentTypeError("letters, digits, - and _ only, at most 40")
    if text in LABELS:
        raise argparse.ArgumentTypeError(f"{text} is a class of the shipped network")
    return text
