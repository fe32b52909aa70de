"""Static files as an asynchronous server sends them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
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


def test_modules_that_import_each_other_in_a_long_chain_are_collected(
    settings: LazySettings, tmp_path: Path
) -> None:
    scripts, root = tmp_path / "scripts", tmp_path / "collected"
    scripts.mkdir()
    for number in range(12):
        text = f'import "./m{number + 1}.js";\n' if number < 11 else "let end;\n"
        (scripts / f"m{number}.js").write_text(text)
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [scripts], root
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "webapp.core.web.static.HashedFilesStorage"},
    }

    call_command("collectstatic", interactive=False, verbosity=0)

    (first,) = root.glob("m0.*.js")
    (second,) = root.glob("m1.*.js")
    assert f'"./{second.name}"' in first.read_text()
