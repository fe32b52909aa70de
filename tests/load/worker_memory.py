# ruff: noqa: T201
"""Whether the worker that has the models grows with the number of photos.

``python -m tests.load.worker_memory [--photos 2000]`` finds, embeds and labels the faces of 200
small pictures of different sizes again and again, makes their portraits, and prints the memory.
Exits with 1 when it grows by more than 5 MB in 100 photos after the first 200.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from skimage import data

from inference.evaluation.report import Section, save, table

PICTURES = 200
WARM_UP = 200
STEP = 100
MOST_MEGABYTES = 5.0
FACE = (120, 0, 350, 230)
"""Where the astronaut's face is."""


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=2000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encore-memory-") as folder:
        os.environ["ENCORE_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measured = measure(draw_pictures(Path(folder)), arguments.photos)
    growth = slope(measured[WARM_UP // STEP - 1 :])
    said = f"grows by {growth:.1f} MB in {STEP} photos (at most {MOST_MEGABYTES:.0f})"
    print(said)
    rows = [(STEP * step, megabytes) for step, megabytes in enumerate(measured, start=1)]
    save(
        Section(
            name="worker_memory",
            title="Memory of the worker that has the models",
            metrics={"megabytes_in_100_photos": growth, "megabytes": measured},
            markdown=f"After the first {WARM_UP} photos it {said}.\n\n"
            + table(("photos", "resident MB"), rows),
        )
    )
    return 0 if growth <= MOST_MEGABYTES else 1


def draw_pictures(folder: Path) -> list[Path]:
    """Make pictures of different sizes with one to three faces each."""
    chance = np.random.default_rng(3)
    face = Image.fromarray(data.astronaut()).crop(FACE)
    paths = []
    for number in range(PICTURES):
        width, height = (int(side) for side in chance.integers(160, 420, 2))
        stage = Image.fromarray(chance.integers(0, 255, (6, 8, 3), np.uint8))
        picture = stage.resize((width, height))
        for _ in range(chance.integers(1, 4)):
            side = int(chance.integers(60, 140))
            place = (int(chance.integers(0, width - 59)), int(chance.integers(0, height - 59)))
            picture.paste(face.resize((side, side)), place)
        paths.append(folder / f"{number}.jpg")
        picture.save(paths[-1], "JPEG", quality=90)
    return paths


def measure(pictures: Sequence[Path], photos: int) -> list[float]:
    """Return the megabytes after each hundred photos."""
    from webapp import vision

    process = psutil.Process()
    measured = []
    began = time.process_time()
    for number in range(1, photos + 1):
        path = pictures[number % len(pictures)]
        seen = vision.find_faces(path, embed=True)
        vision.classify_emotions(path, [face.shape for face in seen.faces])
        vision.make_portrait(path, 0.5)
        if number % STEP == 0:
            measured.append(process.memory_info().rss / 1e6)
            seconds = (time.process_time() - began) / number
            print(f"{number:5} photos {measured[-1]:7.0f} MB  {seconds:.3f} s each", flush=True)
    return measured


def slope(measured: Sequence[float]) -> float:
    """Return the mean growth from one measurement to the next."""
    if len(measured) < 2:
        raise SystemExit(f"give at least {WARM_UP + STEP} photos")
    return float(np.polyfit(np.arange(len(measured)), np.asarray(measured), 1)[0])


if __name__ == "__main__":
    sys.exit(main())
