"""Live in a real Chromium with a fake camera: filming, watching, refusals, restarts."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.clips import make_clip, make_pair_clip
from tests.e2e.conftest import open_chromium
from tests.e2e.fan import Fan
from tests.e2e.filming import (
    FAKE_CAMERA,
    NAME,
    become_known_owner,
    film,
    open_camera_page,
    want_moments,
)
from tests.live import LiveEncore, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ENGINE_MS = 120_000
"""The engine loads its models once; on two busy cores that takes its time."""
ANSWER_MS = 30_000


@pytest.fixture(scope="module")
def encore(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveEncore]:
    """An installation with its inference process."""
    folder = tmp_path_factory.mktemp("live") / "data"
    installation = LiveEncore(folder, settings="webapp.settings", ENCORE_LIVE_ENGINE="true")
    try:
        installation.start(seconds=120)
        yield installation
    finally:
        installation.clean_up()


@pytest.fixture(scope="module")
def camera_browser(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser whose camera plays a clip."""
    clip = make_clip(tmp_path_factory.mktemp("clip") / "clip.mjpeg")
    chromium = open_chromium(playwright, *FAKE_CAMERA, f"--use-file-for-fake-video-capture={clip}")
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def owner(
    camera_browser: Browser, encore: LiveEncore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fan]:
    """The owner, who has enrolled the woman of the clip."""
    fan = become_known_owner(camera_browser, encore, tmp_path_factory.mktemp("people"))
    yield fan
    fan.leave()


@pytest.fixture
def camera_page(owner: Fan) -> Iterator[Page]:
    """The camera page of a new session, not filming yet."""
    page = open_camera_page(owner)
    yield page
    page.goto("/live/")


def _watch_copy(owner: Fan, browser: Browser, page: Page) -> Fan:
    """Open the viewer page of the same session in another profile of the same user."""
    viewer = Fan(browser, owner.url, "phone")
    viewer.context.add_cookies(owner.context.cookies())  # type: ignore[arg-type]
    viewer.visit(page.url.removeprefix(owner.url).replace("/camera/", "/"))
    return viewer


def _follow_link(owner: Fan, browser: Browser, watching: Page) -> Fan:
    """Make a link to the session that a page watches; open it where nobody is signed in."""
    url = watching.url
    watching.get_by_role("link", name="Share").click()
    watching.get_by_role("button", name="Make a link").click()
    link = watching.get_by_label("Link", exact=True).input_value()
    watching.goto(url)
    guest = Fan(browser, owner.url, "phone")
    guest.visit(link.removeprefix(owner.url))
    assert all("session" not in one["name"] for one in guest.context.cookies())
    return guest


def _figure(page: Page, name: str) -> float:
    text = page.locator(f'[data-figure="{name}"]').text_content() or ""
    found = re.search(r"[\d.]+", text)
    return float(found.group(0)) if found else 0.0


def _tracks_are_live(page: Page) -> bool:
    return bool(page.evaluate("() => Boolean(document.querySelector('video').srcObject)"))


def _number(page: Page, script: str) -> Callable[[], Any]:
    return lambda: page.evaluate(script)


def test_the_overlay_names_who_is_enrolled_and_another_browser_sees_it_too(
    owner: Fan, browser: Browser, camera_page: Page
) -> None:
    film(camera_page)
    name = camera_page.locator(".live-face-name").first
    expect(name).to_have_text(NAME, timeout=ENGINE_MS)
    expect(camera_page.locator("[data-live-camera]")).to_have_attribute("data-face-count", "1")
    wait_until(lambda: _figure(camera_page, "rate") > 0, 10, "no frame rate is shown")
    assert _figure(camera_page, "latency") > 0
    viewer = _watch_copy(owner, browser, camera_page)
    expect(viewer.page.locator(".live-face-name").first).to_have_text(NAME, timeout=ANSWER_MS)
    expect(viewer.page.locator("[data-recording]")).to_be_visible()
    guest = _follow_link(owner, browser, viewer.page)
    expect(guest.page.locator("[data-live-view]")).to_have_attribute("data-face-count", "1")
    expect(guest.page.locator("[data-recording]")).to_be_visible()
    assert NAME not in (guest.page.text_content("body") or ""), "names are hidden"
    camera_page.get_by_role("button", name="Stop").click()
    for watching in (viewer, guest):
        expect(watching.page.locator("[data-idle]")).to_be_visible(timeout=ANSWER_MS)
        assert watching.complaints == []
    guest.leave()
    assert owner.complaints == []
    viewer.leave()


def test_a_star_is_followed_in_words_and_by_the_picture_of_who_watches(
    playwright: Playwright, owner: Fan, browser: Browser, camera_page: Page, tmp_path: Path
) -> None:
    clip = make_pair_clip(tmp_path / "pair.mjpeg")
    chromium, filming = _visit_without(
        playwright, owner, camera_page, *FAKE_CAMERA, f"--use-file-for-fake-video-capture={clip}"
    )
    filming.page.get_by_label("Follow").select_option(label=f"{NAME} · crew")
    film(filming.page)
    where = re.compile(f"{NAME} is (on the left|on the right|in the centre)")
    guide = filming.page.locator("[data-guide]")
    expect(guide).to_have_text(where, timeout=ENGINE_MS)
    viewer = _watch_copy(owner, browser, camera_page)
    root = viewer.page.locator("[data-live-view]")
    expect(viewer.page.locator("[data-guide]")).to_have_text(where, timeout=ANSWER_MS)
    expect(viewer.page.locator("[data-followed]")).to_contain_text(NAME)
    expect(root).to_have_attribute("data-span", "1.00")
    viewer.page.get_by_label("Zoom in on the star").check()
    near = re.compile(r"0\.[3-9]\d")
    expect(root).to_have_attribute("data-span", near, timeout=ANSWER_MS)
    viewer.page.get_by_label("Zoom in on the star").uncheck()
    expect(root).to_have_attribute("data-span", "1.00", timeout=ANSWER_MS)
    filming.page.reload()
    chosen = filming.page.get_by_label("Follow").locator("option:checked")
    expect(chosen).to_contain_text(NAME)
    assert [*filming.complaints, *viewer.complaints] == []
    viewer.leave()
    chromium.close()


def test_boxes_can_be_drawn_on_the_newest_picture_instead(owner: Fan, camera_page: Page) -> None:
    film(camera_page)
    root = camera_page.locator("[data-live-camera]")
    expect(root).to_have_attribute("data-face-count", "1", timeout=ENGINE_MS)
    camera_page.get_by_label("Lowest delay").check()
    camera_page.wait_for_timeout(1000)
    drawn = camera_page.evaluate(
        """() => {
          const canvas = document.querySelector("canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let opaque = 0;
          for (let at = 3; at < data.length; at += 4) opaque += data[at] > 0;
          return opaque / (data.length / 4);
        }"""
    )
    assert 0 < drawn < 0.5, "the canvas should hold boxes and let the video through"


SHARPNESS = """() => {
  const copy = new OffscreenCanvas(640, 360);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(document.querySelector("canvas"), 0, 0, 640, 360);
  const { data } = context.getImageData(0, 0, 640, 26);
  let edges = 0;
  for (let at = 0; at + 4 < data.length; at += 4) edges += (data[at + 4] - data[at]) ** 2;
  return edges;
}"""
"""How sharp the edges above her head are: squared steps, for blur keeps the sum of plain ones."""


def _sharpness(page: Page) -> float:
    """Return the middle of several moments; the clip moves."""
    values = []
    for _ in range(9):
        values.append(page.evaluate(SHARPNESS))
        page.wait_for_timeout(150)
    return float(sorted(values)[4])


def test_the_portrait_preview_blurs_what_is_behind_and_goes_away_again(
    owner: Fan, camera_page: Page
) -> None:
    film(camera_page)
    root = camera_page.locator("[data-live-camera]")
    expect(root).to_have_attribute("data-face-count", "1", timeout=ENGINE_MS)
    before = _sharpness(camera_page)
    switch = camera_page.get_by_label("Portrait preview")
    words = camera_page.locator("[data-portrait-words]")
    switch.check()
    wait_until(
        lambda: _sharpness(camera_page) < 0.5 * before or "is off" in words.inner_text(),
        60,
        "nothing was blurred",
    )
    if "is off" in words.inner_text():  # A machine this busy has no time for it, and says so.
        expect(switch).not_to_be_checked()
        return
    switch.uncheck()
    wait_until(lambda: _sharpness(camera_page) > 0.9 * before, 20, "it stays blurred")
    assert owner.complaints == []


def test_stop_lets_go_of_the_camera_within_a_second(camera_page: Page) -> None:
    film(camera_page)
    camera_page.evaluate(
        "() => { window.track = document.querySelector('video').srcObject.getTracks()[0]; }"
    )
    camera_page.get_by_role("button", name="Stop").click()
    started = time.monotonic()
    wait_until(_number(camera_page, "() => window.track.readyState === 'ended'"), 1, "still on")
    assert time.monotonic() - started < 1
    expect(camera_page.locator("[data-recording]")).to_be_hidden()
    assert not _tracks_are_live(camera_page)


def test_a_hidden_tab_sends_nothing(owner: Fan, camera_page: Page) -> None:
    film(camera_page)
    root = camera_page.locator("[data-live-camera]")
    expect(root).to_have_attribute("data-face-count", "1", timeout=ENGINE_MS)
    camera_page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: true, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
          const send = WebSocket.prototype.send;
          window.sent = 0;
          WebSocket.prototype.send = function (data) {
            if (typeof data !== "string") window.sent += 1;  // pictures; its clock it may tell
            send.call(this, data);
          };
        }"""
    )
    camera_page.wait_for_timeout(3000)
    before = camera_page.evaluate("() => window.sent")
    assert before <= 2, "frames that were being prepared may still leave, no others"
    camera_page.evaluate(
        """() => {
          delete document.hidden;
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    wait_until(_number(camera_page, "() => window.sent > 5"), 30, "it did not go on")


def test_a_killed_recogniser_is_told_and_comes_back(encore: LiveEncore, camera_page: Page) -> None:
    film(camera_page)
    name = camera_page.locator(".live-face-name").first
    expect(name).to_have_text(NAME, timeout=ENGINE_MS)
    engine = wait_until(lambda: encore.child("inference.engine"), 10, "no inference process")
    engine.send_signal(signal.SIGKILL)
    words = camera_page.locator("[data-words-text]")
    expect(words).to_contain_text("recogniser", timeout=5000)
    assert _tracks_are_live(camera_page), "the picture must go on meanwhile"
    expect(words).not_to_contain_text("recogniser", timeout=ENGINE_MS)
    expect(name).to_have_text(NAME, timeout=ANSWER_MS)


def test_filming_goes_on_after_the_server_was_restarted(
    encore: LiveEncore, camera_page: Page
) -> None:
    film(camera_page)
    name = camera_page.locator(".live-face-name").first
    expect(name).to_have_text(NAME, timeout=ENGINE_MS)
    web = wait_until(lambda: encore.child("serve"), 10, "no web process")
    web.send_signal(signal.SIGKILL)
    words = camera_page.locator("[data-words-text]")
    expect(words).to_contain_text("connection", timeout=10_000)
    expect(words).not_to_contain_text("connection", timeout=ANSWER_MS)
    expect(name).to_have_text(NAME, timeout=ANSWER_MS)


def _visit_without(playwright: Playwright, owner: Fan, page: Page, *arguments: str) -> Any:
    """Start filming in a browser with another camera than the usual one."""
    chromium = open_chromium(playwright, *arguments)
    visitor = Fan(chromium, owner.url, "phone")
    visitor.context.add_cookies(owner.context.cookies())  # type: ignore[arg-type]
    visitor.visit(page.url.removeprefix(owner.url))
    return chromium, visitor


def test_a_refused_permission_is_explained(
    playwright: Playwright, owner: Fan, camera_page: Page
) -> None:
    chromium, visitor = _visit_without(
        playwright, owner, camera_page, FAKE_CAMERA[0], "--deny-permission-prompts"
    )
    visitor.page.get_by_role("button", name="Start filming").click()
    refusal = visitor.page.get_by_role("alert")
    expect(refusal).to_contain_text("The camera is not allowed")
    expect(visitor.page.get_by_role("button", name="Start filming")).to_be_visible()
    chromium.close()


def test_a_missing_camera_is_explained(
    playwright: Playwright, owner: Fan, camera_page: Page
) -> None:
    chromium, visitor = _visit_without(
        playwright,
        owner,
        camera_page,
        "--use-fake-device-for-media-stream=device-count=0",
        FAKE_CAMERA[1],
    )
    visitor.page.get_by_role("button", name="Start filming").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("No camera was found")
    chromium.close()


def test_an_insecure_address_is_explained(
    playwright: Playwright, owner: Fan, encore: LiveEncore, camera_page: Page
) -> None:
    chromium, visitor = _visit_without(playwright, owner, camera_page, *FAKE_CAMERA)
    visitor.context.add_init_script(
        "Object.defineProperty(window, 'isSecureContext', { value: false });"
    )
    visitor.page.reload()
    expect(visitor.page.get_by_role("alert")).to_contain_text("https")
    expect(visitor.page.get_by_role("button", name="Start filming")).to_be_hidden()
    chromium.close()


def test_nothing_of_the_pictures_is_written_to_disk_unless_a_moment_is_captured(
    encore: LiveEncore, camera_page: Page
) -> None:
    want_moments(encore, wanted=False)

    def pictures() -> set[Path]:
        return {
            path
            for path in encore.folder.rglob("*")
            if path.is_file() and path.parent.name not in {"static", "css", "js", "img"}
            and path.read_bytes()[:3] == b"\xff\xd8\xff"
        }  # fmt: skip

    before = pictures()
    film(camera_page)
    root = camera_page.locator("[data-live-camera]")
    expect(root).to_have_attribute("data-face-count", "1", timeout=ENGINE_MS)
    camera_page.wait_for_timeout(5000)
    assert pictures() == before

    camera_page.get_by_role("button", name="Keep this moment").click()
    expect(camera_page.locator(".captured-card").first).to_contain_text("Saved", timeout=ANSWER_MS)
    camera_page.wait_for_timeout(3000)
    captured = encore.rows("SELECT photo_id FROM moments_momentframe WHERE photo_id IS NOT NULL")
    folders = {str(UUID(photo_id)) for (photo_id,) in captured}
    written = {path.parent.name for path in pictures() - before}
    assert written
    assert written <= folders
    want_moments(encore, wanted=True)


def test_a_clip_with_sound_is_kept_of_a_moment(
    owner: Fan, encore: LiveEncore, camera_page: Page, tmp_path: Path
) -> None:
    choice = camera_page.get_by_label("Clips of moments")
    expect(choice).to_have_value("")
    choice.select_option("sound")
    film(camera_page)
    expect(camera_page.locator("[data-sound]")).to_be_visible()
    expect(camera_page.locator("[data-clips-words]")).to_contain_text("The microphone listens")
    camera_page.wait_for_timeout(5000)
    camera_page.get_by_role("button", name="Keep this moment").click()
    clips = "SELECT moment_id FROM moments_reel WHERE kind = 'clip'"
    ((moment_id,),) = wait_until(lambda: encore.rows(clips), 90, "no recording was brought")
    camera_page.get_by_role("button", name="Stop").click()
    ready = f"{clips} AND state = 'ready'"
    wait_until(lambda: encore.rows(ready), 240, "no clip was made")
    expect(camera_page.locator("[data-sound]")).to_be_hidden()

    page = owner.visit(f"/moments/{UUID(moment_id)}/")
    panel = page.locator('[data-part="clip"]')
    expect(panel.locator("video")).to_be_visible()
    with page.expect_download() as film_file:
        panel.get_by_role("link", name="Video (MP4)").click()
    film_file.value.save_as(tmp_path / "clip.mp4")
    with page.expect_download() as moving_file:
        panel.get_by_role("link", name="Moving picture (WebP)").click()
    moving_file.value.save_as(tmp_path / "clip.webp")
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        pictures, sound = clip.streams.video[0], clip.streams.audio[0]
        assert [one.codec_context.name for one in (pictures, sound)] == ["h264", "aac"]
        lengths = [float(one.duration * one.time_base) for one in (pictures, sound)]
        loudest = max(float(abs(frame.to_ndarray()).max()) for frame in clip.decode(sound))
    assert all(4.5 < length < 6.5 for length in lengths), lengths
    assert loudest > 0.05, "the beeps of the microphone are not in it"
    with Image.open(tmp_path / "clip.webp") as moving:
        assert moving.n_frames > 20  # type: ignore[attr-defined]
    panel.get_by_role("button", name="Delete the clip").click()
    expect(page.locator('[data-part="clip"]')).to_contain_text("Clips of moments")
    assert not list((encore.folder / "media").rglob("*.recording"))
    assert owner.complaints == []


def test_a_video_file_films_too(owner: Fan, encore: LiveEncore, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mjpeg")
    told = encore.python(
        "from django.core.management import call_command\n"
        f"call_command('watch', {str(clip)!r}, concert='Rehearsal', fast=True)\n"
    )
    sent, labelled = map(int, re.search(r"(\d+) pictures sent, (\d+) labelled", told).groups())  # type: ignore[union-attr]
    assert sent == 60
    assert labelled >= sent * 2 // 3  # Newest wins: a busy machine passes over some.
    owner.visit("/live/")
    expect(owner.page.get_by_role("heading", name="Rehearsal")).to_be_visible()


def test_the_whole_feed_is_recorded_on_purpose_and_becomes_a_video(
    encore: LiveEncore, camera_page: Page
) -> None:
    panel = camera_page.locator("[data-recorder]")
    record = panel.get_by_role("button", name="Record everything")
    expect(panel).to_contain_text("It stays there until you delete it")
    expect(record).to_be_disabled()
    film(camera_page)
    record.click()
    expect(panel.locator("[data-record-state]")).to_contain_text(
        re.compile(r"Recording: 0:0[4-9]"), timeout=ANSWER_MS
    )
    unfinished = "SELECT length FROM uploads_upload WHERE kind = 'recording' AND is_open"
    wait_until(
        lambda: [one for (one,) in encore.rows(unfinished) if one],
        30,
        "nothing arrives while it is filmed",
    )
    panel.get_by_role("button", name="Stop recording").click()
    link = panel.get_by_role("link", name="Open the video")
    expect(link).to_be_visible(timeout=ANSWER_MS)
    video_id = UUID((link.get_attribute("href") or "").split("/")[2])
    ((owner_session, length),) = encore.rows(
        "SELECT session_id, bytes FROM moments_video WHERE id = ?", video_id.hex
    )
    assert owner_session in camera_page.url.replace("-", "")
    assert length > 10_000
    opened = "SELECT duration_seconds FROM moments_video WHERE id = ? AND duration_seconds > 2"
    wait_until(lambda: encore.rows(opened, video_id.hex), 120, "the video is not analysed")
