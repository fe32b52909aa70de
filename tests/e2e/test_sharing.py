"""Links and invitations as their owner makes them, and as others open them."""

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
        page.get_by_role("button", name="Close").first.click()  # The newest link comes first.
        answer = shared.goto(link)
        assert answer is not None
        assert answer.status == 404
    finally:
        stranger.close()


def test_an_invited_fan_makes_an_account_and_likes_a_photo_until_removed(seeded: Fan) -> None:
    page = seeded.visit("/concerts/")
    page.locator("a.tile-title").first.click()
    concert = page.url
    expect(page.get_by_text("You alone.")).to_be_visible()
    page.get_by_role("link", name="Share with people").click()
    page.get_by_role("button", name="Make an invitation").click()
    link = page.get_by_label("Link", exact=True).input_value()
    _fits(page, "members")

    browser = page.context.browser
    assert browser is not None
    elsewhere = browser.new_context()
    try:
        invited = elsewhere.new_page()
        invited.goto(link)
        _fits(invited, "invitation")
        invited.get_by_label("Username").fill("haerin")
        invited.get_by_label("Password", exact=True).fill("a long pass phrase")
        invited.get_by_label("Password confirmation").fill("a long pass phrase")
        invited.get_by_role("button", name="Make an account and join").click()
        expect(invited).to_have_url(concert)
        expect(invited.get_by_text("shares this concert with you")).to_be_visible()
        _fits(invited, "shared-concert")

        invited.locator("a.tile-title").first.click()
        expect(invited.get_by_role("button", name="Delete photo")).to_have_count(0)
        expect(invited.locator("[data-name-face]")).to_have_count(0)
        invited.get_by_role("button", name="Like").click()
        expect(invited.get_by_role("button", name="Like 1")).to_have_attribute(
            "aria-pressed", "true"
        )
        _fits(invited, "shared-photo")

        page.goto(concert)
        expect(page.get_by_text("haerin · Fan")).to_be_visible()
        _fits(page, "who-sees")
        page.get_by_role("link", name="Share with people").click()
        page.get_by_role("button", name="Remove haerin").click()
        expect(page.get_by_text("haerin does not see this concert any more.")).to_be_visible()
        answer = invited.reload()
        assert answer is not None
        assert answer.status == 404
    finally:
        elsewhere.close()


def _give_embedding(encore: LiveEncore) -> None:
    encore.python(
        "import numpy\n"
        "from webapp import vision\n"
        "from webapp.people.models import Reference\n"
        "tag = vision.present_embedder()\n"
        "row = numpy.eye(1, vision.dimensions_of(tag), dtype='<f4')\n"
        "Reference.objects.update(embedding=row.tobytes(), embedder=tag)\n"
    )


def test_a_star_pack_goes_from_one_account_to_another(
    encore: LiveEncore, seeded: Fan, tmp_path: Path
) -> None:
    _give_embedding(encore)
    page = seeded.visit("/people/")
    page.get_by_role("button", name="Edit").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Star pack").click()
    pack = tmp_path / "pack.zip"
    download.value.save_as(pack)
    page.goto("/account/")
    page.get_by_text("Add a member").click()
    page.get_by_label("Username").fill("friend")
    page.get_by_label("Password", exact=True).fill("a long pass phrase")
    page.get_by_label("Password confirmation").fill("a long pass phrase")
    page.get_by_role("button", name="Add member").click()
    browser = page.context.browser
    assert browser is not None
    elsewhere = browser.new_context(base_url=page.url.partition("/account/")[0])
    try:
        friend = elsewhere.new_page()
        friend.goto("/login/")
        friend.get_by_label("Username").fill("friend")
        friend.get_by_label("Password").fill("a long pass phrase")
        friend.get_by_role("button", name="Sign in").click()
        friend.goto("/account/")
        friend.get_by_label("Recognise faces").check()
        friend.get_by_role("button", name="Save", exact=True).click()
        friend.goto("/people/packs/")
        friend.get_by_label("Star pack").set_input_files(pack)
        friend.get_by_role("button", name="See what it would change").click()
        expect(friend.get_by_text("1 new person")).to_be_visible()
        _fits(friend, "pack")
        friend.get_by_role("button", name="Take it in").click()
        expect(friend.get_by_text("is taken in")).to_be_visible()
        expect(friend.locator(".person-card")).to_have_count(1)
        _fits(friend, "people-after-pack")
    finally:
        elsewhere.close()
