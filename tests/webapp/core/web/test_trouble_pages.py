"""The pages for what is missing or broken come even when the site is half installed."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

REPOSITORY = Path(__file__).resolve().parents[4]
MISTAKE = "That was our mistake"


def _break(_request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [path("break/", _break), path("", include("webapp.urls"))]
handler404 = "webapp.core.web.views.not_found"
handler500 = "webapp.core.web.views.server_error"


@pytest.fixture
def nothing_collected(settings: Any, tmp_path: Path) -> None:
    """The product's static files, none of which was collected."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.WHITENOISE_AUTOREFRESH = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "webapp.core.web.static.HashedFilesStorage"}
    }


@pytest.mark.usefixtures("nothing_collected", "db")
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("who", ["client", "as_owner"])
# WhiteNoise warns of the folder that this test leaves out on purpose.
@pytest.mark.filterwarnings("ignore:No directory at")
def test_missing_static_files_do_not_break_the_pages_that_report_trouble(
    who: str, request: pytest.FixtureRequest
) -> None:
    browser: Client = request.getfixturevalue(who)
    browser.raise_request_exception = False
    broken = browser.get("/break/") if who == "as_owner" else browser.get("/nowhere/")
    assert broken.status_code == (500 if who == "as_owner" else 404)
    content = broken.content.decode()
    assert (MISTAKE if who == "as_owner" else "Nothing here") in content
    assert '<link rel="stylesheet" href="/static/css/tokens.css">' in content


@pytest.mark.usefixtures("nothing_collected", "db")
@pytest.mark.filterwarnings("ignore:No directory at")
def test_a_file_that_was_not_collected_is_logged_by_name(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.get("/login/").status_code == 200
    assert "css/tokens.css was not collected" in caplog.text


@pytest.mark.urls(__name__)
def test_the_page_of_a_mistake_needs_no_base_page_and_no_database(
    settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "base.html").write_text("{% this_is_no_tag %}")
    templates = {**settings.TEMPLATES[0]}
    templates["DIRS"] = [tmp_path, *templates["DIRS"]]
    settings.TEMPLATES = [templates]
    browser = Client(raise_request_exception=False)
    answer = browser.get("/login/")
    assert (answer.status_code, MISTAKE in answer.content.decode()) == (500, True)


def test_every_static_file_that_a_template_names_exists() -> None:
    named = {
        name
        for template in (REPOSITORY / "templates").rglob("*.html")
        for name in re.findall(r"{% static '([^']+)' %}", template.read_text())
    }
    assert "css/tokens.css" in named
    assert [name for name in named if finders.find(name) is None] == []
