"""The report's section on live cameras: several runs, measured one by one, side by side.

``tests/load/live_load.py`` and ``tests/load/live_browser.py`` measure a whole Encore and keep each
run here under a name. A run stays in the section until it is measured again, so every run says
itself when and where that was.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from inference.evaluation.report import (
    DOCS,
    RESULTS,
    Section,
    leaves,
    published_sections,
    save,
    table,
)

NAME = "live_cameras"
BROWSER, RECOVERY = "browser", "recovery"
"""The runs that are not websocket cameras."""

Run: TypeAlias = Mapping[str, Any]
Row: TypeAlias = tuple[str, str]

_CAMERA_ROWS: tuple[Row, ...] = (
    ("device", "device"),
    ("rate", "frames per second and camera"),
    ("kilobytes", "kB per frame"),
    ("seconds", "seconds"),
    ("results_per_second", "answered per second, all cameras"),
    ("dropped", "dropped frames"),
    ("answer_age_ms.p50", "age of an answered frame, p50, ms"),
    ("answer_age_ms.p95", "age of an answered frame, p95, ms"),
    ("health_ms.p95", "health page, p95, ms"),
    ("fairness", "fairness, slowest / fastest camera"),
    ("memory_growth_mb", "memory growth of the web process, MB"),
    ("sockets_lost", "sockets lost"),
    ("refused_after_seconds", "one camera too many refused after, s"),
    ("measured", "measured"),
)
_BROWSER_ROWS: tuple[Row, ...] = (
    ("minutes", "minutes"),
    ("annotated_per_second", "annotated frames per second"),
    ("latency_ms.p50", "capture to display, p50, ms"),
    ("latency_ms.p95", "capture to display, p95, ms"),
    ("longest_gap_seconds", "longest time without a new annotated frame, s"),
    ("freezes", "freezes (longer than a second)"),
    ("frame_width", "width of the frames sent, median, px"),
    ("growth_mb.server", "memory growth, all server processes, MB"),
    ("growth_mb.page", "memory growth, renderer of the page, MB"),
    ("growth_mb.heap", "memory growth, JavaScript heap, MB"),
    ("measured", "measured"),
)
_RECOVERY_ROWS: tuple[Row, ...] = (
    ("kills", "kills"),
    ("told", "times the page said so"),
    ("annotated_seconds.median", "next annotated frame, median, s"),
    ("annotated_seconds.worst", "next annotated frame, worst, s"),
    ("named_seconds.median", "name back, median, s"),
    ("named_seconds.worst", "name back, worst, s"),
    ("restarted_seconds.worst", "of that until the process is started again, worst, s"),
    ("measured", "measured"),
)
_IN_CHROMIUM = (
    "One camera of 640x360 at 15 frames per second in Chromium on the same machine, with the real "
    "engine and one enrolled person; moments are not captured. Capture to display ends when the "
    "browser has painted the frame with its boxes. Memory growth is that of the highest tenth of "
    "the time over the first tenth, each by its median.\n\n"
)
_KILLED = (
    "The inference process is killed (SIGKILL) while that camera films, each time after it has "
    "lived for a minute.\n\n"
)


def keep(name: str, run: Run, directory: Path = RESULTS, docs: Path = DOCS) -> Path:
    """Put a run in the place of an earlier one of the same name, and leave the others.

    Args:
        name: ``browser``, ``recovery``, or ``ENGINE_CAMERAS`` such as ``real_50``.
        run: Figures; when and where they were measured is added.
        directory: Where results wait for the report.
        docs: Where the last report is; its runs count where ``directory`` has none.
    """
    runs = {**_earlier_runs(directory, docs), name: dict(run)}
    made = section(runs)
    stamp = f"{made.measured_at.replace('T', ' ')} on {made.machine}"
    return save(section({**runs, name: {**run, "measured": stamp}}), directory)


def _earlier_runs(directory: Path, docs: Path) -> dict[str, Run]:
    path = directory / f"{NAME}.json"
    if path.is_file():
        return dict(json.loads(path.read_text(encoding="utf-8"))["metrics"])
    published = {section.name: section for section in published_sections(docs)}
    return dict(published[NAME].metrics) if NAME in published else {}


def section(runs: Mapping[str, Run]) -> Section:
    """Lay the runs out, fake engine first, many cameras before few."""
    cameras = {name: run for name, run in runs.items() if name not in {BROWSER, RECOVERY}}
    many_first = sorted(cameras, key=lambda name: (name.split("_")[0], -cameras[name]["cameras"]))
    parts = []
    if cameras:
        columns = {
            f"{cameras[name]['cameras']} cameras, {cameras[name]['engine']} engine": cameras[name]
            for name in many_first
        }
        parts.append("### Many cameras\n\n" + _side_by_side(_CAMERA_ROWS, columns))
    if BROWSER in runs:
        words = f"### One camera in a browser\n\n{_IN_CHROMIUM}"
        parts.append(words + _side_by_side(_BROWSER_ROWS, {"measured": runs[BROWSER]}))
    if RECOVERY in runs:
        words = f"### After a kill\n\n{_KILLED}"
        parts.append(words + _side_by_side(_RECOVERY_ROWS, {"measured": runs[RECOVERY]}))
    return Section(name=NAME, title="Live cameras", metrics=runs, markdown="".join(parts))


def _side_by_side(rows: Sequence[Row], columns: Mapping[str, Run]) -> str:
    values = [dict(leaves(run)) for run in columns.values()]
    cells = [(words, *(_cell(one.get(path)) for one in values)) for path, words in rows]
    return table(("", *columns), cells)


def _cell(value: object) -> object:
    return "" if value is None else value
