"""Pictures over the whole window: looking closely, walking on, throwing away."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.fan import Fan
from tests.e2e.test_pages import seeded
from tests.live import LiveEncore

__all__ = ["seeded"]
ENLARGE_THE_NEWEST = """
from PIL import Image
from webapp.analysis.models import DetectedFace
from webapp.photos.models import Photo
from webapp.photos.storage import files_of
photo = Photo.objects.order_by('-shown_at', '-id').first()
image = Image.open(files_of(photo.pk).full).convert('RGB').resize((3000, 3000))
image.save(files_of(photo.pk).full, 'JPEG')
for face in DetectedFace.objects.filter(photo=photo):
    for edge in ('x1', 'x2'):
        setattr(face, edge, getattr(face, edge) * 3000 / photo.width)
    for edge in ('y1', 'y2'):
        setattr(face, edge, getattr(face, edge) * 3000 / photo.height)
    face.save()
Photo.objects.filter(pk=photo.pk).update(width=3000, height=3000)
"""


@pytest.fixture(scope="module")
def large(seeded: Fan, encore: LiveEncore) -> Fan:
    """A fan whose newest photo has more pixels than any screen."""
    encore.python(ENLARGE_THE_NEWEST)
    return seeded


@pytest.fixture
def viewer(large: Fan) -> Iterator[Locator]:
    """The viewer, open at the newest photo of the grid."""
    page = large.visit("/photos/")
    expect(page.locator(".is-selectable")).to_be_attached()
    page.locator("[data-photo] [data-view]").first.click(force=True)
    shown = page.get_by_role("dialog", name="Pictures")
    expect(shown).to_be_visible()
    yield shown
    assert [line for line in large.complaints if "/crop/" not in line and "404" not in line] == []


def test_it_walks_through_the_grid_and_comes_back_to_the_card(viewer: Locator) -> None:
    page = viewer.page
    expect(viewer.get_by_role("status")).to_have_text(re.compile("^1 of "))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_role("status")).to_have_text(re.compile("^3 of "))
    expect(viewer.locator(".viewer-thumb[aria-current]")).to_be_in_viewport()
    viewer.locator(".viewer-thumb").nth(3).click()
    expect(viewer.get_by_role("status")).to_have_text(re.compile("^4 of "))
    page.keyboard.press("?")
    expect(viewer.get_by_text("Slideshow", exact=True).last).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(page.locator("[data-photo]").nth(3).locator("a").first).to_be_focused()
    assert page.locator("[inert]").count() == 0


def test_boxes_and_portrait_stay_in_place_while_the_originals_pixels_come(viewer: Locator) -> None:
    page = viewer.page
    page.keyboard.press("f")
    box = viewer.locator(".face-box").first
    expect(box).to_be_visible()
    before = _place_in_picture(viewer, box)
    assert before == pytest.approx((0.2, 0.2, 0.15), abs=0.003)
    page.keyboard.press("p")
    page.keyboard.press("z")
    expect(viewer.locator('[data-viewer-image="full"]')).to_have_attribute(
        "src", re.compile("full")
    )
    portrait = viewer.locator('[data-viewer-image="portrait"]')
    expect(portrait).to_be_visible()
    assert _place_in_picture(viewer, box) == pytest.approx(before, abs=0.003)
    picture, drawn = _rect(viewer.locator(".viewer-slide")), _rect(portrait)
    assert (drawn["x"], drawn["width"]) == (picture["x"], picture["width"])
    page.keyboard.press("f")
    page.keyboard.press("p")


def test_wheel_or_pinch_zoom_at_their_point_and_the_whole_picture_comes_back(
    large: Fan, viewer: Locator
) -> None:
    page, slide = viewer.page, viewer.locator(".viewer-slide")
    stage = _rect(viewer.locator(".viewer-stage"))
    whole = _rect(slide)
    point = (whole["x"] + 0.25 * whole["width"], stage["y"] + stage["height"] / 2)
    if large.is_on_phone:
        _pinch(page, *point)
    else:
        page.mouse.move(*point)
        page.mouse.wheel(0, -500)
    expect(slide).to_have_class(re.compile("is-zoomed"))
    grown = _rect(slide)
    assert grown["width"] > 1.5 * whole["width"]
    assert (point[0] - grown["x"]) / grown["width"] == pytest.approx(0.25, abs=0.04)
    page.keyboard.press("z")
    assert _rect(slide)["width"] == pytest.approx(whole["width"], abs=1)


def test_a_finger_turns_to_the_next_picture_and_downwards_closes(
    large: Fan, viewer: Locator
) -> None:
    page = viewer.page
    stage = _rect(viewer.locator(".viewer-stage"))
    x, y = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2
    _drag(page, (x, y), (x - 150, y), is_touch=large.is_on_phone)
    expect(viewer.get_by_role("status")).to_have_text(re.compile("^2 of "))
    _drag(page, (x, y), (x, y + 150), is_touch=large.is_on_phone)
    expect(viewer).to_have_count(0)


def test_what_is_thrown_away_goes_to_the_bin_and_comes_back_by_undo(viewer: Locator) -> None:
    page = viewer.page
    count = viewer.get_by_role("status")
    wanted = page.locator("[data-photo]").first.get_attribute("data-photo")
    page.keyboard.press("Delete")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expect(page.locator(f'[data-photo="{wanted}"]')).to_have_count(0)
    undo.click()
    expect(count).to_have_text(re.compile("^1 of "))
    expect(page.locator(f'[data-photo="{wanted}"]')).to_have_count(1)


def test_from_the_page_of_a_photo_it_leads_to_the_page_of_the_last_one(large: Fan) -> None:
    page = large.visit("/photos/")
    page.goto(str(page.locator("[data-photo] a.tile-title").nth(2).get_attribute("href")))
    page.get_by_role("button", name="View", exact=True).click()
    viewer = page.get_by_role("dialog", name="Pictures")
    expect(viewer.get_by_role("status")).to_have_text(re.compile("^3 of "))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("s")
    expect(viewer.get_by_role("button", name="Slideshow")).to_have_attribute("aria-pressed", "true")
    expect(viewer.get_by_role("status")).to_have_text(re.compile("^3 of "), timeout=10_000)
    page.keyboard.press("ArrowLeft")
    expect(viewer.get_by_role("status")).to_have_text(re.compile("^2 of "))
    expected = viewer.get_by_role("link", name="Open its page", include_hidden=True)
    href = expected.get_attribute("href")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(re.escape(str(href))))


def _rect(node: Locator) -> dict[str, float]:
    return dict(
        node.evaluate(
            "node => { const { x, y, width, height } = node.getBoundingClientRect();"
            " return { x, y, width, height }; }"
        )
    )


def _place_in_picture(viewer: Locator, box: Locator) -> tuple[float, float, float]:
    """Return left edge, top and width of a box as shares of the picture."""
    picture, face = _rect(viewer.locator(".viewer-slide")), _rect(box)
    return (
        (face["x"] - picture["x"]) / picture["width"],
        (face["y"] - picture["y"]) / picture["height"],
        face["width"] / picture["width"],
    )


def _touch(page: Page) -> Any:
    session = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    return send


def _pinch(page: Page, x: float, y: float) -> None:
    send = _touch(page)
    send("touchStart", (x - 20, y), (x + 20, y))
    for way in (30, 40, 50, 60):
        send("touchMove", (x - way, y), (x + way, y))
    send("touchEnd")


def _drag(
    page: Page, start: tuple[float, float], end: tuple[float, float], *, is_touch: bool
) -> None:
    if is_touch:
        send = _touch(page)
        send("touchStart", start)
        send("touchMove", ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        send("touchMove", end)
        send("touchEnd")
        return
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=3)
    page.mouse.up()
