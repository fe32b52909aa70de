# ruff: noqa: T201
"""Measure one camera in a real Chromium, as a fan sees it: rate, delay, freezes, memory, recovery.

Starts an Encore of its own with its inference process, enrols the woman of a clip, and films that
clip with Chromium's fake camera, 640x360 at 15 frames per second. A script in the page notes each
annotated frame once it is painted. First the camera films undisturbed; a *freeze* is more than a
second without a new annotated frame. Then the inference process is killed several times, each time
after it has lived for a minute, because the supervisor lets one that dies sooner wait longer.

Moments are not captured meanwhile: their photos would keep the workers busy. ``--moments`` lets
them be captured.

Exits with 1 when a goal of ``docs/evaluation.md`` was missed. The figures are left for
``make evaluate``.

    python -m tests.load.live_browser [--minutes 10] [--kills 5]
"""

import argparse
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from inference.evaluation import goals
from inference.evaluation.clips import cameras as live_cameras
from inference.evaluation.report import leaves
from tests.e2e.clips import make_steady_clip
from tests.e2e.conftest import open_chromium
from tests.e2e.filming import (
    FAKE_CAMERA,
    NAME,
    become_known_owner,
    film,
    open_camera_page,
    want_moments,
)
from tests.live import LiveEncore, wait_until

RATE = 15
FREEZE_SECONDS = 1.0
FIRST_NAME_MS = 120_000
LONGEST_WARM_UP_SECONDS = 60.0
STEADY_SECONDS = 61.0
"""Longer than that of the supervisor, ``webapp.core.processes.supervisor``."""
RECOVERY_SECONDS = 60.0
NOTES = Path(__file__).with_name("live_browser_notes.js")


@dataclass(frozen=True, slots=True)
class Shown:
    """One annotated frame on the screen.

    Attributes:
        at: When it was painted, in seconds since 1970.
        latency_ms: Since the camera took it.
        faces: How many were drawn on it.
        width: Of the frame that was sent, in pixels.
    """

    at: float
    latency_ms: float
    faces: int
    is_named: bool
    width: int


@dataclass
class Notes:
    """What the page has noted so far: frames, and what it said at which time."""

    frames: list[Shown] = field(default_factory=list)
    words: list[tuple[float, str]] = field(default_factory=list)

    def take(self, page: Page) -> None:
        """Fetch what is new."""
        new = page.evaluate("() => takeNotes()")
        self.frames += [Shown(**{**one, "at": one["at"] / 1000}) for one in new["frames"]]
        self.words += [(one["at"] / 1000, one["text"]) for one in new["words"]]


@dataclass(frozen=True, slots=True)
class Recovery:
    """What happened after one kill, all in seconds since it.

    Attributes:
        told: When the page said so; ``None`` when it did not.
        restarted: When the supervisor had started another process.
        annotated: When the next frame with a face was painted.
        named: When the next frame with a name was painted.
    """

    told: float | None
    restarted: float
    annotated: float
    named: float


def recovery(notes: Notes, killed_at: float, restarted_at: float) -> Recovery | None:
    """Read from the notes how a kill went; ``None`` while names are not back."""
    after = [one for one in notes.frames if one.at > restarted_at]
    annotated = next((one.at for one in after if one.faces), None)
    named = next((one.at for one in after if one.is_named), None)
    if annotated is None or named is None:
        return None
    said = (at for at, text in notes.words if killed_at <= at <= annotated and "recogniser" in text)
    told_at = next(said, None)
    return Recovery(
        told=None if told_at is None else told_at - killed_at,
        restarted=restarted_at - killed_at,
        annotated=annotated - killed_at,
        named=named - killed_at,
    )


def growth(values: Sequence[float]) -> float:
    """Return by how much the highest tenth of the time lies above the first, each by its median.

    Medians: a heap that is swept now and then is flat, and so is one with a peak of a second.
    """
    size = max(1, len(values) // 10)
    tenths = [values[start : start + size] for start in range(0, len(values) - size + 1, size)]
    medians = [statistics.median(tenth) for tenth in tenths]
    return max(medians) - medians[0]


def gaps(times: Sequence[float], start: float, end: float) -> list[float]:
    """Return the seconds between neighbours, the ends of the measurement included."""
    edges = [start, *times, end]
    return [later - earlier for earlier, later in pairwise(edges)]


def memory(encore: LiveEncore, session: CDPSession) -> dict[str, float]:
    """Return resident megabytes of all server processes, of the page and of its heap."""
    assert encore.process is not None
    servers = [psutil.Process(encore.process.pid), *encore.children()]
    told = session.send("Performance.getMetrics")["metrics"]
    heap = next(one["value"] for one in told if one["name"] == "JSHeapUsedSize")
    renderers = [
        process
        for process in psutil.Process().children(recursive=True)
        if "--type=renderer" in _command(process)
    ]
    return {"server": _resident(servers), "page": _resident(renderers), "heap": heap / 1e6}


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def _resident(processes: Sequence[psutil.Process]) -> float:
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total / 1e6


def film_undisturbed(encore: LiveEncore, page: Page, minutes: float) -> dict[str, Any]:
    """Film for so long after a warm-up; return the figures."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.wait_for_timeout(1000 * min(LONGEST_WARM_UP_SECONDS, 12 * minutes))
    Notes().take(page)
    notes, used = Notes(), []
    start = time.time()
    while time.time() < start + 60 * minutes:
        page.wait_for_timeout(1000)
        notes.take(page)
        used.append(memory(encore, session))
    frames = [one for one in notes.frames if one.faces]
    latencies = sorted(one.latency_ms for one in frames)
    silences = gaps([one.at for one in frames], start, time.time())
    return {
        "minutes": minutes,
        "annotated_per_second": len(frames) / (time.time() - start),
        "latency_ms": {
            "p50": latencies[len(latencies) // 2],
            "p95": latencies[int(0.95 * len(latencies))],
        },
        "longest_gap_seconds": max(silences),
        "freezes": sum(silence > FREEZE_SECONDS for silence in silences),
        "frame_width": int(statistics.median(one.width for one in frames)),
        "resident_mb": used[-1],
        "growth_mb": {part: growth([one[part] for one in used]) for part in used[0]},
    }


def inference_process(
    encore: LiveEncore, other_than: psutil.Process | None = None
) -> psutil.Process | None:
    """Return the inference process that runs, unless it is the one given."""
    found = encore.child("inference.engine")
    return None if found == other_than else found


def kill_and_wait(encore: LiveEncore, page: Page) -> Recovery:
    """Kill the inference process once it has lived for long enough, and wait for names."""
    old = wait_until(lambda: inference_process(encore), 10, "no inference process")
    page.wait_for_timeout(max(0.0, 1000 * (old.create_time() + STEADY_SECONDS - time.time())))
    notes = Notes()
    notes.take(page)
    killed_at = time.time()
    old.send_signal(signal.SIGKILL)
    wait_until(lambda: inference_process(encore, other_than=old), 30, "it was not started again")
    restarted_at = time.time()
    while (found := recovery(notes, killed_at, restarted_at)) is None:
        if time.time() > killed_at + RECOVERY_SECONDS:
            raise SystemExit(f"no names {RECOVERY_SECONDS:.0f} s after a kill")
        page.wait_for_timeout(250)
        notes.take(page)
    print(
        f"killed: the page said so after {found.told or float('nan'):.2f} s, started again after "
        f"{found.restarted:.2f} s, annotated after {found.annotated:.2f} s, "
        f"named after {found.named:.2f} s"
    )
    return found


def recoveries(found: Sequence[Recovery]) -> dict[str, Any]:
    """Return the figures of all kills."""
    return {
        "kills": len(found),
        "told": sum(one.told is not None for one in found),
        **{
            f"{part}_seconds": {"median": statistics.median(times), "worst": max(times)}
            for part in ("restarted", "annotated", "named")
            for times in [[getattr(one, part) for one in found]]
        },
    }


def report(runs: Mapping[str, Mapping[str, Any]]) -> bool:
    """Print every figure, then the goals; return whether all were met."""
    values = dict(leaves({live_cameras.NAME: runs}))
    for path, value in values.items():
        print(f"{path.partition('.')[2]:<40} {value:.4g}")
    reached = goals.rows(values)
    for what, value, bar, verdict in reached:
        print(f"{what}: {value:.4g} (goal {bar}), {verdict}")
    return all(row[-1] == "met" for row in reached)


def measure(encore: LiveEncore, folder: Path, options: argparse.Namespace) -> bool:
    """Film in Chromium and keep the figures; return whether all goals were met."""
    clip = make_steady_clip(folder / "clip.y4m", RATE)
    runs: dict[str, dict[str, Any]] = {}
    with sync_playwright() as playwright:
        plays = f"--use-file-for-fake-video-capture={clip}"
        browser = open_chromium(playwright, *FAKE_CAMERA, plays)
        owner = become_known_owner(browser, encore, folder / "people")
        want_moments(encore, wanted=options.moments)
        owner.context.add_init_script(path=NOTES)
        page = open_camera_page(owner)
        page.get_by_label("Resolution").select_option("640x360")
        film(page)
        expect(page.locator(".live-face-name").first).to_have_text(NAME, timeout=FIRST_NAME_MS)
        if options.minutes:
            runs[live_cameras.BROWSER] = film_undisturbed(encore, page, options.minutes)
            live_cameras.keep(live_cameras.BROWSER, runs[live_cameras.BROWSER])
        if options.kills:
            kills = (kill_and_wait(encore, page) for _ in range(options.kills))
            runs[live_cameras.RECOVERY] = recoveries(list(kills))
            live_cameras.keep(live_cameras.RECOVERY, runs[live_cameras.RECOVERY])
        browser.close()
    return report(runs)


def main() -> int:
    """Start an Encore, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of undisturbed filming")
    parser.add_argument("--kills", type=int, default=5, help="of the inference process")
    parser.add_argument("--moments", action="store_true", help="let moments be captured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encore-browser-") as folder:
        encore = LiveEncore(
            Path(folder) / "data", settings="webapp.settings", ENCORE_LIVE_ENGINE="true"
        )
        try:
            encore.start(seconds=120)
            return 0 if measure(encore, Path(folder), options) else 1
        finally:
            encore.clean_up()


if __name__ == "__main__":
    sys.exit(main())
