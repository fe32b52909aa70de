"""The owner makes a key on the account page, a program uses it, and it is revoked."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.fan import Fan

pytestmark = pytest.mark.e2e


def test_a_key_is_made_used_and_revoked(fan: Fan, setup_link: str, pictures: list[Path]) -> None:
    fan.become_owner(setup_link)
    page = fan.visit("/account/")
    page.get_by_role("link", name="See the keys").click()
    page.get_by_label("What is it for?").fill("backup script")
    page.get_by_label("Look at photos").check()
    page.get_by_label("Send pictures to be read").check()
    page.get_by_role("button", name="Make the key").click()
    token = page.get_by_label("Key", exact=True).input_value()

    with httpx.Client(
        base_url=f"{fan.url}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=180
    ) as program:
        _use(program, pictures[0])
        page = fan.visit("/account/keys/")
        assert token not in page.content()
        expect(page.get_by_text("last used")).to_be_visible()
        page.get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("You have none.")).to_be_visible()
        assert program.get("me").status_code == 401
    assert fan.complaints == []


def _use(program: httpx.Client, picture: Path) -> None:
    assert program.get("me").json()["scopes"] == ["read", "predict"]
    answer = program.post("predict", files={"pictures": picture.read_bytes()})
    while answer.status_code == 503:  # The models load, which takes longer than it may wait.
        answer = program.post("predict", files={"pictures": picture.read_bytes()})
    (read,) = answer.json()["pictures"]
    assert (read["error"], len(read["faces"])) == ("", 1)
    assert read["notes"], "nobody has agreed to recognition yet"
    assert program.get("photos").json()["items"] == []
    assert program.delete("photos/00000000-0000-0000-0000-000000000007").status_code == 403


def test_the_api_is_explained_on_a_page_without_any_script_of_others(fan: Fan) -> None:
    page = fan.visit("/api/")
    expect(page.get_by_role("heading", name="predict")).to_be_visible()
    page.locator("#predict summary").click()
    expect(page.locator("#predict .api-told")).to_contain_text("Nothing is kept")
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0
    assert all(address.startswith(fan.url) for address in fan.requested)
    assert fan.complaints == []
