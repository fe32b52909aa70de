"""Static files as an asynchronous server sends them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import AsyncClient

ROOT = Path(__file__).parents[4]
STYLE = ROOT / "static" / "css" / "tokens.css"


@pytest.fixture
def static_files(settings: LazySettings) -> None:
    """Static files as they lie in the repository."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True


def fetch(**headers: str) -> Any:
    """Ask for a style sheet; a warning on the way fails the test."""
    return asyncio.run(AsyncClient().get("/static/css/tokens.css", headers=headers))


@pytest.mark.usefixtures("static_files")
def test_a_static_file_arrives_whole_and_with_its_type() -> None:
    answer = fetch()

    assert answer.content == STYLE.read_bytes()
    assert int(answer["Content-Length"]) == STYLE.stat().st_size
    assert answer["Content-Type"].startswith("text/css")


@pytest.mark.usefixtures("static_files")
def test_a_part_of_a_static_file_can_be_asked_for() -> None:
    answer = fetch(Range="bytes=10-19")

    assert answer.status_code == 206
    assert answer.content == STYLE.read_bytes()[10:20]
