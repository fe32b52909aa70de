"""What two recipes made of the same clip, laid side by side: faces, names, switches, speed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.evaluation.clips.making import HEIGHT, WIDTH, Clip
from inference.geometry import box_iou, clip_boxes
from inference.types import BoxArray

MATCH_IOU = 0.5


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
            truth = name_at(face.box, places)
            right += face.name is not None and face.name == truth
            wrong += face.name is not None and face.name != truth
    return right, wrong


def name_at(
    box: tuple[float, float, float, float], places: Sequence[tuple[float, float, str]]
) -> str | None:
    """Return who is nearest to the middle of a box, not further than the box is wide.

    The box of a face that leaves the picture is cut, so its middle is not that of the face.
    """
    x1, y1, x2, y2 = box
    middle, width = ((x1 + x2) / 2, (y1 + y2) / 2), x2 - x1
    near = [(math.dist(middle, (x, y)), name) for x, y, name in places]
    distance, name = min(near, default=(math.inf, None))
    return name if distance <= width else None


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


def together(metrics: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Sum the clips of ``compare`` up."""
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
