"""System checks: what is wrong with an installation is said before it is used."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from tests.live import free_port
from webapp.core import checks
from webapp.core.web import health
from webapp.vision.models import status
from webapp.vision.values import ModelStatus


def ids(messages: list[Any]) -> list[str]:
    return [str(message.id) for message in messages]


def test_a_sound_installation_has_nothing_to_report() -> None:
    assert run_checks(tags=["encore"]) == []


def test_a_missing_model_is_a_warning_that_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("inference.weights.TRAINED_DIRECTORY", tmp_path)
    messages = checks.check_models(None)
    assert set(ids(messages)) == {"encore.W001"}
    assert any("portrait-unet" in message.msg for message in messages)


def test_a_model_cut_short_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from inference.weights import TRAINED_DIRECTORY, records

    cut, *_ = [name for name, record in records().items() if record.origin == "trained"]
    for record in records().values():
        if record.origin == "trained":
            content = (TRAINED_DIRECTORY / record.filename).read_bytes()
            (tmp_path / record.filename).write_bytes(
                content[:-1] if record.name == cut else content
            )
    monkeypatch.setattr("inference.weights.TRAINED_DIRECTORY", tmp_path)
    assert status.missing_models() == [cut]


def test_a_model_with_another_hash_is_an_error_when_deploying(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = ModelStatus("mtcnn", "dependency", False, "the file has the wrong hash", "0" * 64, "")
    monkeypatch.setattr(checks, "models_status", lambda: [broken])
    assert ids(run_checks(tags=["encore"])) == []
    (message,) = run_checks(tags=["encore"], include_deployment_checks=True)
    assert (message.id, "mtcnn" in message.msg) == ("encore.E002", True)


def test_a_folder_that_others_may_enter_is_pointed_out(settings: Any, tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    settings.MEDIA_ROOT = tmp_path
    (message,) = checks.check_folders(None)
    assert message.id == "encore.W005"
    assert str(tmp_path) in message.msg


def test_a_folder_that_is_gone_is_an_error(settings: Any, tmp_path: Path) -> None:
    settings.QUEUE_DIR = tmp_path / "gone"
    assert "encore.E003" in ids(checks.check_folders(None))


def test_a_folder_that_cannot_be_written_to_is_an_error(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anywhere, so the answer of the kernel is what has to be replaced.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != settings.WEIGHTS_DIR)
    (message,) = checks.check_folders(None)
    assert (message.id, str(settings.WEIGHTS_DIR) in message.msg) == ("encore.E003", True)


def test_a_redis_that_does_not_answer_is_told_without_its_password(settings: Any) -> None:
    settings.REDIS_URL = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    (message,) = checks.check_broker(None)
    section = health.broker()
    assert message.id == "encore.W004"
    assert section.status == "error"
    assert dict(section.rows)["Carried by"] == "Redis"
    assert "hunter2" not in message.msg + str(section.rows)


def test_wakeups_by_files_need_no_service() -> None:
    section = health.broker()
    assert section.status == "ok"
    assert dict(section.rows) == {"Carried by": "files on this machine", "State": "ready"}
