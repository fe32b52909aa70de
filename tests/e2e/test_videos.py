"""A fancam as a fan lives it: upload, progress, the moments of a star, the timeline, delete.

The tests are one story and run in this order; each begins where the one before ended.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from playwright.sync_api import expect

from tests.e2e.clips import make_film, make_reference
from tests.e2e.fan import FIRST_MODEL_MS, Fan
from tests.live import LiveEncore

NAME = "Eileen"
OTHER_NAME = "Commander"
FILM = "fancam.mp4"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def quiet_console(fan: Fan) -> Iterator[None]:
    """Fail a chapter in which the page broke its security policy or threw an error."""
    fan.complaints.clear()
    yield
    assert fan.complaints == []


@pytest.mark.weights
class TestAFancam:
    def test_the_owner_has_a_star(
        self, fan: Fan, encore: LiveEncore, setup_link: str, tmp_path: Path
    ) -> None:
        fan.become_owner(setup_link)
        fan.agree_to_recognition()
        people = make_reference(tmp_path, NAME)
        encore.python(
            "from django.core.management import call_command\n"
            f"call_command('import_people', {str(people)!r}, owner='minji')\n"
        )

    def test_a_video_is_uploaded_and_what_is_none_is_refused(
        self, fan: Fan, tmp_path: Path
    ) -> None:
        page = fan.visit("/videos/")
        expect(page.get_by_text("No videos yet")).to_be_visible()
        disguised = tmp_path / "playlist.mp4"
        disguised.write_text("#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n")
        page.locator("input[type=file]").set_input_files([make_film(tmp_path / FILM), disguised])
        uploads = page.locator(".video-upload")
        expect(uploads.filter(has_text=FILM)).to_contain_text("See the video")
        expect(uploads.filter(has_text="playlist")).to_contain_text("MP4, MOV and WebM")
        expect(page.locator(".video-row")).to_have_count(1)
        assert all("422" in words for words in fan.complaints)  # The browser's word on a refusal.
        fan.complaints.clear()

    def test_its_moments_appear_by_themselves(self, fan: Fan) -> None:
        page = fan.page
        page.locator(".video-row").get_by_role("link", name=FILM).click()
        state = page.locator(".video-state")
        expect(state).to_have_attribute("data-state", "ready", timeout=FIRST_MODEL_MS)
        expect(page.get_by_role("button", name="Look again")).to_be_visible()
        moments = page.locator("[data-moment]")
        expect(moments.first).to_contain_text(NAME)
        expect(moments.first.locator("img")).to_be_visible(timeout=FIRST_MODEL_MS)
        width = moments.first.locator("img").evaluate(
            "image => image.decode().then(() => image.naturalWidth)"
        )
        assert width == 512

    def test_it_plays_with_the_star_named_and_jumps_to_a_moment(self, fan: Fan) -> None:
        page = fan.page
        page.reload()
        page.get_by_role("button", name="Jump to").first.click()
        expect(page.locator(".player-layer .face-box.is-named").first).to_contain_text(NAME)
        assert page.evaluate("document.querySelector('video').currentTime") > 0
        page.get_by_label("Faces and names").uncheck()
        expect(page.locator(".player-layer .face-box")).to_have_count(0)
        page.evaluate("document.querySelector('video').pause()")

    def test_a_face_over_the_film_is_named_and_that_is_taken_back(self, fan: Fan) -> None:
        page = fan.page
        page.get_by_label("Faces and names").check()
        box = page.locator(".player-layer .face-box").first
        box.click()
        dialog = page.get_by_role("dialog", name="Who is this?")
        crop = dialog.get_by_alt_text("The chosen face")
        expect(crop).to_have_attribute("src", re.compile("^blob:"))
        dialog.get_by_label("Name").fill(OTHER_NAME)
        dialog.get_by_role("button", name="Save name").click()
        expect(box).to_contain_text(OTHER_NAME)
        page.get_by_role("button", name="Undo").click()
        expect(box).to_have_attribute("data-name", NAME)

    def test_it_has_a_timeline(self, fan: Fan) -> None:
        page = fan.page
        page.get_by_role("link", name="Timeline", exact=True).click()
        expect(page.locator("h1")).to_contain_text("fancam")
        expect(page.locator("[data-chart] svg").first).to_be_visible(timeout=30_000)
        expect(page.get_by_label("Star").locator("option", has_text=NAME)).to_be_attached()

    def test_a_tall_film_that_follows_its_star_is_made_of_it(
        self, fan: Fan, tmp_path: Path
    ) -> None:
        page = fan.visit("/videos/")
        page.locator(".video-row").get_by_role("link", name=FILM).click()
        page.get_by_role("link", name="Fancam", exact=True).click()
        page.get_by_label("Star").select_option(label=NAME)
        page.get_by_label("To", exact=True).fill("0:04")
        page.get_by_role("button", name="Make it").click()
        made = page.locator('.reel[data-state="ready"]')
        expect(made.locator("video")).to_be_visible(timeout=FIRST_MODEL_MS)
        with page.expect_download() as saved:
            made.get_by_role("link", name="Download").click()
        saved.value.save_as(tmp_path / "fancam.mp4")
        with av.open(str(tmp_path / "fancam.mp4")) as film:
            stream = film.streams.video[0]
            assert stream.codec_context.name == "h264"
            assert stream.height / stream.width == pytest.approx(16 / 9, rel=0.02)
            assert len(list(film.decode(stream))) == 60

    def test_deleting_it_leaves_nothing(self, fan: Fan, encore: LiveEncore) -> None:
        page = fan.visit("/videos/")
        page.locator(".video-row").get_by_role("link", name=FILM).click()
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete for ever").click()
        expect(page.get_by_text("No videos yet")).to_be_visible()
        for table in ("moments_video", "moments_moment", "moments_emotionsample", "photos_photo"):
            assert encore.rows(f"SELECT COUNT(*) FROM {table}") == [(0,)]  # noqa: S608
        assert list((encore.folder / "media" / "videos").rglob("*.video")) == []
        assert list((encore.folder / "media" / "reels").iterdir()) == []
