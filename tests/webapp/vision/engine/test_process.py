"""How the inference process is started, and what it needs before others may come in."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from tests.tls import CA, TOKEN, certificate
from webapp.core.checks import check_engines
from webapp.live.management.commands import inference
from webapp.vision.engine.process import engine_command

SHOWN, KEY = certificate("engine")


def test_without_an_address_nobody_else_comes_in() -> None:
    assert "--listen" not in engine_command(parent=None)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        pytest.param({}, "ENCORE_ENGINE_CERTIFICATE", id="no certificate"),
        pytest.param(
            {"ENGINE_CERTIFICATE": SHOWN, "ENGINE_KEY": KEY}, "ENCORE_ENGINE_TOKEN", id="no proof"
        ),
    ],
)
def test_a_door_without_a_lock_is_refused_at_the_start(
    settings: Any, changes: dict[str, object], missing: str
) -> None:
    settings.ENGINE_LISTEN = "0.0.0.0:7700"
    for name, value in changes.items():
        setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=missing):
        engine_command(parent=None)


def test_the_token_stands_on_no_command_line(settings: Any) -> None:
    settings.ENGINE_LISTEN, settings.ENGINE_TOKEN = "0.0.0.0:7700", TOKEN
    settings.ENGINE_CERTIFICATE, settings.ENGINE_KEY, settings.ENGINE_CA = SHOWN, KEY, CA
    command = engine_command(parent=None)
    assert command[command.index("--listen") + 1] == "0.0.0.0:7700"
    assert command[command.index("--client-ca") + 1] == str(CA)
    assert not [part for part in command if TOKEN in part]


def test_whoever_counts_on_redis_for_live_pictures_is_told_what_to_set(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(inference.os, "execv", lambda *_: None)
    monkeypatch.setattr(inference.os, "chdir", lambda _: None)
    said = io.StringIO()
    call_command("inference", stderr=said)
    assert "ENCORE_ENGINE_LISTEN" in said.getvalue()


def test_the_checks_miss_engines_and_proofs(settings: Any) -> None:
    assert check_engines(None) == []
    settings.REDIS_URL, settings.LIVE_ENGINE = "redis://127.0.0.1:1/0", False
    assert [one.id for one in check_engines(None)] == ["encore.W007"]
    settings.ENGINES = [("gpu1", 7700)]
    assert [one.id for one in check_engines(None)] == ["encore.E007"]
    settings.ENGINE_TOKEN = TOKEN
    assert check_engines(None) == []


def test_a_look_says_that_nobody_is_there(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    with pytest.raises(CommandError, match="away"):
        call_command("inference", look=True)
