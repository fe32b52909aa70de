"""A real Encore, started as a user starts it, and a real Chromium to visit it with."""

import re
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.e2e.fan import VIEWPORTS, Fan
from tests.e2e.pictures import make_pictures
from tests.live import LiveEncore, wait_until

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the browser, so that ``-m "not e2e"`` leaves it out."""
    for item in items:
        if "encore" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the installation says of itself where a test of it failed."""
    report = yield
    installation = getattr(item, "funcargs", {}).get("encore")
    if report.failed and isinstance(installation, LiveEncore):
        report.sections.append(("what the installation says", installation.account()))
    return report


def _chromium(playwright: Playwright) -> str:
    """Return a Chromium of this machine or the one that Playwright installed; skip without."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found:
        return found
    own = Path(playwright.chromium.executable_path)
    if not own.is_file():
        pytest.skip("no Chromium on this machine (apt install chromium, or playwright install)")
    return str(own)


def open_chromium(playwright: Playwright, *arguments: str) -> Browser:
    """Start a browser, with more arguments than the usual ones."""
    return playwright.chromium.launch(
        executable_path=_chromium(playwright), args=[*CHROMIUM_ARGUMENTS, *arguments]
    )


# Playwright keeps an event loop running in this thread while it is open, and Django refuses its
# database in such a thread; so both end with this package and not with the whole run.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """The one driver of all browsers."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all tests of this package; every fan has their own profile in it."""
    chromium = open_chromium(playwright)
    yield chromium
    chromium.close()


@pytest.fixture(scope="package")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three pictures of the same person."""
    return make_pictures(tmp_path_factory.mktemp("pictures"))


# Of a wider scope than other parameters, which would otherwise take turns with it: every change of
# size starts another installation.
@pytest.fixture(scope="package", params=VIEWPORTS)
def viewport(request: pytest.FixtureRequest) -> str:
    """Name of a size of screen; each module visits with each of them."""
    return str(request.param)


@pytest.fixture(scope="module")
def encore(
    browser: Browser, viewport: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveEncore]:
    """A fresh installation with nobody in it, for one module and one size of screen.

    It asks for the browser first: without one there is nothing to start.
    """
    folder = tmp_path_factory.mktemp(f"encore-{viewport}") / "data"
    installation = LiveEncore(folder, settings="webapp.settings")
    try:
        installation.start(seconds=120)
        yield installation
    finally:
        installation.clean_up()


@pytest.fixture(scope="module")
def setup_link(encore: LiveEncore) -> str:
    """The one-time link that the first start prints."""

    def printed() -> str:
        found = re.search(r"http\S+/setup/\S+", encore.log.read_text())
        return found.group(0).replace("localhost", "127.0.0.1") if found else ""

    return str(wait_until(printed, 20, "the start printed no set-up link"))


@pytest.fixture(scope="module")
def fan(browser: Browser, encore: LiveEncore, viewport: str) -> Iterator[Fan]:
    """Somebody at a screen of this size; what their console says is kept."""
    visitor = Fan(browser, encore.url, viewport)
    yield visitor
    visitor.leave()
