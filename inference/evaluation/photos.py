"""How long a photo takes from decoding to portrait, stage by stage.

``python -m inference.evaluation.photos [--data DIR]`` composes a photo of 1200x630 with six faces
and one of 12 megapixels with seven out of whole photos (of ``DIR``, else the astronaut), writes
them as JPEG and runs each stage a few times on the warm pipelines. Times hold for an idle machine;
the load at the time is printed with them.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from inference.device import bound_threads
from inference.errors import DatasetError, InferenceError
from inference.evaluation.composed import TWELVE_MEGAPIXELS, grid_of, read_photo
from inference.evaluation.report import Section, save, table
from inference.images.decoding import decode_photo
from inference.images.encoding import encode_jpeg
from inference.pipeline import FacePipeline, PortraitPipeline
from inference.portrait.alpha import encode_alpha
from inference.types import Face, RGBImage

Result = TypeVar("Result")

STRENGTH = 0.6
"""Of the portrait's blur."""


@dataclass(frozen=True, slots=True)
class Case:
    """One photo to time.

    Attributes:
        name: First part of its metrics.
        shape: Height and width.
        faces: How many it shows.
        columns: Of the grid it is composed in.
        limit_seconds: What it may take, from the requirements.
        with_portrait: Whether that includes the portrait.
    """

    name: str
    shape: tuple[int, int]
    faces: int
    columns: int
    limit_seconds: float
    with_portrait: bool


CASES = (
    Case("web_6_faces", (630, 1200), 6, 3, limit_seconds=1.0, with_portrait=False),
    Case("12mp_7_faces", TWELVE_MEGAPIXELS, 7, 4, limit_seconds=5.0, with_portrait=True),
)

ANALYSIS = ("decode", "detect", "quality", "embed", "emotions")
PORTRAIT = ("mask", "blur", "encode")


class Watch:
    """Times named stages, each run by run.

    Beside the clock it keeps the computing time, which hardly depends on what else the machine
    does: on an idle machine a stage takes at most that.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.computing: dict[str, list[float]] = {}

    def __call__(self, stage: str, work: Callable[[], Result]) -> Result:
        """Do the work and note how long it took."""
        started, computed = time.perf_counter(), time.process_time()
        result = work()
        self.seconds.setdefault(stage, []).append(time.perf_counter() - started)
        self.computing.setdefault(stage, []).append(time.process_time() - computed)
        return result


def median_of(stages: Sequence[str], times: Mapping[str, Sequence[float]]) -> float:
    """Return the median over the runs of the time that these stages take together."""
    runs = zip(*(times[stage] for stage in stages), strict=True)
    return float(statistics.median(sum(run) for run in runs))


def run(path: Path, people: FacePipeline, portraits: PortraitPipeline, watch: Watch) -> list[Face]:
    """Take one photo through every stage, as the workers do; return its faces."""
    image = watch("decode", lambda: decode_photo(path).image)
    faces = watch("detect", lambda: people.find_faces(image))
    watch("quality", lambda: people.quality(image, faces))
    watch("embed", lambda: people.embed(image, faces))
    watch("emotions", lambda: people.classify_emotions(image, faces))
    alpha = watch("mask", lambda: portraits.segment(image))
    portrait = watch("blur", lambda: portraits.render(image, alpha, STRENGTH))
    watch("encode", lambda: (encode_jpeg(portrait, 95), encode_alpha(alpha)))
    return faces


def source_photos(data: Path | None) -> list[RGBImage]:
    """Return photos of one face each: LFW's where there is data, else the astronaut."""
    if data is None:
        from skimage.data import astronaut

        return [astronaut()[0:400, 30:430]] * max(case.faces for case in CASES)  # type: ignore[no-untyped-call]
    paths = sorted((data / "faces" / "lfw_unpaired").glob("*.jpg"))[::250]
    if len(paths) < max(case.faces for case in CASES):
        raise DatasetError(f"too few photos in {data / 'faces' / 'lfw_unpaired'}")
    return [read_photo(path) for path in paths]


def time_case(case: Case, photos: Sequence[RGBImage], runs: int, folder: Path) -> tuple[Watch, int]:
    """Time one composed photo; returns the times, and how many faces were found in it."""
    path = folder / f"{case.name}.jpg"
    path.write_bytes(encode_jpeg(grid_of(photos[: case.faces], case.shape, case.columns), 90))
    people, portraits = FacePipeline.load(), PortraitPipeline.load()
    run(path, people, portraits, Watch())
    watch = Watch()
    faces: list[Face] = []
    for _ in range(runs):
        faces = run(path, people, portraits, watch)
    return watch, len(faces)


def evaluate(data: Path | None, runs: int) -> Section:
    """Time all cases."""
    photos = source_photos(data)
    metrics: dict[str, dict[str, float]] = {}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            watch, found = time_case(case, photos, runs, Path(folder))
            counted = ANALYSIS + PORTRAIT if case.with_portrait else ANALYSIS
            totals = {
                "analysis_seconds": round(median_of(ANALYSIS, watch.seconds), 3),
                "portrait_seconds": round(median_of(PORTRAIT, watch.seconds), 3),
                "seconds": round(median_of(counted, watch.seconds), 3),
                "computing_seconds": round(median_of(counted, watch.computing), 3),
            }
            stages = {
                name: round(median_of([name], watch.seconds), 4) for name in ANALYSIS + PORTRAIT
            }
            metrics[case.name] = {"faces": found, **totals, **stages}
            rows.append([case.name, found, *stages.values(), *totals.values(), case.limit_seconds])
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    header = [
        "photo",
        "faces",
        *ANALYSIS,
        *PORTRAIT,
        "analysis",
        "portrait",
        "counted",
        "computing",
        "limit",
    ]
    text = (
        "Seconds per stage on warm models, median of "
        f"{runs} runs, load of the machine {load:.1f}. `counted` is what the limit is for: the "
        "analysis alone for the small photo, analysis and portrait for the large one; `computing` "
        "is the processor time of the same, which is what an idle machine needs at most.\n\n"
    )
    return Section(
        name="photos",
        title="Time of a photo",
        metrics=metrics,
        markdown=text + table(header, rows),
    )


def main() -> None:
    """Measure, and keep the section for the report."""
    parser = argparse.ArgumentParser(description="Time the photo path, stage by stage.")
    parser.add_argument("--data", type=Path, help="folder with the evaluation data")
    parser.add_argument("--runs", type=int, default=5, help="runs after the warm-up")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="computing threads")
    arguments = parser.parse_args()
    bound_threads(arguments.threads)
    try:
        section = evaluate(arguments.data, arguments.runs)
    except InferenceError as error:
        sys.exit(str(error))
    print(section.markdown)
    print(f"wrote {save(section)}")


if __name__ == "__main__":
    main()
