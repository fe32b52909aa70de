"""Moments in a real Chromium with a fake camera and the real models: by themselves, and by hand."""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, WebSocket, expect

from tests.e2e.fan import Fan
from tests.e2e.test_live import camera_browser, encore, owner  # noqa: F401 - fixtures
from tests.live import LiveEncore, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ENGINE_MS = 180_000
CALM_MS = 60_000
"""A calm face becomes a moment once its star has had none for twelve seconds."""

SAME = 0.3
"""What encoding alone makes of a picture, in grey levels; the next one of the clip is 1 away."""


class Sent:
    """Every frame that a page sends, by its number."""

    def __init__(self, page: Page) -> None:
        self.frames: dict[int, bytes] = {}
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        if "/ws/live/camera/" in socket.url:
            socket.on("framesent", self._note)

    def _note(self, payload: Any) -> None:
        if isinstance(payload, bytes):
            (length,) = struct.unpack_from(">I", payload)
            header = payload[4 : 4 + length].decode()
            number = int(header.split('"frame":')[1].split(",")[0])
            self.frames[number] = payload[4 + length :]


@pytest.fixture
def camera_page(owner: Fan) -> Iterator[Page]:  # noqa: F811 - the fixture
    """The camera page of a new session, not filming yet."""
    page = owner.visit("/live/")
    page.get_by_label("Title").fill("Front row")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Start filming")).to_be_visible()
    yield page
    page.goto("/live/")


def _pixels(picture: bytes, size: tuple[int, int]) -> np.ndarray[Any, Any]:
    image = Image.open(io.BytesIO(picture)).convert("L").resize(size)
    return np.asarray(image, dtype=np.float32)


def _differences(photo: bytes, frames: dict[int, bytes]) -> dict[int, float]:
    """Return how much each of the sent frames differs from a photo, in grey levels of a pixel."""
    size = (160, 90)
    wanted = _pixels(photo, size)
    return {one: float(np.abs(_pixels(jpeg, size) - wanted).mean()) for one, jpeg in frames.items()}


def _original(encore: LiveEncore, photo_id: str) -> Path:  # noqa: F811 - the fixture
    return encore.folder / "media" / "photos" / photo_id[:2] / photo_id / "original"


def _arrived(encore: LiveEncore, moment: str) -> dict[int, str]:  # noqa: F811 - the fixture
    """Return the photo of each frame of a moment; the picked one first."""
    rows = encore.rows(
        "SELECT number, photo_id FROM moments_momentframe WHERE moment_id = ? "
        "AND photo_id IS NOT NULL ORDER BY is_picked DESC",
        UUID(moment).hex,
    )
    return {int(number): str(UUID(photo_id)) for number, photo_id in rows}


def _is_closed(page: Page, socket: WebSocket) -> bool:
    page.wait_for_timeout(50)  # Playwright hears of its browser only while it waits.
    return socket.is_closed()


def _is_named(encore: LiveEncore, photo_id: str) -> bool:  # noqa: F811 - the fixture
    named = encore.rows(
        "SELECT COUNT(person_id) FROM analysis_detectedface WHERE photo_id = ?", UUID(photo_id).hex
    )
    return bool(named[0][0])


def test_a_moment_captures_itself_and_its_photo_is_exactly_the_chosen_frame(
    owner: Fan,  # noqa: F811 - the fixture
    encore: LiveEncore,  # noqa: F811 - the fixture
    camera_page: Page,
) -> None:
    sent = Sent(camera_page)
    camera_page.get_by_role("button", name="Start filming").click()
    expect(camera_page.locator(".live-face-name").first).to_be_visible(timeout=ENGINE_MS)
    card = camera_page.locator(".captured-card").last
    expect(card).to_be_visible(timeout=CALM_MS)
    expect(card).to_contain_text("Eileen")
    moment = card.get_attribute("data-moment") or ""
    card = camera_page.locator(f'[data-moment="{moment}"]')
    expect(card).to_contain_text("Saved", timeout=CALM_MS)

    camera_page.wait_for_timeout(3000)
    arrived = _arrived(encore, moment)
    seen = {number: photo for number, photo in arrived.items() if number in sent.frames}
    assert seen
    for number, photo_id in seen.items():
        near = {one: jpeg for one, jpeg in sent.frames.items() if abs(one - number) <= 12}
        original = _original(encore, photo_id)
        off = _differences(original.read_bytes(), near)
        # The same picture of a slow camera may have been sent twice.
        assert off[number] <= min(off.values()) + SAME, off
        with Image.open(original) as whole:
            assert whole.size == (640, 360)
    photo_id = next(iter(arrived.values()))
    camera_page.get_by_role("button", name="Stop").click()
    portrait = _original(encore, photo_id).with_name("portrait.jpg")
    wait_until(portrait.exists, 180, "no portrait was drawn")
    wait_until(lambda: _is_named(encore, photo_id), 180, "nobody was recognised on the photo")
    page = owner.visit(f"/moments/{moment}/")
    expect(page.get_by_text("Eileen").first).to_be_visible()
    assert owner.complaints == []


def test_the_shutter_keeps_a_moment_and_space_is_its_key(
    owner: Fan,  # noqa: F811 - the fixture
    encore: LiveEncore,  # noqa: F811 - the fixture
    camera_page: Page,
) -> None:
    camera_page.get_by_role("button", name="Start filming").click()
    expect(camera_page.locator("[data-recording]")).to_be_visible()
    camera_page.wait_for_timeout(2500)
    camera_page.get_by_role("button", name="Keep this moment").click()
    card = camera_page.locator(".captured-card", has_text="chosen by hand")
    expect(card).to_have_count(1, timeout=CALM_MS)
    camera_page.locator("h1").click()
    camera_page.wait_for_timeout(500)
    camera_page.keyboard.press("Space")
    expect(card).to_have_count(2, timeout=CALM_MS)
    expect(card.first).to_contain_text("Saved", timeout=CALM_MS)
    expect(card.last).to_contain_text("Saved", timeout=CALM_MS)
    assert owner.complaints == []


def test_stop_leaves_two_seconds_for_the_last_moment_and_start_goes_on_in_them(
    owner: Fan,  # noqa: F811 - the fixture
    camera_page: Page,
) -> None:
    sockets: list[WebSocket] = []
    camera_page.on(
        "websocket",
        lambda socket: sockets.append(socket) if "/ws/live/camera/" in socket.url else None,
    )
    start = camera_page.get_by_role("button", name="Start filming")
    stop = camera_page.get_by_role("button", name="Stop")
    recording = camera_page.locator("[data-recording]")
    card = camera_page.locator(".captured-card", has_text="chosen by hand")
    start.click()
    expect(recording).to_be_visible()
    camera_page.wait_for_timeout(2500)
    stop.click()
    expect(recording).to_be_hidden()
    start.click()
    expect(recording).to_be_visible()
    camera_page.wait_for_timeout(2500)
    assert [socket.is_closed() for socket in sockets] == [False]

    camera_page.locator("h1").click()
    camera_page.keyboard.press("Space")
    stop.click()
    expect(card).to_have_count(1, timeout=CALM_MS)
    expect(card).to_contain_text("Saved", timeout=CALM_MS)
    wait_until(lambda: _is_closed(camera_page, sockets[0]), 5, "the connection stays")
    expect(camera_page.locator("[data-faces]")).to_be_empty()
    assert owner.complaints == []
