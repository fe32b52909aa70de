"""Where the inference process listens, and what the health page says of it."""

import asyncio
import stat
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from tests.webapp.live.engine import FakeEngine
from webapp.live.health import recogniser_section
from webapp.vision.engine.unix_socket import socket_path


def test_the_socket_lies_in_a_folder_that_only_we_may_enter(run_folder: Path) -> None:
    (run_folder / "run").mkdir(mode=0o755)
    path = socket_path()
    assert path.parent == run_folder / "run"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_data_folder_with_a_long_path_gets_a_short_socket(
    run_folder: Path, settings: Any
) -> None:
    settings.DATA_DIR = run_folder / ("long" * 30)
    path = socket_path()
    assert len(str(path)) <= 100
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    settings.DATA_DIR = run_folder / ("long" * 31)
    assert socket_path() != path
    for used in (path, socket_path()):
        used.parent.rmdir()


def test_a_folder_that_is_a_link_is_not_trusted(run_folder: Path) -> None:
    (run_folder / "elsewhere").mkdir()
    (run_folder / "run").symlink_to(run_folder / "elsewhere")
    with pytest.raises(PermissionError):
        socket_path()


def test_the_health_page_says_that_the_recogniser_is_away(as_owner: Client, settings: Any) -> None:
    page = as_owner.get("/health/").content.decode()
    assert "Live recogniser" in page
    assert "does not answer" in page


async def test_the_health_page_asks_the_recogniser_how_it_is(engine: FakeEngine) -> None:
    engine.missing = ["emotion"]
    section = await sync_to_async(recogniser_section, thread_sensitive=False)()
    rows = dict(section.rows)
    assert section.status == "warn"
    assert (rows["Inference process"], rows["Device"], rows["Missing"]) == (
        "runs",
        "cpu",
        "emotion",
    )


async def test_a_recogniser_that_still_loads_is_no_error(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.vision.engine.looking.LOOK_SECONDS", 0.2)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(say_nothing, socket_path()):
        section = await sync_to_async(recogniser_section, thread_sensitive=False)()
    assert dict(section.rows)["Inference process"] == "loads its models"
