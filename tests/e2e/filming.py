"""An owner who films with Chromium's fake camera, and whom Encore knows by name."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e.clips import make_reference
from tests.e2e.fan import Fan
from tests.live import LiveEncore, wait_until

NAME = "Eileen"
"""The woman of the clip, once she is enrolled."""
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def become_known_owner(browser: Browser, encore: LiveEncore, people: Path) -> Fan:
    """Set up a fresh installation; its owner has enrolled the woman of the clip.

    Args:
        browser: Where the owner is signed in from then on.
        encore: An installation that nobody has set up yet.
        people: An empty folder for her picture.
    """
    link = wait_until(
        lambda: re.search(r"http\S+/setup/\S+", encore.log.read_text()), 20, "no set-up link"
    )
    fan = Fan(browser, encore.url, "desktop")
    fan.become_owner(link.group(0).replace("localhost", "127.0.0.1"))
    fan.agree_to_recognition()
    encore.python(
        "from django.core.management import call_command\n"
        f"call_command('import_people', {str(make_reference(people, NAME))!r}, owner='minji')\n"
    )
    return fan


def open_camera_page(owner: Fan) -> Page:
    """Open the camera page of a new session, not filming yet."""
    page = owner.visit("/live/")
    page.get_by_label("Title").fill("Front row")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Start filming")).to_be_visible()
    return page


def film(page: Page) -> None:
    """Start filming."""
    page.get_by_role("button", name="Start filming").click()
    expect(page.locator("[data-recording]")).to_be_visible()


def want_moments(encore: LiveEncore, *, wanted: bool) -> None:
    """Say whether the owner's cameras capture moments."""
    encore.python(
        "from webapp.accounts.models import User\n"
        "from webapp.moments.services import update_taste\n"
        f"update_taste(User.objects.get(), is_wanted={wanted})\n"
    )
