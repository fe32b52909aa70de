"""Draw the icons of the installed app out of our own SVG: ``python deploy/draw_icons.py``.

Needs Chromium, as the browser tests do; the pictures are committed, so that running needs neither.
"""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
ICONS = (
    ("logo.svg", 192, "icon-192.png"),
    ("logo.svg", 512, "icon-512.png"),
    ("logo-maskable.svg", 512, "icon-maskable-512.png"),
    ("logo-maskable.svg", 180, "icon-180.png"),
)


def main() -> None:
    """Draw every icon in its size."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for drawing, pixels, name in ICONS:
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            page.set_content(
                f"<style>*{{margin:0}}svg{{display:block;width:{pixels}px;height:{pixels}px}}</style>"
                + (IMAGES / drawing).read_text()
            )
            page.screenshot(path=IMAGES / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
