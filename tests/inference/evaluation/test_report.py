"""Sections go in, one report and one file of numbers come out."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from inference.errors import DatasetError
from inference.evaluation.report import (
    MODULES,
    Section,
    joined,
    leaves,
    published_sections,
    read_sections,
    render,
    save,
    table,
    write_report,
)


def _section(name: str, **metrics: object) -> Section:
    return Section(
        name=name,
        title=name.title(),
        metrics=metrics,
        markdown=f"What {name} found.",
        measured_at="2026-01-01T12:00+00:00",
        machine="a machine",
    )


def test_a_section_survives_being_kept(tmp_path: Path) -> None:
    section = _section("emotion", ece=0.04, fer={"accuracy": 0.7})
    save(section, tmp_path)
    assert read_sections(tmp_path) == [section]


def test_measuring_again_replaces_the_earlier_section(tmp_path: Path) -> None:
    save(_section("emotion", ece=0.9), tmp_path)
    save(_section("emotion", ece=0.04), tmp_path)
    assert [section.metrics for section in read_sections(tmp_path)] == [{"ece": 0.04}]


def test_sections_stand_in_the_order_of_the_photo_path(tmp_path: Path) -> None:
    for name in ("zebra", "photos", "emotion", "detection", "apple"):
        save(_section(name), tmp_path)
    names = [section.name for section in read_sections(tmp_path)]
    assert names == ["detection", "emotion", "photos", "apple", "zebra"]


def test_the_report_holds_every_section_and_every_number(tmp_path: Path) -> None:
    write_report([_section("emotion", fer={"accuracy": 0.7}), _section("photos", ms=3)], tmp_path)
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert metrics == {"emotion": {"fer": {"accuracy": 0.7}}, "photos": {"ms": 3}}
    text = (tmp_path / "evaluation.md").read_text(encoding="utf-8")
    assert text.index("## Emotion") < text.index("What emotion found.") < text.index("## Photos")


def test_one_section_measured_anew_leaves_the_others_of_the_report(tmp_path: Path) -> None:
    photos, live = _section("photos", ms=3), _section("live", fps={"one": 15})
    write_report([_section("emotion", ece=0.9), photos, live], tmp_path)
    anew = _section("emotion", ece=0.04)

    write_report(joined([anew], published_sections(tmp_path)), tmp_path)

    assert published_sections(tmp_path) == [anew, photos, live]


def test_where_no_report_is_none_is_read_back(tmp_path: Path) -> None:
    assert published_sections(tmp_path) == []


def test_a_report_and_numbers_that_differ_are_refused(tmp_path: Path) -> None:
    write_report([_section("emotion", ece=0.9), _section("photos", ms=3)], tmp_path)
    (tmp_path / "metrics.json").write_text('{"emotion": {}}', encoding="utf-8")

    with pytest.raises(DatasetError, match="restore both"):
        published_sections(tmp_path)


def test_a_section_says_when_and_where_it_was_measured() -> None:
    assert "Measured 2026-01-01T12:00+00:00 on a machine." in render([_section("emotion")])


def test_nothing_measured_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="give --data"):
        read_sections(tmp_path)


def test_a_metric_that_is_no_number_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"emotion\.fer\.accuracy is nan"):
        _section("emotion", fer={"accuracy": float("nan")})


def test_leaves_are_named_by_their_path() -> None:
    assert list(leaves({"a": {"b": 1, "c": {"d": 2}}, "e": 3})) == [
        ("a.b", 1),
        ("a.c.d", 2),
        ("e", 3),
    ]


def test_a_table_is_markdown() -> None:
    assert table(("set", "iou"), [("selfies", 0.94321), ("all", 3)]) == (
        "| set | iou |\n| --- | ---: |\n| selfies | 0.9432 |\n| all | 3 |\n\n"
    )


def test_all_that_a_report_measures_is_there() -> None:
    there = {module: find_spec(f"inference.evaluation.{module}") for module in MODULES}
    assert [module for module, found in there.items() if found is None] == []
