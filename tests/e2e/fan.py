"""A fan at a browser: what they do, in their words."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

VIEWPORTS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": ViewportSize(width=1440, height=900)},
    "phone": {
        "viewport": ViewportSize(width=360, height=780),
        "has_touch": True,
        "is_mobile": True,
    },
}
PASSWORD = "lights go out at nine"
FIRST_MODEL_MS = 180_000
"""Models load with the first photo; on two busy cores that takes its time."""
NEXT_MODEL_MS = 60_000


class Fan:
    """One visitor with a profile of their own.

    Attributes:
        complaints: What the browser's console and uncaught errors said.
    """

    def __init__(self, browser: Browser, url: str, viewport: str) -> None:
        self.url = url
        self.is_on_phone = viewport == "phone"
        self.context = browser.new_context(base_url=url, **VIEWPORTS[viewport])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requested: set[str] = set()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("request", lambda request: self.requested.add(request.url))

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def visit(self, path: str) -> Page:
        """Open a page of this installation."""
        self.page.goto(path)
        return self.page

    def become_owner(self, setup_link: str, name: str = "minji") -> None:
        """Follow the one-time link and make the account."""
        self.page.goto(setup_link)
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_label("Password confirmation").fill(PASSWORD)
        self.page.get_by_role("button", name="Create the owner account").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)

    def agree_to_recognition(self) -> None:
        """Give consent on the account page."""
        self.visit("/account/")
        self.page.get_by_label("Recognise faces").check()
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.get_by_role("button", name="Take consent back")).to_be_visible()

    def upload(self, pictures: list[Path]) -> None:
        """Hand pictures to the upload page and wait until all have arrived."""
        self.visit("/upload/")
        self.page.locator("input[type=file]").first.set_input_files(pictures)

    def cards(self) -> Locator:
        """Return the photos of the grid that is open."""
        return self.page.locator("[data-photo]")

    def wait_for_faces(self, photos: int) -> None:
        """Wait on the grid until that many photos have been searched for faces."""
        searched = self.page.locator("[data-photo]").filter(has_not_text="Searching")
        expect(searched).to_have_count(photos, timeout=FIRST_MODEL_MS)

    def open_photo(self, name: str) -> None:
        """Open a photo from the grid of all photos."""
        self.visit("/photos/")
        self.cards().filter(has_text=name).get_by_role("link").click()
        expect(self.page.locator("[data-image]")).to_be_visible()

    def name_face(self, name: str, group: str = "") -> None:
        """Click the first box on the photo and say who it is."""
        self.page.locator(".face-box").first.click()
        dialog = self.page.get_by_role("dialog", name="Who is this?")
        dialog.get_by_label("Name").fill(name)
        if group:
            dialog.get_by_label("Group").fill(group)
        dialog.get_by_role("button", name="Save name").click()
        expect(dialog).to_be_hidden()

    def leave(self) -> None:
        """Close the browser profile."""
        self.context.close()
