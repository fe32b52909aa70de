"""How many faces the detectors find, how many of them once, and how long they take.

``python -m inference.evaluation.detection.comparison --data DIR`` compares MTCNN, the Haar cascade
and the plain pipeline of facenet-pytorch on two annotated sets, on faces cut by the photo's edge,
and on small faces pasted into generated photos of 12 megapixels.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.detection import FaceDetector, load_detector
from inference.device import bound_threads
from inference.errors import DatasetError
from inference.evaluation.composed import SmallFaces, paste_small_faces, read_photo
from inference.evaluation.detection.false_boxes import Tally, measure_false_boxes
from inference.evaluation.detection.plain_mtcnn import PlainMtcnn
from inference.evaluation.report import Section, save, table
from inference.geometry import box_iou
from inference.types import BoxArray, Face, RGBImage

SETS = {"dlib": "detection_dlib", "wider": "detection_wider_val4"}
MATCH_IOU = 0.4
"""Annotators box a face more or less tightly, so half an overlap would call good boxes wrong."""

SMALLEST = 20
"""Annotated faces whose shorter side is below this neither count as missed nor as found."""

FACE_WIDTHS = (24, 32, 48)
"""Widths in pixels of the faces pasted into 12-megapixel photos."""

CUTS = (0.15, 0.3, 0.45)
"""Parts of the face that the photo's edge takes away."""


@dataclass(frozen=True, slots=True)
class Count:
    """What a detector made of one set.

    Attributes:
        found: Annotated faces matched by a face of the detector.
        annotated: Annotated faces that are large enough to count.
        false: Detected faces that match no annotation, of any size.
        seconds: Time per photo.
    """

    found: int
    annotated: int
    false: int
    seconds: float

    @property
    def recall(self) -> float:
        """Part of the annotated faces that was found."""
        return self.found / self.annotated

    @property
    def precision(self) -> float:
        """Part of the detected faces that are faces."""
        return self.found / max(self.found + self.false, 1)


def match(faces: Sequence[Face], annotated: BoxArray) -> tuple[NDArray[np.bool_], int]:
    """Give each annotated face at most one detected face, best overlap first.

    Returns:
        Which of the annotated faces were found, and how many detected faces were left over.
    """
    boxes = np.array([face.box for face in faces], dtype=np.float32).reshape(-1, 4)
    overlaps = box_iou(annotated, boxes)
    found = np.zeros(len(annotated), dtype=bool)
    left = len(boxes)
    while overlaps.size and overlaps.max() >= MATCH_IOU:
        row, column = np.unravel_index(overlaps.argmax(), overlaps.shape)
        found[row], left = True, left - 1
        overlaps[row], overlaps[:, column] = 0, 0
    return found, left


def count(detector: FaceDetector, photos: Sequence[tuple[RGBImage, BoxArray]]) -> Count:
    """Run a detector over annotated photos."""
    hits = counted = false = 0
    started = time.perf_counter()
    for image, boxes in photos:
        found, left = match(detector.detect(image), boxes)
        large = (boxes[:, 2:] - boxes[:, :2]).min(axis=1) >= SMALLEST
        hits += int(found[large].sum())
        counted += int(large.sum())
        false += left
    return Count(hits, counted, false, (time.perf_counter() - started) / len(photos))


def read_annotated(folder: Path) -> list[tuple[RGBImage, BoxArray]]:
    """Read the photos and boxes of one set.

    Raises:
        DatasetError: The annotations are missing.
    """
    path = folder / "annotations.json"
    if not path.is_file():
        raise DatasetError(f"no annotations.json in {folder}")
    return [
        (
            read_photo(folder / "images" / entry["file"]),
            np.array([face["box"] for face in entry["faces"]], dtype=np.float32).reshape(-1, 4),
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))
    ]


def landmark_error_at_edges(
    detector: FaceDetector,
    judge: FaceDetector,
    photos: Sequence[tuple[RGBImage, BoxArray]],
    cut: float,
) -> tuple[float, float]:
    """Cut faces by the photo's left edge and see what becomes of their landmarks.

    The judge's landmarks in the whole photo are the truth; only points that are still in the
    photo count.

    Returns:
        Part of the faces that is still found, and the median landmark error as part of the
        face's width, over those found.
    """
    errors: list[float] = []
    tried = 0
    for image, _ in photos:
        for face in judge.detect(image):
            if face.width < 30 or face.score < 0.95 or face.box[0] < 0:
                continue
            tried += 1
            left = int(face.box[0] + cut * face.width)
            points = face.landmarks - np.array([left, 0], dtype=np.float32)
            errors += _error_of_nearest(detector.detect(image[:, left:].copy()), points, face.width)
    return len(errors) / max(tried, 1), float(np.median(errors)) if errors else 1.0


def _error_of_nearest(
    faces: Sequence[Face], points: NDArray[np.float32], width: float
) -> list[float]:
    """Return the error of the face nearest to known points, or nothing if none is near."""
    visible = points[:, 0] >= 0
    if not faces or not visible.any():
        return []
    distances = [
        float(np.linalg.norm((face.landmarks - points)[visible], axis=1).mean()) / width
        for face in faces
    ]
    return [min(distances)] if min(distances) < 0.5 else []


def count_small(detector: FaceDetector, photos: Sequence[SmallFaces]) -> tuple[float, int, float]:
    """Look for pasted faces.

    Returns:
        Part of them that is found, number found twice or more, seconds per photo.
    """
    found = doubles = total = 0
    started = time.perf_counter()
    for photo in photos:
        faces = detector.detect(photo.image)
        boxes = np.array([face.box for face in faces], dtype=np.float32).reshape(-1, 4)
        hits = (box_iou(photo.boxes, boxes) >= MATCH_IOU).sum(axis=1)
        found += int((hits > 0).sum())
        doubles += int((hits > 1).sum())
        total += len(photo.boxes)
    return found / total, doubles, (time.perf_counter() - started) / len(photos)


def evaluate(data: Path) -> Section:
    """Measure all detectors on all sets; minutes."""
    detectors: Mapping[str, FaceDetector] = {
        "mtcnn": load_detector("mtcnn"),
        "haar": load_detector("haar"),
        "facenet": PlainMtcnn(),
    }
    metrics: dict[str, dict[str, dict[str, float]]] = {}
    text = ""
    sets = {name: read_annotated(data / "faces" / folder) for name, folder in SETS.items()}
    for title, measure in (
        ("Annotated photos", lambda detector: _on_sets(detector, sets)),
        (
            "Faces cut by the photo's edge",
            lambda detector: _on_edges(detector, detectors["mtcnn"], sets["dlib"]),
        ),
        ("Small faces in 12 megapixels", _small_faces(data, detectors["mtcnn"])),
    ):
        results = {name: measure(detector) for name, detector in detectors.items()}
        text += f"### {title}\n\n{_compare(results)}"
        for group, values in ((g, {d: r[g] for d, r in results.items()}) for g in results["mtcnn"]):
            metrics[group] = {**metrics.get(group, {}), **values}
        print(text.rpartition("###")[2], flush=True)
    tallies = measure_false_boxes(data)
    text += f"### Boxes without a face\n\n{_FALSE_BOXES}{_tally_table(tallies)}"
    for looks, tally in tallies.items():
        metrics.setdefault("false_boxes", {})[looks] = {
            "faces": tally.faces,
            "false": tally.false,
            "false_share": round(tally.false_share, 4),
        }
    return Section(
        name="detection", title="Detection", metrics=metrics, markdown=_INTRODUCTION + text
    )


def _tally_table(tallies: Mapping[str, Tally]) -> str:
    rows = [
        (looks, tally.faces, tally.false, f"{100 * tally.false_share:.2f} %")
        for looks, tally in tallies.items()
    ]
    return table(["mtcnn with", "faces", "boxes without a face", "share"], rows)


_FALSE_BOXES = (
    "Photos of three K-pop groups, none of which the second look was trained on. What holds no "
    "face was marked by eye among the boxes of MTCNN alone.\n\n"
)


_INTRODUCTION = (
    "`mtcnn` is ours, `facenet` the plain pipeline of facenet-pytorch on the same weights, `haar` "
    f"the cascade. A face counts as found at an overlap (IoU) of {MATCH_IOU}; annotated faces "
    f"below {SMALLEST} px are passed over; `seconds` are per photo.\n\n"
)

Results = dict[str, dict[str, float]]


def _on_sets(
    detector: FaceDetector, sets: Mapping[str, Sequence[tuple[RGBImage, BoxArray]]]
) -> Results:
    results: Results = {}
    for name, photos in sets.items():
        detector.detect(photos[0][0])
        counted = count(detector, photos)
        results[name] = {
            "recall": round(counted.recall, 4),
            "precision": round(counted.precision, 4),
            "faces": counted.annotated,
            "seconds": round(counted.seconds, 4),
        }
    return results


def _on_edges(
    detector: FaceDetector, judge: FaceDetector, photos: Sequence[tuple[RGBImage, BoxArray]]
) -> Results:
    results: Results = {}
    for cut in CUTS:
        found, error = landmark_error_at_edges(detector, judge, photos, cut)
        key = f"cut_{round(cut * 100)}_percent"
        results[key] = {"found": round(found, 4), "landmark_error": round(error, 4)}
    return results


def _small_faces(data: Path, judge: FaceDetector) -> Callable[[FaceDetector], Results]:
    """Compose the photos once, so that all detectors see the same."""
    sources = sorted((data / "faces" / "lfw_unpaired").glob("*.jpg"))[::10]
    composed = {
        width: [paste_small_faces(sources, judge, width, seed) for seed in range(2)]
        for width in FACE_WIDTHS
    }

    def measure(detector: FaceDetector) -> Results:
        results: Results = {}
        for width, photos in composed.items():
            found, doubles, seconds = count_small(detector, photos)
            results[f"small_{width}_px"] = {
                "recall": round(found, 4),
                "doubles": doubles,
                "faces": sum(len(photo.boxes) for photo in photos),
                "seconds": round(seconds, 3),
            }
        return results

    return measure


def _compare(results: Mapping[str, Results]) -> str:
    """Lay the detectors' results side by side, one row per set and detector."""
    columns = list(next(iter(next(iter(results.values())).values())))
    rows = [
        [f"{group}, {detector}", *values[group].values()]
        for group in next(iter(results.values()))
        for detector, values in results.items()
    ]
    return table(["set, detector", *columns], rows)


def main() -> None:
    """Measure, and keep the section for the report."""
    parser = argparse.ArgumentParser(description="Compare the face detectors.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the evaluation data")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="computing threads")
    arguments = parser.parse_args()
    bound_threads(arguments.threads)
    try:
        section = evaluate(arguments.data)
    except DatasetError as error:
        sys.exit(str(error))
    print(f"wrote {save(section)}")


if __name__ == "__main__":
    main()
