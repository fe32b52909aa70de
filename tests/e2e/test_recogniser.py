"""The owner fetches the better recogniser by one button, stops, goes on, and takes it back."""

import re
import threading
import time
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from inference.weights import BUNDLES, record
from tests.e2e.fan import FIRST_MODEL_MS, Fan
from tests.live import LiveEncore

NAME = "Minji"
BLOCK_BYTES = 128 * 1024


class Mirror(ThreadingHTTPServer):
    """Serves a folder, so slowly that the page can be watched, and from where it is asked to."""

    pause_seconds = 0.0

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(MirrorAnswer, directory=str(folder)))


class MirrorAnswer(SimpleHTTPRequestHandler):
    """One file, or its end."""

    server: Mirror

    def do_GET(self) -> None:
        content = Path(self.translate_path(self.path)).read_bytes()
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(HTTPStatus.PARTIAL_CONTENT if start else HTTPStatus.OK)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        for place in range(start, len(content), BLOCK_BYTES):
            try:
                self.wfile.write(content[place : place + BLOCK_BYTES])
            except OSError:  # The other side has stopped.
                return
            time.sleep(self.server.pause_seconds)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def mirror(shared_data: Path) -> Iterator[Mirror]:
    """The registered files, on a server of this machine."""
    folder = shared_data / "models"
    missing = [name for name in BUNDLES["stars"] if not (folder / record(name).filename).is_file()]
    if missing:
        pytest.skip(f"no {', '.join(missing)} in {folder}")
    server = Mirror(folder)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def encore(
    browser: Browser, viewport: str, mirror: Mirror, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveEncore]:
    """A fresh installation that downloads from this machine."""
    installation = LiveEncore(
        tmp_path_factory.mktemp(f"recogniser-{viewport}") / "data",
        settings="tests.mirror_settings",
        MIRROR_URL=f"http://127.0.0.1:{mirror.server_port}",
    )
    try:
        installation.start(seconds=120)
        yield installation
    finally:
        installation.clean_up()


@pytest.mark.timeout(900)
def test_the_better_recogniser_by_one_button(
    fan: Fan, setup_link: str, mirror: Mirror, pictures: list[Path]
) -> None:
    fan.become_owner(setup_link)
    expect(fan.page.get_by_role("link", name="See the recogniser")).to_be_visible()
    fan.agree_to_recognition()
    fan.upload(pictures)
    boxes = fan.page.locator(".upload-box")
    expect(boxes).to_have_count(len(pictures), timeout=FIRST_MODEL_MS)
    fan.open_photo(pictures[0].name)
    fan.name_face(NAME)

    fan.visit("/people/")
    fan.page.get_by_role("link", name="See the recogniser").click()
    page = fan.page
    expect(page.get_by_role("heading", name="In use: the built-in one")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    mirror.pause_seconds = 0.3
    download(page, "Download and use it")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("are here.")).to_have_text(re.compile("^[1-9]"), timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Go on with the download")).to_be_visible()

    mirror.pause_seconds = 0.0
    download(page, "Go on with the download")
    expect(page.get_by_role("heading", name="In use: the better one")).to_be_visible(timeout=60_000)
    everything_is_renewed(page)
    still_known(fan, pictures[0].name)

    fan.visit("/recogniser/")
    page.get_by_role("button", name="Use the built-in one again").click()
    expect(page.get_by_role("heading", name="In use: the built-in one")).to_be_visible()
    everything_is_renewed(page)
    expect(page.get_by_role("button", name="Use the better one")).to_be_visible()
    still_known(fan, pictures[0].name)
    assert not fan.complaints


def download(page: Page, button: str) -> None:
    """Accept the terms and begin."""
    page.get_by_label("I have read where this network comes from").check()
    page.get_by_role("button", name=button).click()


def everything_is_renewed(page: Page) -> None:
    """Wait until no face is of the other recogniser; the page says so by itself."""
    expect(page.get_by_text("faces are compared by it")).to_be_visible(timeout=FIRST_MODEL_MS)


def still_known(fan: Fan, photo: str) -> None:
    """The face that was named bears its name."""
    fan.open_photo(photo)
    expect(fan.page.locator("main")).to_contain_text(NAME)
