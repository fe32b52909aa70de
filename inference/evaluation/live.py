"""The live engine against the plain recipe, on the same frames in the same run.

``python -m inference.evaluation.live --data DIR`` compares frames per second, faces and names with
what most people would write: facenet-pytorch's MTCNN, an embedding and an emotion per face, on
every frame. Both decode the same JPEG frames. Times are processor times, which hardly depend on
what else the machine does; on an idle machine with one thread they are the wall times.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from inference.detection import load_detector
from inference.device import bound_threads
from inference.engine.galleries import LiveGallery
from inference.engine.live import LiveEngine
from inference.engine.mailboxes import Frame
from inference.engine.models import ShippedModels
from inference.errors import DatasetError, InferenceError
from inference.evaluation.detection import PlainMtcnn
from inference.evaluation.live_clips import (
    HEIGHT,
    WIDTH,
    Clip,
    composed_clip,
    enrolled,
    filmed_clips,
)
from inference.evaluation.report import Section, save, table
from inference.geometry import box_iou, clip_boxes
from inference.live_messages import Dropped, Label, MomentChosen, Refused, Result
from inference.recognition import load_embedder
from inference.recognition.assignment import assign_names
from inference.recognition.gallery import Gallery
from inference.types import BoxArray

MATCH_IOU = 0.5
PEOPLE_FOLDERS = ("blackpink", "twice")
CAMERA = (1, "clip")
WANT: frozenset[Label] = frozenset({"names", "emotions"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One face that a recipe reports on one frame."""

    box: tuple[float, float, float, float]
    name: str | None
    track: int = 0


@dataclass(slots=True)
class Run:
    """What a recipe made of one clip.

    Attributes:
        frames: Per frame the faces it reports.
        seconds: Processor time of the whole clip.
    """

    frames: list[list[Seen]] = field(default_factory=list)
    seconds: float = 0.0


class PlainRecipe:
    """Detector, embedder and emotion network on every frame, nothing remembered."""

    def __init__(self, models: ShippedModels) -> None:
        self._models = models
        self._detector = PlainMtcnn()

    def run(self, clip: Clip, gallery: Gallery[str]) -> Run:
        """Report the faces of every frame."""
        run = Run()
        started = time.process_time()
        for data in clip.frames:
            run.frames.append(self._frame(data, gallery))
        run.seconds = time.process_time() - started
        return run

    def _frame(self, data: bytes, gallery: Gallery[str]) -> list[Seen]:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        image = np.asarray(pixels, dtype=np.uint8)
        faces = self._detector.detect(image)
        if not faces:
            return []
        sightings = [(image, face) for face in faces]
        names = assign_names(gallery, self._models.embed(sightings))
        if self._models.names["emotion"] is not None:
            self._models.read_emotions(sightings)
        return [
            Seen(face.box, name.key if name else None)
            for face, name in zip(faces, names, strict=True)
        ]


class EngineRecipe:
    """The live engine, fed as fast as it reads."""

    def __init__(self, models: ShippedModels) -> None:
        self._models = models

    def run(self, clip: Clip, gallery: Gallery[str]) -> Run:
        """Report the faces of every frame."""
        engine = LiveEngine(self._models)
        engine.open(CAMERA, "clip")
        names = {key: key for key in gallery.keys}
        engine.put_gallery(CAMERA[0], "clip", LiveGallery(1, gallery, names))
        run = Run()
        started = time.process_time()
        for number, data in enumerate(clip.frames):
            captured_at = number * 1000 / clip.rate
            engine.submit(Frame(CAMERA, number, captured_at, WANT, data, time.monotonic()))
            run.frames += [_seen(answer) for _, answer in engine.step()]
        run.seconds = time.process_time() - started
        return run


def _seen(answer: Result | Dropped | Refused | MomentChosen) -> list[Seen]:
    if answer["type"] != "result":
        raise DatasetError(f"the engine did not read a frame: {answer}")
    return [Seen(face["box"], face["name"], face["track"]) for face in answer["faces"]]


def found_share(reference: Run, other: Run) -> tuple[int, int, int]:
    """Compare two runs face by face.

    Returns:
        Faces of the reference that the other run has at ``MATCH_IOU``, faces of the reference, and
        faces that only the other run has.
    """
    found = total = extra = 0
    for expected, seen in zip(reference.frames, other.frames, strict=True):
        # Only what the picture shows can be compared: recipes complete cut faces differently.
        boxes, others = (clip_boxes(_boxes(faces), WIDTH, HEIGHT) for faces in (expected, seen))
        overlap = box_iou(boxes, others)
        hits = int((overlap.max(axis=1, initial=0.0) >= MATCH_IOU).sum())
        found, total = found + hits, total + len(expected)
        extra += int((overlap.max(axis=0, initial=0.0) < MATCH_IOU).sum())
    return found, total, extra


def count_names(clip: Clip, run: Run) -> tuple[int, int]:
    """Return how many faces of a clip of known people bear their own name, and a wrong one."""
    right = wrong = 0
    for places, seen in zip(clip.places, run.frames, strict=True):
        for face in seen:
            truth = _name_at(face, places)
            right += face.name is not None and face.name == truth
            wrong += face.name is not None and face.name != truth
    return right, wrong


def _name_at(face: Seen, places: Sequence[tuple[float, float, str]]) -> str | None:
    """Return who is inside a box; somebody nobody put there has no name."""
    x1, y1, x2, y2 = face.box
    inside = [name for x, y, name in places if x1 <= x <= x2 and y1 <= y <= y2]
    return inside[0] if inside else None


def switches_per_minute(clip: Clip, run: Run) -> float:
    """Return how often a track changes from one name to another, per minute that it lives."""
    last: dict[int, str] = {}
    switches = sightings = 0
    for seen in run.frames:
        for face in seen:
            sightings += 1
            if face.name is not None:
                switches += last.get(face.track, face.name) != face.name
                last[face.track] = face.name
    minutes = sightings / clip.rate / 60
    return switches / minutes if minutes else 0.0


def _boxes(seen: Sequence[Seen]) -> BoxArray:
    return np.array([face.box for face in seen], dtype=np.float32).reshape(-1, 4)


def evaluate(data: Path, most_frames: int) -> Section:
    """Run both recipes on all clips."""
    models = ShippedModels()
    detector, embedder = load_detector("mtcnn"), load_embedder()
    people = _people(data)
    gallery = enrolled(people, detector, embedder)
    shown = {name: list(reversed(photos)) for name, photos in list(people.items())[:9]}
    clips = [composed_clip(shown, detector, most_frames)]
    clips += filmed_clips(data / "videos", most_frames)
    plain, engine = PlainRecipe(models), EngineRecipe(models)
    metrics: dict[str, dict[str, float]] = {}
    for clip in clips:
        reference = plain.run(clip, gallery)
        metrics[clip.name] = compare(clip, reference, engine.run(clip, gallery))
        print(clip.name, metrics[clip.name], flush=True)
    metrics["all"] = _together(metrics)
    rows = [[name, *(values.get(key, "") for key in _COLUMNS)] for name, values in metrics.items()]
    missing = "" if models.names["emotion"] else "No emotion network was there for either.\n\n"
    return Section(
        name="live",
        title="Live",
        metrics=metrics,
        markdown=_INTRODUCTION + missing + table(["clip", *_COLUMNS], rows),
    )


def compare(clip: Clip, reference: Run, engine: Run) -> dict[str, float]:
    """Lay the engine beside the plain recipe."""
    found, faces, extra = found_share(reference, engine)
    count = len(clip.frames)
    values: dict[str, float] = {
        "frames": count,
        "faces": faces,
        "found": found,
        "extra": extra,
        "plain_seconds": round(reference.seconds, 3),
        "engine_seconds": round(engine.seconds, 3),
        "plain_fps": round(count / reference.seconds, 2),
        "engine_fps": round(count / engine.seconds, 2),
        "times_faster": round(reference.seconds / engine.seconds, 2),
        "switches_per_minute": round(switches_per_minute(clip, engine), 3),
    }
    if faces:
        values["found_share"] = round(found / faces, 4)
    if clip.places:
        for name, run in (("plain", reference), ("engine", engine)):
            right, wrong = count_names(clip, run)
            values |= {f"{name}_right_names": right, f"{name}_wrong_names": wrong}
    return values


_COLUMNS = (
    "frames",
    "faces",
    "plain_fps",
    "engine_fps",
    "times_faster",
    "found_share",
    "extra",
    "plain_right_names",
    "engine_right_names",
    "plain_wrong_names",
    "engine_wrong_names",
    "switches_per_minute",
)

_INTRODUCTION = (
    "The engine alone, frames of at most 640x360 as JPEG, read as fast as it can, against "
    "facenet-pytorch's MTCNN with an embedding and an emotion of every face on every frame. "
    f"`found_share` is the part of that recipe's faces that the engine reports (IoU {MATCH_IOU}), "
    "`extra` what only the engine reports. Frames per second are by processor time. Names are "
    "counted where they are known, in the composed clip.\n\n"
)


def _together(metrics: dict[str, dict[str, float]]) -> dict[str, float]:
    """Sum the clips up."""
    total = {
        key: sum(values[key] for values in metrics.values())
        for key in ("frames", "faces", "found", "extra", "plain_seconds", "engine_seconds")
    }
    return {
        **{key: round(value, 3) for key, value in total.items()},
        "plain_fps": round(total["frames"] / total["plain_seconds"], 2),
        "engine_fps": round(total["frames"] / total["engine_seconds"], 2),
        "times_faster": round(total["plain_seconds"] / total["engine_seconds"], 2),
        "found_share": round(total["found"] / max(total["faces"], 1), 4),
    }


def _people(data: Path) -> dict[str, list[Path]]:
    """Return photos of people by name.

    Raises:
        DatasetError: There are none.
    """
    folders = [
        folder
        for group in PEOPLE_FOLDERS
        for folder in sorted((data / "faces" / "kpop" / group).glob("*"))
        if folder.is_dir()
    ]
    people = {
        folder.name: sorted(path for path in folder.iterdir() if path.suffix.lower() == ".jpg")
        for folder in folders
    }
    if not any(people.values()):
        raise DatasetError(f"no photos of people in {data / 'faces' / 'kpop'}")
    return people


def main() -> None:
    """Measure, and keep the section for the report."""
    parser = argparse.ArgumentParser(description="Compare the live engine with the plain recipe.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the evaluation data")
    parser.add_argument("--frames", type=int, default=300, help="most frames of a clip")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="computing threads")
    arguments = parser.parse_args()
    bound_threads(arguments.threads)
    try:
        section = evaluate(arguments.data, arguments.frames)
    except InferenceError as error:
        sys.exit(str(error))
    print(f"wrote {save(section)}")


if __name__ == "__main__":
    main()
