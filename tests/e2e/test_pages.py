"""Every page, in both sizes: nothing evil runs, nothing is missing for keyboard and reader."""

import re
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.e2e.fan import Fan
from tests.e2e.seed import LIVE_TOKEN, TIMELINE_TOKEN
from tests.live import LiveEncore

PHOTOS = 70
"""More than one page of the grid holds."""

PAGES = {
    "concerts": "/concerts/",
    "new concert": "/concerts/new/",
    "concert": "link:/concerts/ a.tile-title",
    "who sees a concert": "link:/concerts/ a.tile-title a[href$='/members/']",
    "statistics of a concert": "link:/concerts/ a.tile-title a[href$='/statistics/']",
    "photos": "/photos/",
    "photo": "link:/photos/ a.tile-title",
    "search": "/search/?q=happy",
    "how to search": "/search/",
    "albums": "/albums/",
    "bin": "/bin/",
    "moments": "/moments/",
    "moment": "link:/moments/ a.tile-title",
    "timelines": "/moments/timelines/",
    "timeline": "link:/moments/timelines/ .row-text>a",
    "reels": "/moments/reels/",
    "taste": "/moments/taste/",
    "people": "/people/",
    "dismissed": "/people/dismissed/",
    "faces to sort": "/people/sort/",
    "faces alone": "/people/sort/alone/",
    "guesses": "/people/guesses/",
    "undo": "/people/undo/",
    "bring a star pack": "/people/packs/",
    "person": "link:/people/ a.person-name",
    "training of a group": "link:/people/ a[href$='/training/']",
    "statistics of a person": "link:/people/ a.person-name a[href$='/statistics/']",
    "upload": "/upload/",
    "live": "/live/",
    "live camera": "link:/live/ li.live-session>div>a.btn-primary",
    "live viewer": "link:/live/ li.live-session>div>a:nth-of-type(2)",
    "live wall": "/live/wall/",
    "cameras of the server": "/live/sources/",
    "link to a live session": f"/s/{LIVE_TOKEN}/",
    "link to a timeline": f"/s/{TIMELINE_TOKEN}/",
    "links": "/sharing/",
    "account": "/account/",
    "password": "/account/password/",
    "recogniser": "/recogniser/",
    "watched folders": "/folders/",
    "webhooks": "/webhooks/",
    "what a webhook was told": "link:/webhooks/ .rows a",
    "devices": "/devices/",
    "health": "/health/",
    "missing": "/nothing/here/",
}
PAGES_BY_NIGHT = {"photos", "photo", "person", "moment", "account"}
"""Pages that are read in the dark theme too; the browser of a fan prefers the light one."""
WCAG_AA = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}
UNNAMED_CONTROLS = """() => {
  const named = (node) => node.labels?.length || node.getAttribute("aria-label")?.trim()
    || node.getAttribute("aria-labelledby") || node.title?.trim();
  const said = (node) => node.textContent.trim() || named(node)
    || [...node.querySelectorAll("img")].some((image) => image.alt.trim());
  const bad = [];
  const fields = "input:not([type=hidden]), select, textarea, meter, progress";
  for (const node of document.querySelectorAll(fields)) {
    if (!named(node)) bad.push(node.outerHTML.slice(0, 120));
  }
  for (const node of document.querySelectorAll("button, a[href], summary")) {
    if (!said(node)) bad.push(node.outerHTML.slice(0, 120));
  }
  for (const node of document.querySelectorAll("img:not([alt])")) bad.push(node.outerHTML);
  return bad;
}"""
DOUBLE_IDS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""
HEADING_LEVELS = """() => [...document.querySelectorAll("main h1, main h2, main h3")]
  .filter((node) => !node.closest("dialog")).map((node) => Number(node.tagName[1]))"""
# Not by innerWidth, which grows on a phone with what is too wide.
WIDER_THAN_SCREEN = """() => document.documentElement.scrollWidth
  - document.documentElement.clientWidth"""
NARROW_VALUES = """() => [...document.querySelectorAll(".facts dd")]
  .filter((node) => node.textContent.trim() && node.clientWidth < 60)
  .map((node) => node.textContent)"""
SHIFTS = """() => new Promise((done) => {
  const shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const moved = entry.sources.map((source) => source.node?.className || source.node?.nodeName);
      if (!entry.hadRecentInput) shifts.push([entry.value, moved]);
    }
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(shifts), 600);
})"""


@pytest.fixture(scope="module")
def seeded(encore: LiveEncore, fan: Fan, setup_link: str, pictures: list[Any]) -> Fan:
    """A fan whose every concert, photo, person and camera has an evil name."""
    fan.become_owner(setup_link)
    arguments = [str(PHOTOS), *map(str, pictures)]
    encore.python(
        "from pathlib import Path\n"
        "from tests.e2e.seed import seed\n"
        f"count, *paths = {arguments!r}\n"
        "seed([Path(path) for path in paths], int(count))\n"
    )
    return fan


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest, seeded: Fan) -> Page:
    """One page of the seeded installation, opened once for all that is asked of it."""
    seeded.complaints.clear()
    seeded.requested.clear()
    way = PAGES[request.param]
    if way.startswith("link:"):
        way, *links = way.removeprefix("link:").split()
        for selector in links:
            seeded.visit(way)
            way = str(seeded.page.locator(selector).first.get_attribute("href"))
        seeded.complaints.clear()
    seeded.visit(way)
    seeded.page.wait_for_load_state("networkidle")
    return seeded.page


def test_no_name_is_taken_for_markup(page: Page) -> None:
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[onerror], main script:not([type='application/json'])").count() == 0


def test_the_console_stays_silent(page: Page, seeded: Fan) -> None:
    """A page that broke its content security policy would say so here."""
    expected = "the server responded with a status of 404"
    heard = [line for line in seeded.complaints if expected not in line or "/nothing" not in line]
    heard = [line for line in heard if "/crop/" not in line and expected not in line]
    assert heard == []


def test_nothing_is_fetched_from_elsewhere(page: Page, seeded: Fan) -> None:
    foreign = {
        url for url in seeded.requested if not url.startswith((seeded.url, "blob:", "data:"))
    }
    assert foreign == set()
    written = re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']+""", page.content())
    assert written == []


def test_every_control_has_a_name(page: Page) -> None:
    assert page.evaluate(UNNAMED_CONTROLS) == []


def test_axe_finds_nothing_that_wcag_aa_forbids(page: Page, request: pytest.FixtureRequest) -> None:
    assert violations(page) == {}
    if request.node.callspec.params["page"] in PAGES_BY_NIGHT:
        page.emulate_media(color_scheme="dark")
        assert violations(page) == {}
        page.emulate_media(color_scheme="light")


def test_long_labels_leave_room_for_their_values(page: Page) -> None:
    assert page.evaluate(NARROW_VALUES) == []


def test_no_id_is_given_twice(page: Page) -> None:
    assert page.evaluate(DOUBLE_IDS) == []


def test_headings_begin_with_one_and_leave_out_no_level(page: Page) -> None:
    levels = page.evaluate(HEADING_LEVELS)
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_nothing_is_wider_than_the_screen(page: Page) -> None:
    assert page.evaluate(WIDER_THAN_SCREEN) <= 0


def test_nothing_moves_while_pictures_load(page: Page) -> None:
    page.reload()
    shifts = page.evaluate(SHIFTS)
    assert sum(value for value, _ in shifts) < 0.02, shifts


def test_the_first_tab_leads_to_the_content(page: Page) -> None:
    page.reload()
    starts_in_a_field = page.locator("[autofocus]").count() > 0
    if starts_in_a_field:
        page.locator("a, button, input").first.focus()
    else:
        page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_place_of_the_focus_is_visible(page: Page) -> None:
    page.reload()
    for _ in range(3):
        page.keyboard.press("Tab")
    style = page.locator(":focus").evaluate(
        "node => getComputedStyle(node).outlineStyle"
        " + getComputedStyle(node, '::after').borderStyle"
    )
    assert "solid" in style


def test_the_grid_grows_to_its_last_photo(seeded: Fan) -> None:
    page = seeded.visit("/photos/")
    expect(seeded.cards()).not_to_have_count(PHOTOS, timeout=2000)
    for _ in range(10):
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(150)
    expect(seeded.cards()).to_have_count(PHOTOS)
    ids = seeded.cards().evaluate_all("cards => cards.map(card => card.dataset.photo)")
    assert len(set(ids)) == PHOTOS


def test_a_filter_applies_at_once(seeded: Fan) -> None:
    page = seeded.visit("/photos/")
    page.get_by_label("Emotion").select_option("sad")
    expect(page.get_by_role("heading", name="No photo fits these filters")).to_be_visible()
    page.get_by_role("link", name="Show all photos").click()
    expect(seeded.cards().first).to_be_visible()


def test_arrow_keys_turn_to_the_neighbours(seeded: Fan) -> None:
    page = _first_photo(seeded)
    first = page.url
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(first)
    _expect_picture(page)
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(first)
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("This is the first photo.")).to_be_visible()


def test_back_leads_to_the_photo_before(seeded: Fan) -> None:
    page = _first_photo(seeded)
    first = page.url
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(first)
    page.go_back()
    expect(page).to_have_url(first)
    _expect_picture(page)


def test_boxes_lie_on_the_faces_and_can_be_switched_off(seeded: Fan) -> None:
    page = _first_photo(seeded)
    picture = _rendered_picture(page)
    box = page.locator(".face-box").first.bounding_box()
    assert box is not None
    assert box["x"] == pytest.approx(picture["x"] + 0.2 * picture["width"], abs=2)
    assert box["width"] == pytest.approx(0.15 * picture["width"], abs=2)
    assert box["y"] == pytest.approx(picture["y"] + 0.2 * picture["height"], abs=2)
    page.get_by_label("Faces", exact=True).uncheck()
    expect(page.locator(".face-box").first).to_be_hidden()


def test_why_a_name_was_given_and_its_number_are_shown_on_demand(seeded: Fan) -> None:
    page = _first_photo(seeded)
    named = page.locator("[data-face]").filter(has_text="why this name")
    number = named.get_by_text("0.61")
    expect(number).to_be_hidden()
    named.get_by_text("why this name").click()
    expect(number).to_be_visible()
    expect(named).to_contain_text("may be wrong")
    expect(named.get_by_text("No reference is left")).to_be_visible()


def test_an_evil_name_stays_text_in_dialog_list_and_toast(seeded: Fan) -> None:
    page = _first_photo(seeded)
    page.locator(".face-box").nth(1).click()
    dialog = page.get_by_role("dialog", name="Who is this?")
    dialog.get_by_label("Name").fill("img")
    expect(dialog.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Name")).to_have_value(re.compile("<img"))
    dialog.get_by_role("button", name="Save name").click()
    expect(page.locator(".toast")).to_be_visible()
    assert page.evaluate("window.pwned") is None


def test_escape_closes_the_suggestions_first_and_then_the_dialog(seeded: Fan) -> None:
    page = _first_photo(seeded)
    page.locator(".face-box").first.click()
    dialog = page.get_by_role("dialog", name="Who is this?")
    dialog.get_by_label("Name").fill("img")
    expect(dialog.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog.get_by_role("listbox")).to_be_hidden()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_one_click_saves_a_name_while_the_suggestions_are_open(seeded: Fan) -> None:
    page = _first_photo(seeded)
    page.locator(".face-box").nth(1).click()
    dialog = page.get_by_role("dialog", name="Who is this?")
    dialog.evaluate("node => Promise.all(node.getAnimations().map((one) => one.finished))")
    save = dialog.get_by_role("button", name="Save name")
    without_list = save.bounding_box()
    dialog.get_by_label("Name").fill("im")
    expect(dialog.get_by_role("option").first).to_be_visible()
    assert save.bounding_box() == without_list
    listed = dialog.get_by_role("listbox").bounding_box()
    assert listed is not None
    assert without_list is not None
    assert listed["y"] + listed["height"] <= without_list["y"]
    page.mouse.click(without_list["x"] + 10, without_list["y"] + 10, delay=60)
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-face]").filter(has_text="im")).not_to_have_count(0)


def test_a_wide_screen_is_used(seeded: Fan) -> None:
    size = seeded.page.viewport_size
    assert size is not None
    seeded.page.set_viewport_size({"width": 2560, "height": 1300})
    page = seeded.visit("/photos/")
    across = seeded.cards().evaluate_all(
        "cards => cards.filter(card => card.offsetTop === cards[0].offsetTop).length"
    )
    assert across >= 7
    assert page.evaluate(WIDER_THAN_SCREEN) <= 0
    page.set_viewport_size(size)


def test_movement_is_reduced_for_those_who_ask(seeded: Fan) -> None:
    seeded.page.emulate_media(reduced_motion="reduce")
    page = seeded.visit("/photos/")
    duration = seeded.cards().first.evaluate("card => getComputedStyle(card).transitionDuration")
    assert {float(part.strip().rstrip("s")) for part in duration.split(",")} == {0.001}
    page.emulate_media(reduced_motion="no-preference")


def violations(page: Page) -> dict[str, list[str]]:
    """Return what axe-core finds against WCAG A and AA: for each rule, the elements."""
    found = Axe().run(page, options=WCAG_AA).response
    assert found["passes"], "axe has looked at nothing"
    return {
        rule["id"]: [node["html"][:160] for node in rule["nodes"]] for rule in found["violations"]
    }


def _first_photo(fan: Fan) -> Page:
    fan.visit("/photos/")
    fan.cards().first.get_by_role("link").click()
    _expect_picture(fan.page)
    fan.page.wait_for_load_state()  # The picture may be there before the page listens to keys.
    return fan.page


def _expect_picture(page: Page) -> Locator:
    image = page.locator("[data-image]")
    expect(image).to_be_visible()
    expect(image).not_to_have_js_property("naturalWidth", 0)
    return image


def _rendered_picture(page: Page) -> dict[str, float]:
    """Return where the picture itself lies, without the bars beside it."""
    measured: dict[str, float] = page.locator("[data-image]").evaluate(
        """image => {
          const frame = image.getBoundingClientRect();
          const [across, down] = [image.naturalWidth, image.naturalHeight];
          const scale = Math.min(frame.width / across, frame.height / down);
          const [width, height] = [across * scale, down * scale];
          return { x: frame.x + (frame.width - width) / 2, y: frame.y + (frame.height - height) / 2,
            width, height };
        }"""
    )
    return measured
