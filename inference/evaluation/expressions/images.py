"""Examines a folder of faces: what the network sees in generated faces or in one's own photos."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.datasets.pictures import main_face, read_pictures
from inference.detection import FaceDetector, load_detector
from inference.emotion.classifier import EmotionClassifier
from inference.emotion.labels import LABELS
from inference.emotion.own_class import OwnClass
from inference.evaluation.report import table
from inference.measures.classification import confusion_matrix, macro_f1, recalls
from inference.types import EmotionPrediction

SYNONYMS = {
    **{label: label for label in LABELS},
    **{"angry": "anger", "disgusted": "disgust", "fearful": "fear", "afraid": "fear"},
    **{"happiness": "happy", "sadness": "sad", "surprise": "surprised"},
}
"""Folder names that stand for a label, in lower case."""


@dataclass(frozen=True, slots=True, eq=False)
class ExaminedFace:
    """One picture's main face.

    Attributes:
        path: The picture.
        truth: The label of its folder, or ``None`` where the folder's name is no label.
        prediction: What the network says.
        aligned: False where no face was found and the whole picture was taken for one.
        crop: ``(48, 48)`` uint8 grey, what the network saw.
    """

    path: Path
    truth: str | None
    prediction: EmotionPrediction
    aligned: bool
    crop: NDArray[np.uint8]


def examine_folder(
    classifier: EmotionClassifier, detector: FaceDetector, directory: Path
) -> list[ExaminedFace]:
    """Classify the main face of every picture under a folder; unreadable files are passed over.

    Raises:
        DatasetError: There is no such folder, or no readable picture in it.
    """
    examined = []
    for path, image in read_pictures(directory):
        crop, aligned = main_face(image, detector)
        prediction = classifier.classify_crops([crop])[0]
        truth = SYNONYMS.get(path.parent.name.lower())
        examined.append(ExaminedFace(path, truth, prediction, aligned, crop))
    return examined


def describe(examined: Sequence[ExaminedFace]) -> str:
    """Write down the distribution of labels, and the accuracy where folders tell the truth."""
    named = Counter(face.prediction.label or "no label" for face in examined)
    mean = {
        label: float(np.mean([face.prediction.probabilities[label] for face in examined]))
        for label in LABELS
    }
    rows = [(label, named[label], named[label] / len(examined), mean[label]) for label in LABELS]
    rows.append(("no label", named["no label"], named["no label"] / len(examined), 0.0))
    found = sum(face.aligned for face in examined)
    text = f"{len(examined)} pictures, a face found in {found}.\n\n"
    text += table(("label", "faces", "share", "mean probability"), rows)
    labelled = [face for face in examined if face.truth is not None]
    return text + (_describe_accuracy(labelled) if labelled else "")


def _describe_accuracy(labelled: Sequence[ExaminedFace]) -> str:
    """Score faces whose folder names a label, by the most probable label, abstaining or not."""
    truth = np.array([LABELS.index(str(face.truth)) for face in labelled])
    rows = [[face.prediction.probabilities[label] for label in LABELS] for face in labelled]
    best = np.array(rows).argmax(1)
    matrix = confusion_matrix(truth, best, len(LABELS))
    kept = np.array([face.prediction.label is not None for face in labelled])
    right = best == truth
    text = f"accuracy {right.mean():.4f} on {len(labelled)} labelled faces, "
    text += f"macro-F1 {macro_f1(matrix):.4f}"
    if kept.any():
        text += f", {right[kept].mean():.4f} on the {kept.mean():.0%} that get a label"
    counts = matrix.sum(1)
    recall_rows = [
        (label, int(count), float(recall))
        for label, count, recall in zip(LABELS, counts, recalls(matrix), strict=True)
        if count
    ]
    return f"{text}\n\n" + table(("label", "faces", "recall"), recall_rows)


def describe_folder(
    classifier: EmotionClassifier, directory: Path, own_class: Path | None = None
) -> str:
    """Examine a folder with the product's own detector and describe what was seen.

    Args:
        classifier: The shipped network.
        directory: Of the pictures.
        own_class: A class that a user has taught; how many faces show it is said as well.

    Raises:
        DatasetError: There is no such folder, or no readable picture in it.
        WeightsError: The class cannot be read, or was taught for another network.
    """
    examined = examine_folder(classifier, load_detector("mtcnn"), directory)
    text = describe(examined)
    if own_class is None:
        return text
    own = OwnClass.load(own_class)
    likely = own.probability(classifier.features([face.crop for face in examined]))
    return (
        f"{text}\n{own.name}: {int((likely >= 0.5).sum())} of {len(likely)} faces, "
        f"mean probability {likely.mean():.4f}\n"
    )
