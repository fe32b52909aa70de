"""A concert whose line-up is known names a group photo that it could not name whole before."""

import re
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import expect

from inference.evaluation.composed import grid_of, read_photo
from tests.e2e.fan import FIRST_MODEL_MS, NEXT_MODEL_MS, Fan
from tests.live import LiveEncore

GROUP = "Twice"
REFERENCES = 5
SHOT = 6
"""Of each member's photos: later than the references, and not all clear by themselves."""


@pytest.fixture(scope="module")
def members(shared_data: Path) -> dict[str, list[Path]]:
    """Photos of each member of a group."""
    folders = sorted((shared_data / "faces" / "kpop" / "twice").iterdir())
    return {folder.name: sorted(folder.iterdir()) for folder in folders}


@pytest.fixture(scope="module")
def group_photo(members: dict[str, list[Path]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One photo that shows all members, three by three."""
    stage = grid_of([read_photo(photos[SHOT]) for photos in members.values()], (1200, 1500), 3)
    path = tmp_path_factory.mktemp("group") / "encore.jpg"
    cv2.imwrite(str(path), cv2.cvtColor(stage, cv2.COLOR_RGB2BGR))
    return path


@pytest.fixture(scope="module")
def enrolled(
    encore: LiveEncore,
    members: dict[str, list[Path]],
    fan: Fan,
    setup_link: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """An owner who has imported some photos of each member."""
    fan.become_owner(setup_link)
    fan.agree_to_recognition()
    folder = tmp_path_factory.mktemp("people")
    for name, photos in members.items():
        own = folder / GROUP / name.capitalize()
        own.mkdir(parents=True)
        for photo in photos[:REFERENCES]:
            (own / photo.name).symlink_to(photo)
    encore.python(
        "from django.core.management import call_command;"
        f"call_command('import_people', {str(folder)!r})"
    )


@pytest.mark.weights
@pytest.mark.timeout(900)
def test_a_concert_with_line_up_names_a_group_photo(
    fan: Fan, enrolled: None, members: dict[str, list[Path]], group_photo: Path
) -> None:
    page = fan.visit("/concerts/new/")
    page.get_by_label("Name", exact=True).fill("Seoul")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Seoul")).to_be_visible()
    concert = page.url
    page.get_by_role("link", name="Upload photos").first.click()
    page.locator("input[type=file]").first.set_input_files(group_photo)
    expect(page.locator(".upload-box")).to_have_count(len(members), timeout=FIRST_MODEL_MS)
    fan.open_photo("encore.jpg")
    named = page.locator("[data-face]").get_by_role("link")
    before = named.count()
    assert 2 <= before < len(members)

    page.goto(concert)
    page.get_by_role("button", name="Line-up").focus()
    page.keyboard.press("Enter")
    choice = page.get_by_role("checkbox", name=re.compile(GROUP))
    choice.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save line-up").press("Enter")
    expect(page.get_by_text("The line-up is saved")).to_be_visible()
    expect(page.locator(".chip", has_text=GROUP)).to_be_visible()

    fan.open_photo("encore.jpg")
    expect(named).to_have_count(len(members), timeout=NEXT_MODEL_MS)
    names = named.all_inner_texts()
    assert sorted(names) == sorted(name.capitalize() for name in members)
    assert fan.complaints == []
