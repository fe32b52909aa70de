"""A link as its owner makes it and as somebody without an account opens it."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.fan import Fan
from tests.live import LiveEncore

PHOTOS = 6
SIZES = ((390, 844), (1440, 900))


@pytest.fixture(scope="module")
def seeded(encore: LiveEncore, fan: Fan, setup_link: str, pictures: list[Path]) -> Fan:
    """A fan with a few moments of one evening."""
    fan.become_owner(setup_link)
    encore.python(
        "from pathlib import Path\n"
        "from tests.e2e.seed import seed\n"
        f"seed([Path(path) for path in {[str(path) for path in pictures]!r}], {PHOTOS})\n"
    )
    return fan


def _fits(page: Page, name: str) -> None:
    """Look at a page in the sizes of a phone and a desk; nothing may stick out sideways."""
    folder = os.environ.get("ENCORE_SCREENSHOTS")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if folder:
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_a_link_opens_in_a_browser_without_cookies_and_closes(seeded: Fan) -> None:
    page = seeded.visit("/moments/")
    page.locator("a.tile-title").first.click()
    page.get_by_role("link", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    _fits(page, "made")

    browser = page.context.browser
    assert browser is not None
    stranger = browser.new_context()
    try:
        shared = stranger.new_page()
        shared.goto(link)
        picture = shared.locator("img.share-picture")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        expect(shared.get_by_role("navigation")).to_have_count(0)
        _fits(shared, "shared")

        page.goto("/sharing/")
        expect(page.get_by_text("Opened 1 time,")).to_be_visible()
        _fits(page, "list")
        page.get_by_role("button", name="Close").click()
        answer = shared.goto(link)
        assert answer is not None
        assert answer.status == 404
    finally:
        stranger.close()
