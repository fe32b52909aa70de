# ruff: noqa: T201
"""Live frames a second while somebody else takes one processor: with fixed and fitting threads.

``python -m tests.load.threads_load [--rounds 3] [--seconds 4] [--nice 10]`` has the engine read a
frame with one face again and again, at the niceness of a worker, while a process of usual niceness
counts on one core. All settings are run by turns, so whatever else the machine does strikes each.
Exits with 1 when the fitting threads make less than half of what one thread makes.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing.synchronize import Event

from inference.device import bound_threads
from inference.engine.live.engine import LiveEngine
from inference.engine.mailboxes import Frame
from inference.engine.models import ShippedModels
from inference.evaluation.report import Section, save, table
from inference.threads import FittingThreads
from tests.load.live_load import make_picture

CAMERA = (1, "camera")
LEAST_SHARE = 0.5
TWO = 2


def take_one_core(stop: Event) -> None:
    """Count until told to stop."""
    while not stop.is_set():
        for _ in range(100_000):
            pass


def frames_per_second(engine: LiveEngine, image: bytes, seconds: float) -> float:
    """Have frames read one after the other."""
    began, count = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        engine.submit(
            Frame(CAMERA, count, 1000 * time.monotonic(), frozenset({"emotions"}), image, 0.0)
        )
        engine.step()
        count += 1
    return count / (time.monotonic() - began)


def settings(engine: LiveEngine, image: bytes, seconds: float) -> dict[str, Callable[[], float]]:
    """Return what is compared."""
    fitting = FittingThreads(TWO)

    def fixed(count: int) -> float:
        engine.before_step = lambda: None
        bound_threads(count)
        return frames_per_second(engine, image, seconds)

    def fitted() -> float:
        engine.before_step = fitting.fit
        bound_threads(fitting.count)
        return frames_per_second(engine, image, seconds)

    return {"one thread": lambda: fixed(1), "two threads": lambda: fixed(TWO), "fitting": fitted}


def section(found: dict[str, list[float]], options: argparse.Namespace, load: float) -> Section:
    """Return the figures for the report."""
    medians = {name: statistics.median(values) for name, values in found.items()}
    rows = [(name, medians[name], min(values), max(values)) for name, values in found.items()]
    return Section(
        name="threads",
        title="Threads on a machine that others use",
        metrics={name.replace(" ", "_"): value for name, value in medians.items()},
        markdown=(
            "Frames a second of the engine while another process counts on one core; the settings "
            f"by turns, {options.rounds} rounds of {options.seconds:.0f} s at niceness "
            f"{options.nice}, load of the machine {load:.1f}. Fitting is what ships: as many "
            "threads as there are processors that others leave.\n\n"
            + table(("threads", "median", "least", "most"), rows)
        ),
    )


def main() -> int:
    """Measure and say whether the goal was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--nice", type=int, default=10)
    options = parser.parse_args()
    stop = multiprocessing.Event()
    hog = multiprocessing.Process(target=take_one_core, args=(stop,), daemon=True)
    hog.start()
    os.nice(options.nice)
    engine = LiveEngine(ShippedModels())
    engine.open(CAMERA)
    found: defaultdict[str, list[float]] = defaultdict(list)
    try:
        for _ in range(options.rounds):
            for name, run in settings(engine, make_picture(40_000), options.seconds).items():
                found[name].append(run())
    finally:
        stop.set()
        hog.join()
    load = os.getloadavg()[0]
    for name, values in found.items():
        each = " ".join(f"{value:.1f}" for value in values)
        print(f"{name:12} {statistics.median(values):6.1f} frames/s   ({each})")
    share = statistics.median(found["fitting"]) / statistics.median(found["one thread"])
    print(f"fitting threads make {share:.2f} of one thread (at least {LEAST_SHARE})")
    save(section(found, options, load))
    return 0 if share >= LEAST_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
