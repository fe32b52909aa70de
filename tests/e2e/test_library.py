"""Living with many photos: choosing, throwing away, finding."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.fan import Fan
from tests.e2e.test_pages import PHOTOS, seeded

__all__ = ["seeded"]
COUNT = "[data-selection] [data-selected-count]"
SHARE = """async ([width, height]) => {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").fillRect(0, 0, width / 2, height);
  const blob = await canvas.convertToBlob({ type: "image/jpeg" });
  const files = new DataTransfer();
  files.items.add(new File([blob], "from-the-gallery.jpg", { type: "image/jpeg" }));
  const form = document.createElement("form");
  const target = { method: "post", action: "/upload/shared/", enctype: "multipart/form-data" };
  Object.assign(form, target);
  const input = Object.assign(document.createElement("input"), { type: "file", name: "photos" });
  input.files = files.files;
  form.append(input);
  document.body.append(form);
  form.submit();
}"""
"""Posts a photo to the share target, as the system does for an installed app."""


@pytest.fixture
def photos(seeded: Fan) -> Page:
    """The grid of all photos, with nothing selected."""
    page = seeded.visit("/photos/")
    expect(page.locator(".is-selectable")).to_be_attached()
    return page


def test_a_range_is_selected_by_mouse_and_left_with_escape(photos: Page) -> None:
    checks = photos.locator("[data-photo] [data-check]")
    checks.nth(1).click(force=True)
    checks.nth(4).click(modifiers=["Shift"], force=True)
    expect(photos.locator(COUNT)).to_have_text("4 photos")
    photos.locator("[data-photo]").nth(2).locator("a").first.click(force=True)
    expect(photos.locator(COUNT)).to_have_text("3 photos")
    photos.keyboard.press("Escape")
    expect(photos.locator("[data-selection]")).to_be_hidden()


def test_everything_is_selected_by_keyboard_loaded_or_not(photos: Page) -> None:
    photos.locator("[data-photo] a").first.focus()
    photos.keyboard.press("Space")
    expect(photos.locator(COUNT)).to_have_text("1 photo")
    photos.keyboard.press("Shift+ArrowRight")
    expect(photos.locator(COUNT)).to_have_text("2 photos")
    photos.keyboard.press("Control+a")
    expect(photos.locator(COUNT)).to_have_text(f"{PHOTOS} photos")


def test_a_day_is_selected_whole(photos: Page) -> None:
    photos.locator("[data-select-day]").first.click()
    expect(photos.locator(COUNT)).to_have_text(f"{PHOTOS} photos")


def test_a_long_press_and_a_finger_that_goes_on_select_a_range(photos: Page) -> None:
    first, last = photos.locator("[data-photo]").nth(0), photos.locator("[data-photo]").nth(1)
    first.evaluate("card => card.scrollIntoView({ block: 'start' })")  # Both above the bar.
    start, end = first.bounding_box(), last.bounding_box()
    assert start is not None
    assert end is not None
    touch = photos.context.new_cdp_session(photos)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})  # Laptops have it, too.

    def send(kind: str, box: dict[str, float] | None) -> None:
        points = [{"x": box["x"] + 60, "y": box["y"] + 60}] if box else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", dict(start))
    photos.wait_for_timeout(700)
    expect(photos.locator(COUNT)).to_have_text("1 photo")
    send("touchMove", dict(end))
    send("touchEnd", None)
    expect(photos.locator(COUNT)).to_have_text("2 photos")
    touch.detach()


def test_what_is_thrown_away_is_brought_back_by_undo_and_from_the_bin(
    seeded: Fan, photos: Page
) -> None:
    wanted = photos.locator("[data-photo]").first.get_attribute("data-photo")
    card = photos.locator(f'[data-photo="{wanted}"]')
    card.locator("[data-check]").click(force=True)
    photos.get_by_role("button", name="Bin").click()
    expect(card).to_have_count(0)
    photos.get_by_role("button", name="Undo").click()
    expect(card).to_be_visible()

    card.locator("[data-check]").click(force=True)
    photos.get_by_role("button", name="Bin").click()
    expect(card).to_have_count(0)
    seeded.visit("/bin/")
    card.locator("[data-check]").click(force=True)
    photos.get_by_role("button", name="Restore").click()
    expect(photos.get_by_text("1 photo restored.")).to_be_visible()
    seeded.visit("/photos/")
    expect(card).to_be_visible()


def test_a_slash_leads_to_the_search_and_suggestions_complete_it(photos: Page) -> None:
    photos.keyboard.press("/")
    photos.keyboard.type("hap")
    option = photos.get_by_role("option", name=re.compile("happy"))
    expect(option).to_be_visible(timeout=20_000)
    photos.keyboard.press("ArrowDown")
    photos.keyboard.press("Enter")
    photos.keyboard.type("faces:2")
    photos.keyboard.press("Enter")
    expect(photos).to_have_url(re.compile(r"q=happy\+faces%3A2"))
    expect(photos.locator("[data-photo]").first).to_be_visible()
    photos.get_by_role("link", name="Search without faces:2").click()
    expect(photos).to_have_url(re.compile(r"q=happy$"))


def test_a_selection_is_downloaded(photos: Page) -> None:
    photos.locator("[data-photo] [data-check]").first.click(force=True)
    photos.get_by_role("button", name="Download").first.click()
    dialog = photos.get_by_role("dialog", name=re.compile("Download"))
    with photos.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "Encore photos.zip"
    assert download.value.path().stat().st_size > 1000


def test_without_a_connection_a_page_says_so_and_comes_back(photos: Page) -> None:
    photos.evaluate("navigator.serviceWorker.ready.then(() => true)")
    photos.context.set_offline(True)
    photos.goto("/albums/", wait_until="commit")
    expect(photos.get_by_role("heading", level=1)).to_have_text("Your server cannot be reached")
    photos.context.set_offline(False)
    photos.get_by_role("link", name="Try again").click()
    expect(photos.get_by_role("heading", level=1)).to_have_text("Albums")


def test_photos_that_another_app_shares_are_uploaded(photos: Page) -> None:
    photos.evaluate("navigator.serviceWorker.ready.then(() => true)")
    photos.evaluate(SHARE, [128, 96])
    photos.wait_for_url("**/upload/?shared=1")
    card = photos.locator(".upload-card").filter(has_text="from-the-gallery.jpg")
    expect(card).to_contain_text(re.compile("Uploaded|Being read|Looking for faces|No faces"))
