"""One report out of all evaluations: docs/evaluation.md and docs/metrics.json.

Every evaluation module measures one thing and leaves one *section*; this module lays the sections
side by side, so that one of them can be measured again without the others.

How an evaluation module takes part::

    from inference.evaluation.report import Section, chart_path, save, table

    def evaluate(data: Path) -> Section:
        figure.savefig(chart_path("emotion-confusion"))          # docs/img/evaluation/*.svg
        return Section(
            name="emotion",                                      # first part of the metric's name
            title="Emotion",
            metrics={"fer2013_private_test": {"accuracy": 0.731}},
            markdown=table(("split", "accuracy"), rows) + "![Confusion](img/evaluation/….svg)",
        )

    def main() -> None:                                          # python -m inference.evaluation.X
        ...
        save(evaluate(arguments.data))                           # var/evaluation/emotion.json

``metrics`` is a nest of dictionaries whose leaves are numbers, text or lists of them;
``docs/metrics.json`` holds it under the section's name, so a leaf is quoted as
``emotion.fer2013_private_test.accuracy``. ``markdown`` begins below the section's heading, names
links relative to ``docs/`` and uses ``###`` for headings of its own. Charts only, no photos.

``python -m inference.evaluation.report`` puts what was measured into the report and leaves its
other sections as they are;
``python -m inference.evaluation.report --data DIR`` measures everything first.
"""

import argparse
import json
import math
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inference.errors import DatasetError
from inference.evaluation import goals

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "var" / "evaluation"
DOCS = ROOT / "docs"

MODULES = (
    "detection.comparison",
    "verification",
    "naming.line_up",
    "naming.references",
    "naming.second_opinion",
    "naming.tracks",
    "film",
    "emotion",
    "segmentation",
    "photos",
    "moments",
    "peaks",
)
"""What ``--data`` measures, in this order."""

SECTIONS = (
    "detection",
    "recognition",
    "line_up",
    "references",
    "second_opinion",
    "tracks",
    "film",
    "emotion",
    "segmentation",
    "photos",
    "moments",
    "peaks",
)
"""Order in the report; sections of other names follow by alphabet."""

_PUBLISHED = re.compile(
    r"^## ([^\n]+)\n\nMeasured (\S+) on ([^\n]+)\.\n\n(.*?)(?=\n+## |\n*\Z)",
    re.MULTILINE | re.DOTALL,
)
"""A section as ``render`` writes it: title, time, machine, markdown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one evaluation found.

    Attributes:
        name: First part of the names of its metrics.
        title: Heading in the report.
        metrics: Nested dictionaries, leaves JSON; no NaN.
        markdown: Tables, charts and words below the heading.
        measured_at: When, ISO 8601.
        machine: Where.
    """

    name: str
    title: str
    metrics: Mapping[str, Any]
    markdown: str
    measured_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat("T", "minutes"))
    machine: str = field(default_factory=lambda: describe_machine())

    def __post_init__(self) -> None:
        for path, value in leaves(self.metrics):
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"metric {self.name}.{path} is {value}; leave it out instead")


def describe_machine() -> str:
    """Name processor, cores and torch, for comparing times."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def leaves(metrics: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Yield ``("a.b.c", value)`` for every leaf of nested dictionaries."""
    for key, value in metrics.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lay out a markdown table; floats get four significant digits, everything else ``str``."""
    lines = [" | ".join(header), " | ".join(["---"] + ["---:"] * (len(header) - 1))]
    lines += [" | ".join(_cell(value) for value in row) for row in rows]
    return "".join(f"| {line} |\n" for line in lines) + "\n"


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def chart_path(name: str, suffix: str = ".svg") -> Path:
    """Return where a chart belongs, making the folder; link it as ``img/evaluation/NAME.svg``."""
    folder = DOCS / "img" / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}{suffix}"


def save(section: Section, directory: Path = RESULTS) -> Path:
    """Keep a section until the report is written, replacing an earlier measurement of it."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{section.name}.json"
    path.write_text(json.dumps(asdict(section), indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return path


def read_sections(directory: Path = RESULTS) -> list[Section]:
    """Read all sections kept in a folder, in the report's order.

    Raises:
        DatasetError: There is none.
    """
    sections = [
        Section(**json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(directory.glob("*.json"))
    ]
    if not sections:
        raise DatasetError(f"nothing measured in {directory}; give --data DIR to measure")
    return sorted(sections, key=lambda section: place(section.name))


def place(name: str) -> tuple[int, str]:
    """Return what sections are sorted by."""
    return (SECTIONS.index(name) if name in SECTIONS else len(SECTIONS), name)


def published_sections(docs: Path = DOCS) -> list[Section]:
    """Read back the sections of the report that is there; an empty list when there is none.

    So one section can be measured anew on a machine that has none of the others' results.

    Raises:
        DatasetError: ``evaluation.md`` and ``metrics.json`` do not belong together.
    """
    report, numbers = docs / "evaluation.md", docs / "metrics.json"
    if not report.is_file() or not numbers.is_file():
        return []
    metrics = json.loads(numbers.read_text(encoding="utf-8"))
    headed = re.findall(_PUBLISHED, report.read_text(encoding="utf-8"))
    if len(headed) != len(metrics):
        raise DatasetError(f"{report} and {numbers} tell of different sections; restore both")
    return [
        Section(
            name=name,
            title=title,
            metrics=metrics[name],
            markdown=markdown,
            measured_at=measured_at,
            machine=machine,
        )
        for name, (title, measured_at, machine, markdown) in zip(
            sorted(metrics, key=place), headed, strict=True
        )
    ]


def joined(measured: Sequence[Section], published: Sequence[Section]) -> list[Section]:
    """Put what was measured now in the place of what was published before."""
    newest = {section.name: section for section in (*published, *measured)}
    return sorted(newest.values(), key=lambda section: place(section.name))


def render(sections: Sequence[Section]) -> str:
    """Write the report as markdown."""
    parts = [
        "# Evaluation\n\n"
        "Generated by `make evaluate` from the last measurement of each section; do not edit. "
        "Every number stands in [metrics.json](metrics.json) under its name.\n"
    ]
    values = dict(
        leaf for section in sections for leaf in leaves(section.metrics, f"{section.name}.")
    )
    if reached := goals.rows(values):
        parts.append(f"## Goals\n\n{table(('what', 'measured', 'goal', ''), reached).strip()}\n")
    for section in sections:
        parts.append(
            f"## {section.title}\n\n"
            f"Measured {section.measured_at} on {section.machine}.\n\n{section.markdown.strip()}\n"
        )
    return "\n".join(parts)


def write_report(sections: Sequence[Section], docs: Path = DOCS) -> None:
    """Write ``evaluation.md`` and ``metrics.json`` into a folder."""
    docs.mkdir(parents=True, exist_ok=True)
    (docs / "evaluation.md").write_text(render(sections), encoding="utf-8")
    metrics = {section.name: section.metrics for section in sections}
    text = json.dumps(metrics, indent=2, sort_keys=True, allow_nan=False)
    (docs / "metrics.json").write_text(text + "\n", encoding="utf-8")


def measure(data: Path) -> list[str]:
    """Run every evaluation in a process of its own; return the names of those that failed."""
    failed = []
    for module in MODULES:
        name = f"inference.evaluation.{module}"
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", name, "--data", str(data)]
        if subprocess.run(command, check=False, cwd=ROOT).returncode:  # noqa: S603 - our own modules
            failed.append(module)
    return failed


def main() -> None:
    """Measure if asked to, then write the report."""
    parser = argparse.ArgumentParser(description="Write docs/evaluation.md and docs/metrics.json.")
    parser.add_argument("--data", type=Path, help="measure everything on this data folder first")
    arguments = parser.parse_args()
    if arguments.data is not None and not arguments.data.is_dir():
        sys.exit(f"{arguments.data} is no folder")
    failed = measure(arguments.data) if arguments.data is not None else []
    try:
        sections = joined(read_sections(), published_sections())
    except DatasetError as error:
        sys.exit(str(error))
    write_report(sections)
    print(f"wrote docs/evaluation.md with {', '.join(section.name for section in sections)}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
