"""Moments as a fan sees them: judging, picking another frame, the timeline, a reel that plays."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.fan import NEXT_MODEL_MS, Fan
from tests.live import LiveEncore

PHOTOS = 12
MOMENTS = 4
LIBRARY_MS = 30_000
"""The chart library is large, and two busy cores take their time to read it."""
ONE_MOMENT = re.compile(r"/moments/[0-9a-f-]{36}/")


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


def first_moment(fan: Fan) -> Page:
    fan.visit("/moments/")
    fan.page.locator("a.tile-title").first.click()
    expect(fan.page).to_have_url(ONE_MOMENT)
    fan.page.wait_for_load_state("networkidle")
    return fan.page


def test_the_grid_shows_every_moment(seeded: Fan) -> None:
    page = seeded.visit("/moments/")

    expect(page.locator("[data-moment]")).to_have_count(MOMENTS)
    assert page.evaluate("window.pwned") is None


def test_a_like_counts(seeded: Fan, encore: LiveEncore) -> None:
    page = seeded.visit("/moments/")
    page.wait_for_load_state("networkidle")
    like = page.locator(".moment-like").first
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")

    page.goto("/moments/?show=liked")
    expect(page.locator("[data-moment]")).to_have_count(1)
    page.goto("/moments/taste/")
    expect(page.get_by_text("1 of 50 likes and discards")).to_be_visible()
    liked = encore.rows("SELECT COUNT(*) FROM moments_moment WHERE liked_at IS NOT NULL")
    assert liked == [(1,)]


def test_keys_walk_the_grid_and_discard_with_a_way_back(seeded: Fan) -> None:
    page = seeded.visit("/moments/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    focused = page.locator("[data-moment]").nth(1)
    expect(focused.locator("a.tile-title")).to_be_focused()
    discarded = str(focused.get_attribute("data-moment"))

    page.keyboard.press("d")
    expect(page.locator("[data-moment]")).to_have_count(MOMENTS - 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-moment]")).to_have_count(MOMENTS)
    expect(page.locator("[data-moment]").nth(1)).to_have_attribute("data-moment", discarded)


def test_another_frame_is_looked_at_and_picked(seeded: Fan) -> None:
    page = first_moment(seeded)
    picked = page.locator("[data-image]").get_attribute("src")
    page.locator(".filmstrip-frame").nth(1).click()
    expect(page.get_by_role("button", name="Use this frame")).to_be_visible()
    other = page.locator("[data-image]").get_attribute("src")
    assert other != picked

    page.get_by_role("button", name="Use this frame").click()

    expect(page.get_by_text("This frame is the picture now.")).to_be_visible()
    expect(page.locator("[data-image]")).to_have_attribute("src", str(other))
    page.goto("/moments/")
    thumb = str(other).replace("display", "thumb")
    expect(page.locator(f'[data-moment] img[src="{thumb}"]')).to_have_count(1)


def test_one_frame_is_ticked_and_card_and_page_say_the_same_score(seeded: Fan) -> None:
    card = seeded.visit("/moments/").locator("[data-moment]").last
    said = card.locator(".badge", has_text="Score").inner_text()
    card.locator("a.tile-title").click()
    expect(seeded.page.locator(".moment-score")).to_have_text(said.split()[-1])
    expect(seeded.page.get_by_text("picked, ")).to_have_count(1)


def test_the_night_of_a_concert_shows_its_best_moments(seeded: Fan, encore: LiveEncore) -> None:
    """The database of this installation writes an id without its dashes."""
    ((concert,),) = encore.rows("SELECT id FROM photos_concert")
    seeded.complaints.clear()
    page = seeded.visit(f"/moments/nights/{UUID(concert)}/")

    best = page.locator("section[aria-labelledby=best-title] img")
    expect(best).to_have_count(MOMENTS)
    page.wait_for_load_state("networkidle")
    widths = best.evaluate_all("(images) => images.map((image) => image.naturalWidth)")
    assert all(widths), "a picture is broken"
    # A phone's browser widens the window where something sticks out.
    assert page.viewport_size
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate("window.pwned") is None
    assert seeded.complaints == []


def test_the_portrait_is_compared_and_arrows_turn_to_the_next(seeded: Fan) -> None:
    page = first_moment(seeded)
    first = page.url
    page.keyboard.press("p")
    expect(page.locator("[data-compare]")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(first)
    expect(page.locator("[data-compare]")).to_be_visible()
    page.keyboard.press("p")


def test_a_point_of_the_timeline_opens_its_moment(seeded: Fan) -> None:
    seeded.complaints.clear()
    seeded.visit("/moments/timelines/")
    seeded.page.locator(".row-text > a").first.click()
    page = seeded.page
    chart = page.locator("[data-chart]")
    expect(chart.locator(".scatterlayer .trace")).to_have_count(3, timeout=LIBRARY_MS)
    legend = chart.locator("g.legend").bounding_box()
    highest_label = chart.locator(".ytick text").last.bounding_box()
    assert legend
    assert highest_label
    assert legend["y"] + legend["height"] <= highest_label["y"], "the legend covers the axis"
    points = chart.locator(".scatterlayer .points path")
    expect(points).to_have_count(MOMENTS)
    page.get_by_label("Emotion", exact=True).select_option("happy")
    points.last.scroll_into_view_if_needed()
    box = points.last.bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    if seeded.is_on_phone:
        page.touchscreen.tap(*at)
    else:
        page.mouse.move(*at)
        expect(chart.locator(".hoverlayer .hovertext")).to_be_visible()
        page.mouse.click(*at)

    expect(page).to_have_url(ONE_MOMENT)
    assert seeded.complaints == []
    assert page.evaluate("window.pwned") is None


def test_the_timeline_says_the_same_as_a_table(seeded: Fan) -> None:
    seeded.visit("/moments/timelines/")
    seeded.page.locator(".row-text > a").first.click()
    seeded.page.get_by_text("The same as a table").click()

    table = seeded.page.locator("table")
    expect(table.locator("tbody tr").first).to_be_visible()
    expect(table.locator('a[href^="/moments/"]')).to_have_count(MOMENTS)


def test_a_reel_is_made_and_plays(seeded: Fan) -> None:
    page = seeded.visit("/moments/reels/")
    page.get_by_role("button", name="Make it").click()
    film = page.locator("video").first
    expect(film).to_be_visible(timeout=2 * NEXT_MODEL_MS)

    played = film.evaluate(
        """async (film) => {
          film.muted = true;
          await film.play();
          film.currentTime = film.duration / 2;
          await new Promise((seeked) => film.addEventListener("seeked", seeked, { once: true }));
          return [film.videoWidth > 0, film.currentTime > 1];
        }"""
    )
    assert played == [True, True]
