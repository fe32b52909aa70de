"""The live engine against the plain recipe, on the same frames in the same run.

``python -m inference.evaluation.live --data DIR`` compares frames per second, faces and names with
what most people would write: facenet-pytorch's MTCNN, an embedding and an emotion per face, on
every frame. Both decode the same JPEG frames. Times are processor times, which hardly depend on
what else the machine does, on one thread unless told otherwise: more would add to the work what
they spend waiting for each other, and on an idle machine one makes them the wall times.
"""

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import torch

from inference import pairing
from inference.detection import load_detector
from inference.device import bound_threads
from inference.engine.galleries import LiveGallery
from inference.engine.live.engine import LiveEngine
from inference.engine.mailboxes import Frame
from inference.engine.models import ShippedModels
from inference.errors import DatasetError, InferenceError
from inference.evaluation.clips.comparison import MATCH_IOU, Run, Seen, compare, together
from inference.evaluation.clips.making import Clip, composed_clip, enrolled, filmed_clips
from inference.evaluation.detection.plain_mtcnn import PlainMtcnn
from inference.evaluation.report import Section, save, table
from inference.protocol.messages import Dropped, Label, MomentChosen, Refused, Result
from inference.recognition import load_embedder
from inference.recognition.assignment import assign_names
from inference.recognition.gallery import Gallery

PEOPLE_FOLDERS = ("blackpink", "twice")
CAMERA = (1, "clip")
WANT: frozenset[Label] = frozenset({"names", "emotions"})


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
        rows = self._models.space.apply(self._models.embed(sightings))
        names = assign_names(gallery, rows)
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
        names = {key: key for key in gallery.keys}
        return self.follow(clip, LiveGallery(1, gallery, names, self._models.space))

    def follow(self, clip: Clip, gallery: LiveGallery) -> Run:
        """Do the same with a gallery that may have taught how its people are told apart."""
        engine = LiveEngine(self._models)
        engine.open(CAMERA, "clip")
        engine.put_gallery(CAMERA[0], "clip", gallery)
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
    return [
        Seen(face["box"], face["name"] if face["is_sure"] else None, face["track"])
        for face in answer["faces"]
    ]


def evaluate(data: Path, most_frames: int) -> Section:
    """Run both recipes on all clips."""
    pairing.prepare()
    models = ShippedModels()
    detector, embedder = load_detector("mtcnn"), load_embedder()
    people = people_of(data)
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
    metrics["all"] = together(metrics)
    rows = [[name, *(values.get(key, "") for key in _COLUMNS)] for name, values in metrics.items()]
    missing = "" if models.names["emotion"] else "No emotion network was there for either.\n\n"
    return Section(
        name="live",
        title="Live",
        metrics=metrics,
        markdown=_INTRODUCTION
        + f"Computing threads: {torch.get_num_threads()}.\n\n"
        + missing
        + table(["clip", *_COLUMNS], rows),
    )


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
    "counted where they are known, in the composed clip; of the engine's those that are sure.\n\n"
)


def people_of(data: Path) -> dict[str, list[Path]]:
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
    parser.add_argument("--threads", type=int, default=1, help="computing threads")
    arguments = parser.parse_args()
    bound_threads(arguments.threads)
    try:
        section = evaluate(arguments.data, arguments.frames)
    except InferenceError as error:
        sys.exit(str(error))
    print(f"wrote {save(section)}")


if __name__ == "__main__":
    main()
