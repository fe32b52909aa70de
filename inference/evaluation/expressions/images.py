"""Examines a folder of faces: what the network sees in generated faces or in one's own photos."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detection import FaceDetector, load_detector
from inference.emotion.classifier import EmotionClassifier
from inference.emotion.labels import LABELS
from inference.emotion.preprocessing import SIDE, emotion_crop, grey
from inference.errors import DatasetError, ImageError
from inference.evaluation.report import table
from inference.images.decoding import decode_photo
from inference.measures.classification import confusion_matrix, macro_f1, recalls
from inference.types import EmotionPrediction, RGBImage

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".heic"}
SYNONYMS = {
    **{label: label for label in LABELS},
    **{"angry": "anger", "disgusted": "disgust", "fearful": "fear", "afraid": "fear"},
    **{"happiness": "happy", "sadness": "sad", "surprise": "surprised"},
}
"""Folder names that stand for a label, in lower case."""

BORDER_SHARE = 0.5
"""Grey border round a tight face, without which MTCNN clips its boxes at the image edge."""


@dataclass(frozen=True, slots=True)
class ExaminedFace:
    """One picture's main face.

    Attributes:
        path: The picture.
        truth: The label of its folder, or ``None`` where the folder's name is no label.
        prediction: What the network says.
        aligned: False where no face was found and the whole picture was taken for one.
    """

    path: Path
    truth: str | None
    prediction: EmotionPrediction
    aligned: bool


def main_face(image: RGBImage, detector: FaceDetector) -> tuple[NDArray[np.uint8], bool]:
    """Cut out the largest face, looking again with a border, or else take the whole picture.

    Returns:
        ``(48, 48)`` uint8 grey, and whether a face was found.
    """
    pad = round(BORDER_SHARE * max(image.shape[:2]))
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), constant_values=127)
    for candidate in (image, padded):
        faces = detector.detect(candidate)
        if faces:
            largest = max(faces, key=lambda face: face.width * face.height)
            return grey(emotion_crop(candidate, largest)), True
    whole = cv2.resize(grey(image), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(whole, np.uint8), False


def examine_folder(
    classifier: EmotionClassifier, detector: FaceDetector, directory: Path
) -> list[ExaminedFace]:
    """Classify the main face of every picture under a folder; unreadable files are passed over.

    Raises:
        DatasetError: There is no such folder, or no readable picture in it.
    """
    if not directory.is_dir():
        raise DatasetError(f"there is no folder {directory}")
    paths = sorted(p for p in directory.rglob("*") if p.suffix.lower() in SUFFIXES)
    examined = []
    for path in paths:
        try:
            image = decode_photo(path).image
        except ImageError:
            continue
        crop, aligned = main_face(image, detector)
        prediction = classifier.classify_crops([crop])[0]
        truth = SYNONYMS.get(path.parent.name.lower())
        examined.append(ExaminedFace(path, truth, prediction, aligned))
    if not examined:
        raise DatasetError(f"there is no readable picture in {directory}")
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


def describe_folder(classifier: EmotionClassifier, directory: Path) -> str:
    """Examine a folder with the product's own detector and describe what was seen."""
    return describe(examine_folder(classifier, load_detector("mtcnn"), directory))
