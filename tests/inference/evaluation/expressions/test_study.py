import json
from dataclasses import replace
from pathlib import Path

import pytest

from inference.emotion.architectures import ARCHITECTURES
from inference.evaluation import report
from inference.evaluation.expressions import study as comparison
from inference.evaluation.expressions.study import (
    BUDGET,
    HARD_FACES,
    cheapest_first,
    compare,
    train_all,
)
from tests.inference.training.generated_faces import write_generated_data

QUICK = replace(BUDGET, epochs=1, precision="fp32")


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "DOCS", tmp_path / "docs")
    root = tmp_path / "study"
    root.mkdir()
    (root / HARD_FACES).write_text("[0, 1, 2, 9]")
    return root


def test_finished_networks_stand_side_by_side(study: Path, tmp_path: Path) -> None:
    data = write_generated_data(tmp_path / "faces", training=60)
    names = ["dense-16-32-dropout-0.0", "mini-xception"]
    train_all(names, data, study, QUICK)

    section = compare(study, data, QUICK)

    assert set(section.metrics["networks"]) == set(names)
    assert section.metrics["hard_faces"] == 4
    assert section.metrics["networks"]["mini-xception"]["parameters"] == 50_815
    for name in names:
        assert name in section.markdown
    charts = sorted(path.name for path in (tmp_path / "docs" / "img" / "evaluation").iterdir())
    assert charts == [
        "emotion-study-fer2013.svg",
        "emotion-study-ferplus.svg",
        "emotion-study-filters.png",
    ]


def test_a_second_call_trains_only_what_is_missing(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_generated_data(tmp_path / "faces", training=60)
    train_all(["dense-16-32-dropout-0.0"], data, study, QUICK)
    before = (study / "dense-16-32-dropout-0.0" / "metrics.json").stat().st_mtime_ns

    train_all(["dense-16-32-dropout-0.0", "dense-32-64-dropout-0.2"], data, study, QUICK)

    assert (study / "dense-16-32-dropout-0.0" / "metrics.json").stat().st_mtime_ns == before
    metrics = json.loads((study / "dense-32-64-dropout-0.2" / "metrics.json").read_text())
    assert metrics["epochs"] == 1
    assert "dense-16-32-dropout-0.0: done before" in capsys.readouterr().out


@pytest.mark.slow
def test_cheap_networks_come_first_and_none_is_forgotten() -> None:
    order = cheapest_first()

    assert set(order) == set(ARCHITECTURES)
    assert order[0].startswith("dense")


def test_a_wrong_path_ends_the_study_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="there is no folder"):
        comparison.main(["--data", str(tmp_path / "nowhere"), "--runs", str(tmp_path / "r")])
    assert not (tmp_path / "r").exists()
