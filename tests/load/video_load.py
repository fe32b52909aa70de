"""Measure how fast an uploaded video is analysed, beside its own length.

Joins the clips of a folder again and again into one video, has it analysed slice by slice as the
worker does, with as many people to be named as a large gallery has, and prints the real-time
factor: seconds of video per second of work. Exits with 1 when it is below 1.

    python -m tests.load.video_load CLIPS [--minutes 10] [--height 720]
"""

import argparse
import itertools
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import av
import numpy as np

from inference.evaluation.report import Section, save, table

if TYPE_CHECKING:
    from inference.engine.models import Sighting

RATE = 30
SLICE_SECONDS = 30.0
PEOPLE = 200
LEAST_FACTOR = 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What the analysis of one video took.

    Attributes:
        cpu_seconds: Of this process and the one that decodes.
    """

    video_seconds: float
    wall_seconds: float
    cpu_seconds: float
    moments: int

    @property
    def factor(self) -> float:
        """Seconds of video per second."""
        return self.video_seconds / self.wall_seconds


def main() -> int:
    """Join, analyse, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--height", type=int, default=720)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encore-video-") as folder:
        os.environ["ENCORE_DATA_DIR"] = str(Path(folder) / "data")
        os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
        import django

        django.setup()
        film = Path(folder) / "film.mp4"
        join(sorted(arguments.clips.glob("*.mp4")), film, 60 * arguments.minutes, arguments.height)
        measured = measure(film, 60 * arguments.minutes)
    save(section(measured, arguments.height))
    print(  # noqa: T201
        f"{measured.video_seconds:.0f} s of {arguments.height}p video in "
        f"{measured.wall_seconds:.0f} s: {measured.factor:.2f} times real time, "
        f"{measured.cpu_seconds:.0f} s of processor time, {measured.moments} moments"
    )
    return 0 if measured.factor >= LEAST_FACTOR else 1


def join(clips: list[Path], film: Path, seconds: float, height: int) -> None:
    """Write a video of this length out of clips, each scaled to the same size."""
    if not clips:
        raise SystemExit("no clip (*.mp4) in this folder")
    width = height * 16 // 9
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frames = itertools.islice(_frames(clips, width, height), int(seconds * RATE))
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _frames(clips: list[Path], width: int, height: int) -> Iterator[av.VideoFrame]:
    for clip in itertools.cycle(clips):
        with av.open(str(clip)) as container:
            for frame in container.decode(video=0):
                yield frame.reformat(width=width, height=height, format="yuv420p")


def measure(film: Path, seconds: float) -> Measured:
    """Analyse a video slice by slice; the models load before the clock starts."""
    from webapp.vision.engine.messages import Taste
    from webapp.vision.engine.roster import Roster
    from webapp.vision.films.analysis import Slice, analyse_slice
    from webapp.vision.models.loading import live_models, model_tag
    from webapp.vision.values import Enrolled

    embedder = live_models().names["embedder"] or ""
    size = live_models().embed([_blank_face()])[0].shape[0]
    rows = np.random.default_rng(1).normal(size=(PEOPLE, size)).astype("<f4")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    people = [uuid4() for _ in range(PEOPLE)]
    enrolled = [
        Enrolled(person, row.tobytes(), model_tag(embedder))
        for person, row in zip(people, rows, strict=True)
    ]
    roster = Roster({person: person.hex for person in people}, enrolled)
    taste: Taste = {
        "wanted": True,
        "anyone": True,
        "weights": {},
        "favourites": [],
        "per_minute": 6,
    }
    began, cpu, moments = time.monotonic(), _cpu_seconds(), 0
    for start in np.arange(0, seconds, SLICE_SECONDS):
        found = analyse_slice(film, Slice(start, start + SLICE_SECONDS, roster, taste))
        moments += len(found.moments)
        if found.is_over:
            break
    return Measured(seconds, time.monotonic() - began, _cpu_seconds() - cpu, moments)


def _blank_face() -> "Sighting":
    from inference.types import Face

    places = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)
    return np.zeros((100, 100, 3), np.uint8), Face((10, 10, 90, 90), 0.9, places)


def _cpu_seconds() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def section(measured: Measured, height: int) -> Section:
    """Return the figures as a part of the evaluation page."""
    words = "wall and processor time go into the models and two threads that decode"
    cells = [
        ("length of the video", f"{measured.video_seconds:.0f} s, {height}p, {RATE} fps"),
        ("times real time", f"{measured.factor:.2f}"),
        ("processor time", f"{measured.cpu_seconds:.0f} s"),
    ]
    return Section(
        name="videos",
        title="Analysis of uploaded videos",
        metrics={
            "real_time_factor": round(measured.factor, 2),
            "cpu_seconds_per_second": round(measured.cpu_seconds / measured.video_seconds, 3),
        },
        markdown=f"At least real time is wanted; {words}.\n\n" + table(("", "measured"), cells),
    )


if __name__ == "__main__":
    sys.exit(main())
