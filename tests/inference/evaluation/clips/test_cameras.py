"""Runs of live cameras are kept one by one and shown side by side, beside their goals."""

import json
from pathlib import Path
from typing import Any

import pytest

from inference.evaluation import goals
from inference.evaluation.clips import cameras as live_cameras
from inference.evaluation.report import joined, leaves, read_sections, render, write_report

BROWSER = {
    "minutes": 10,
    "annotated_per_second": 14.2,
    "latency_ms": {"p50": 90.0, "p95": 180.0},
    "longest_gap_seconds": 1.25,
    "freezes": 1,
    "frame_width": 640,
    "growth_mb": {"server": 3.0, "page": 61.0, "heap": 1.0},
}
RECOVERY = {
    "kills": 5,
    "told": 5,
    "restarted_seconds": {"median": 0.6, "worst": 0.7},
    "annotated_seconds": {"median": 3.0, "worst": 4.5},
    "named_seconds": {"median": 3.1, "worst": 4.6},
}


def _cameras(engine: str, count: int, age_p95: float = 300.0) -> dict[str, Any]:
    return {
        "engine": engine,
        "device": "cpu",
        "cameras": count,
        "rate": 5.0,
        "answer_age_ms": {"p50": 100.0, "p95": age_p95},
        "health_ms": {"p50": 5.0, "p95": 20.0},
        "fairness": 0.9,
        "refused_after_seconds": None,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return tmp_path / "docs"


def _metrics(folder: Path) -> dict[str, Any]:
    text = (folder / "live_cameras.json").read_text(encoding="utf-8")
    return dict(json.loads(text)["metrics"])


def test_a_run_measured_again_replaces_itself_and_leaves_the_others(
    folder: Path, docs: Path
) -> None:
    live_cameras.keep("fake_50", _cameras("fake", 50), folder, docs)
    live_cameras.keep("real_50", _cameras("real", 50, age_p95=900.0), folder, docs)
    live_cameras.keep("real_50", _cameras("real", 50, age_p95=400.0), folder, docs)

    runs = _metrics(folder)

    assert list(runs) == ["fake_50", "real_50"]
    assert runs["real_50"]["answer_age_ms"]["p95"] == 400.0


def test_runs_of_the_last_report_count_where_nothing_was_measured_here(
    folder: Path, docs: Path
) -> None:
    live_cameras.keep("fake_50", _cameras("fake", 50), folder, docs)
    write_report(read_sections(folder), docs)
    (folder / "live_cameras.json").unlink()

    live_cameras.keep("browser", BROWSER, folder, docs)

    assert set(_metrics(folder)) == {"fake_50", "browser"}
    assert "50 cameras, fake engine" in render(joined(read_sections(folder), []))


def test_every_run_says_when_and_where_it_was_measured(folder: Path, docs: Path) -> None:
    live_cameras.keep("browser", BROWSER, folder, docs)
    [section] = read_sections(folder)
    assert f"| measured | {section.metrics['browser']['measured']} |" in section.markdown
    assert section.machine in section.metrics["browser"]["measured"]


def test_engines_stand_side_by_side_and_many_cameras_before_few() -> None:
    runs = {
        "real_4": _cameras("real", 4),
        "real_50": _cameras("real", 50),
        "fake_50": _cameras("fake", 50),
    }
    header = "|  | 50 cameras, fake engine | 50 cameras, real engine | 4 cameras, real engine |"
    assert header in live_cameras.section(runs).markdown


def test_a_figure_that_a_run_lacks_leaves_its_cell_empty() -> None:
    markdown = live_cameras.section({"fake_50": _cameras("fake", 50)}).markdown
    assert "| one camera too many refused after, s |  |" in markdown


def test_only_what_was_measured_is_told() -> None:
    markdown = live_cameras.section({"recovery": RECOVERY}).markdown
    assert "### After a kill" in markdown
    assert "### Many cameras" not in markdown
    assert "### One camera in a browser" not in markdown


def test_each_live_goal_has_its_row() -> None:
    runs = {
        "browser": BROWSER,
        "recovery": RECOVERY,
        "fake_50": _cameras("fake", 50),
        "real_50": _cameras("real", 50, age_p95=1500.0),
        "real_4": _cameras("real", 4),
    }
    verdicts = {
        what: verdict for what, _, _, verdict in goals.rows(dict(leaves({"live_cameras": runs})))
    }

    assert len(verdicts) == 6 + 3 * 3
    assert {what: verdict for what, verdict in verdicts.items() if verdict != "met"} == {
        "live, longest gap, s": "missed by 0.25",
        "live, growth, page, MB": "missed by 11",
        "live, 50 cameras, real engine, age p95 ms": "missed by 5e+02",
    }
