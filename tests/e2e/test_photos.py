"""The photo job as a fan lives it: upload, faces, a name, recognition, portrait, delete.

The tests are one story and run in this order; each begins where the one before ended.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.e2e.fan import NEXT_MODEL_MS, Fan
from tests.e2e.pictures import make_burst, make_duo
from tests.live import LiveEncore

NAME = "Eileen"
FACES = re.compile(r"^1 face$")
PREVIEW_MS = 500
DETAIL_OF_HALVES = """shown => [0, 1].map(half => {
    const canvas = new OffscreenCanvas(shown.width, shown.height);
    const brush = canvas.getContext("2d", {willReadFrequently: true});
    brush.drawImage(shown, 0, 0);
    const width = canvas.width / 2;
    const {data} = brush.getImageData(half * width, 0, width, canvas.height);
    let change = 0;
    for (let at = 4; at < data.length; at += 4) change += Math.abs(data[at] - data[at - 4]);
    return change / data.length * 4;
})"""


@pytest.fixture(autouse=True)
def quiet_console(fan: Fan) -> Iterator[None]:
    """Fail a chapter in which the page broke its security policy or threw an error."""
    fan.complaints.clear()
    yield
    assert fan.complaints == []


@pytest.mark.weights
class TestThePhotoJob:
    def test_the_one_time_link_makes_the_owner(self, fan: Fan, setup_link: str) -> None:
        fan.become_owner(setup_link)
        fan.agree_to_recognition()

    def test_the_link_works_only_once(self, fan: Fan, setup_link: str) -> None:
        response = fan.page.goto(setup_link)
        assert response is not None
        assert response.status == 404
        fan.complaints.clear()

    def test_an_empty_house_says_what_to_do(self, fan: Fan) -> None:
        page = fan.visit("/")
        expect(page.get_by_role("heading", name="The stage is yours")).to_be_visible()
        page.locator("main").get_by_role("link", name="Upload photos").click()
        expect(page.get_by_role("heading", name="Upload photos")).to_be_visible()

    def test_faces_appear_on_the_uploaded_pictures(self, fan: Fan, pictures: list[Path]) -> None:
        fan.upload(pictures)
        boxes = fan.page.locator(".upload-box")
        expect(boxes).to_have_count(len(pictures), timeout=180_000)

    def test_the_same_pictures_again_are_called_duplicates(
        self, fan: Fan, pictures: list[Path]
    ) -> None:
        fan.upload(pictures[:1])
        expect(fan.page.get_by_text(re.compile("already", re.IGNORECASE)).first).to_be_visible()
        fan.visit("/photos/")
        expect(fan.cards()).to_have_count(len(pictures))

    def test_pictures_chosen_before_the_scripts_came_are_taken(
        self, fan: Fan, pictures: list[Path]
    ) -> None:
        held: list[Route] = []
        fan.page.route(re.compile(r"/js/upload/offers[^/]*\.js"), lambda route: held.append(route))
        fan.page.goto("/upload/", wait_until="commit")
        fan.page.locator("input[type=file]").first.set_input_files(pictures)
        while not held:
            fan.page.wait_for_timeout(50)
        held[0].continue_()
        expect(fan.page.get_by_text("3 already here")).to_be_visible()
        fan.page.unroute_all()

    def test_the_photo_shows_its_face_and_emotion(self, fan: Fan) -> None:
        fan.visit("/photos/")
        fan.wait_for_faces(3)
        fan.open_photo("opening.jpg")
        page = fan.page
        expect(page.locator(".face-box")).to_have_count(1)
        bars = page.locator("[data-face] meter")
        expect(bars.first).to_be_attached(timeout=NEXT_MODEL_MS)
        values = bars.evaluate_all("bars => bars.map(bar => bar.value)")
        assert sum(values) == pytest.approx(1, abs=0.02)

    def test_a_named_face_is_recognised_on_the_other_photos(self, fan: Fan) -> None:
        fan.name_face(NAME, "Astronauts")
        expect(fan.page.locator("[data-face]").get_by_role("link", name=NAME)).to_be_visible()
        fan.visit("/photos/")
        named = fan.cards().filter(has_text=NAME)
        expect(named).to_have_count(3, timeout=NEXT_MODEL_MS)
        fan.open_photo("closer.jpg")
        expect(fan.page.locator("[data-face]").first).to_contain_text("why this name")

    def test_the_person_has_a_page_with_reference_and_photos(self, fan: Fan) -> None:
        page = fan.visit("/people/")
        expect(page.get_by_role("heading", name=re.compile("Astronauts"))).to_be_visible()
        page.get_by_role("link", name=NAME).click()
        expect(page.locator(".reference")).to_have_count(1)
        expect(fan.cards()).to_have_count(3)

    def test_the_grid_can_be_filtered_by_person(self, fan: Fan) -> None:
        page = fan.visit("/photos/")
        page.get_by_label("Person").select_option(label=f"{NAME} (Astronauts)")
        page.wait_for_url(re.compile("person="))
        expect(fan.cards()).to_have_count(3)

    def test_the_portrait_slider_renders_again(self, fan: Fan) -> None:
        fan.open_photo("opening.jpg")
        page = fan.page
        switch = page.get_by_label("Portrait", exact=True)
        expect(switch).to_be_enabled(timeout=NEXT_MODEL_MS)
        switch.check()
        portrait = page.locator("[data-portrait]")
        expect(portrait).to_be_visible()
        before = portrait.get_attribute("src")
        strength = page.get_by_label("Background blur")
        strength.focus()
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        expect(portrait).not_to_have_attribute("src", str(before), timeout=NEXT_MODEL_MS)
        expect(portrait).not_to_have_js_property("naturalWidth", 0)

    def test_the_comparison_can_be_moved_by_keyboard(self, fan: Fan) -> None:
        page = fan.page
        slider = page.get_by_label("Compare")
        slider.focus()
        page.keyboard.press("Home")
        expect(page.locator("[data-picture]")).to_have_attribute("style", re.compile("--split: 0%"))

    def test_a_name_can_be_taken_away(self, fan: Fan) -> None:
        fan.open_photo("wide.jpg")
        page = fan.page
        page.get_by_role("button", name=f"This is not {NAME}").click()
        expect(page.locator("[data-face]")).to_contain_text("Unknown")
        page.get_by_role("button", name="Undo").click()
        named = page.locator("[data-face]").get_by_role("link", name=NAME)
        expect(named).to_be_visible(timeout=NEXT_MODEL_MS)

    def test_the_downloads_are_files(self, fan: Fan) -> None:
        page = fan.page
        page.locator("summary", has_text="Download").click()
        for item in ("Full size", "Original file"):
            with page.expect_download() as download:
                page.get_by_role("link", name=re.compile(item)).click()
            assert Path(download.value.path()).stat().st_size > 10_000
            page.locator(".photo-tools details").evaluate("menu => { menu.open = true }")

    def test_deleting_asks_first_and_leaves_no_file(self, fan: Fan, encore: LiveEncore) -> None:
        fan.open_photo("opening.jpg")
        page = fan.page
        photo = page.url.rstrip("/").split("?")[0].rstrip("/").split("/")[-1]
        page.get_by_role("button", name="Delete photo").click()
        dialog = page.get_by_role("dialog", name="Delete this photo?")
        dialog.get_by_role("button", name="Keep it").click()
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name="Delete photo").click()
        dialog.get_by_role("button", name="Delete for ever").click()
        expect(page.get_by_text("The photo is deleted for ever")).to_be_visible()
        fan.visit("/photos/")
        expect(fan.cards()).to_have_count(2)
        assert list(encore.folder.rglob(f"*{photo}*")) == []

    def test_of_photos_in_quick_succession_the_best_is_on_top(
        self, fan: Fan, tmp_path: Path
    ) -> None:
        shots = make_burst(tmp_path)
        fan.upload(shots)
        expect(fan.page.locator(".upload-box")).to_have_count(len(shots), timeout=NEXT_MODEL_MS)
        page = fan.visit("/photos/")
        of_burst = fan.cards().filter(has_text="burst-")
        expect(of_burst).to_have_count(1, timeout=NEXT_MODEL_MS)
        expect(of_burst).to_contain_text("photos of a burst")
        fan.open_photo("burst-3.jpg")
        expect(page.get_by_text("The best of 4")).to_be_visible()
        page.get_by_role("link", name="see all of them").click()
        expect(page.locator(".filmstrip-frame")).to_have_count(4)
        expect(page.get_by_text("best of a burst")).to_be_visible()
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_text("shows each of its photos by itself")).to_be_visible()
        fan.visit("/photos/")
        expect(of_burst).to_have_count(4)

    def test_who_stays_sharp_is_chosen_seen_at_once_and_saved(
        self, fan: Fan, tmp_path: Path
    ) -> None:
        fan.upload([make_duo(tmp_path)])
        expect(fan.page.locator(".upload-box")).to_have_count(2, timeout=NEXT_MODEL_MS)
        fan.open_photo("duo.jpg")
        page = fan.page
        chosen = page.locator("[data-subject-form] input[name=face]")
        expect(chosen).to_have_count(2, timeout=NEXT_MODEL_MS)
        page.get_by_role("button", name="Everybody").click()
        preview = page.locator("[data-preview]")
        expect(preview).to_be_visible(timeout=NEXT_MODEL_MS)  # Its masks were made meanwhile.
        before = preview.evaluate(DETAIL_OF_HALVES)
        chosen.last.uncheck()
        took = page.evaluate(
            "() => performance.getEntriesByName('portrait-preview').at(-1).duration"
        )
        assert took < PREVIEW_MS
        after = preview.evaluate(DETAIL_OF_HALVES)
        assert after[0] > 0.7 * before[0], "who stays sharp keeps her detail"
        assert after[1] < 0.6 * before[1], "who does not is blurred"
        expect(page.locator("[data-subject-words]")).to_contain_text(
            "Those whom you chose", timeout=NEXT_MODEL_MS
        )
        page.reload()
        expect(chosen.last).not_to_be_checked()
        expect(chosen.first).to_be_checked()

    def test_keepsakes_have_their_size_and_their_soft_edge(self, fan: Fan) -> None:
        page = fan.page
        with page.expect_download() as download:
            page.get_by_role("link", name="Cut-out").click()
        with Image.open(download.value.path()) as cut_out:
            assert (cut_out.format, cut_out.size) == ("PNG", (1800, 900))
            opacity = cut_out.getchannel("A").histogram()
        assert opacity[0] > 100_000
        assert opacity[255] > 100_000
        assert sum(opacity[20:236]) > 100, "soft edges"
        with page.expect_download() as download:
            page.get_by_role("button", name="Photocard").click()
        with Image.open(download.value.path()) as card:
            assert (card.size, card.info["dpi"]) == ((638, 1016), (300, 300))

    def test_logging_out_closes_the_door(self, fan: Fan) -> None:
        page = fan.visit("/photos/")
        page.locator(".site-tools summary").click()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        fan.visit("/photos/")
        expect(page).to_have_url(re.compile("/login/"))
