# ruff: noqa: T201
"""How long a start takes until the first page, on a folder that has been started before.

``python -m tests.load.second_start [--rounds 5]`` starts an Encore of its own with all its
processes again and again, asks for the sign-in page until it comes, and stops it. Processor time is
that of all its processes until then. Exits with 1 when the median is above three seconds.
"""

import argparse
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from inference.evaluation.report import Section, save, table
from tests.live import LiveEncore

MOST_SECONDS = 3.0
START_SECONDS = 120.0
LOOK_SECONDS = 0.02


def first_page(encore: LiveEncore) -> tuple[float, float]:
    """Start it and return seconds and processor seconds until a page came."""
    started = time.monotonic()
    encore.launch()
    while time.monotonic() - started < START_SECONDS:
        if shows_a_page(encore):
            return time.monotonic() - started, processor_seconds(encore)
        time.sleep(LOOK_SECONDS)
    raise SystemExit(f"no page came within {START_SECONDS:.0f} s\n{encore.account()}")


def shows_a_page(encore: LiveEncore) -> bool:
    """Whether the page that a visitor without an account sees comes."""
    try:
        with urllib.request.urlopen(f"{encore.url}/", timeout=START_SECONDS) as page:  # noqa: S310
            return page.status == 200 and b"</html>" in page.read()
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return False
    except OSError:
        return False


def processor_seconds(encore: LiveEncore) -> float:
    """Return what the supervisor and everything below it have computed."""
    assert encore.process is not None
    spent = 0.0
    for process in [psutil.Process(encore.process.pid), *encore.children()]:
        with suppress(psutil.Error):
            times = process.cpu_times()
            spent += times.user + times.system
    return spent


def measure(folder: Path, rounds: int) -> list[tuple[float, float]]:
    """Start and stop; the first start, which is left out, makes what later ones find."""
    encore = LiveEncore(folder, settings="webapp.settings", ENCORE_LIVE_ENGINE="true")
    found = []
    try:
        for _ in range(rounds + 1):
            found.append(first_page(encore))
            encore.stop()
    finally:
        encore.clean_up()
    return found[1:]


def section(found: list[tuple[float, float]]) -> Section:
    """Return the figures for the report."""
    walls, computed = zip(*found, strict=True)
    rows = [
        ("until the first page, s", statistics.median(walls), min(walls), max(walls)),
        ("processor time until then, s", *(f(computed) for f in (statistics.median, min, max))),
    ]
    return Section(
        name="second_start",
        title="A second start",
        metrics={"seconds": round(rows[0][1], 2), "processor_seconds": round(rows[1][1], 2)},
        markdown=(
            f"From `manage.py up` to the first page, {len(found)} starts on a folder that has "
            "been started before, with all processes; processor time is that of all of them.\n\n"
            + table(("", "median", "least", "most"), rows)
        ),
    )


def main() -> int:
    """Measure and say whether the goal was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encore-start-") as folder:
        found = measure(Path(folder) / "var", options.rounds)
    for wall, computed in found:
        print(f"first page after {wall:.2f} s, {computed:.2f} s of processor time")
    median = statistics.median(wall for wall, _ in found)
    print(f"median {median:.2f} s (at most {MOST_SECONDS:.0f})")
    save(section(found))
    return 0 if median <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
