"""What the account page leads to: a key that a program uses, and messages to this browser."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import expect

from tests.e2e.fan import Fan
from tests.live import wait_until
from webapp.push.keys import in_base64url

pytestmark = pytest.mark.e2e

SUBSCRIBES = """PushManager.prototype.subscribe = async () => ({
  toJSON: () => ({ endpoint: "https://127.0.0.1/push",
    keys: { p256dh: "POINT", auth: "BTBZMqHH6r4Tts7J_aSIgg" } }),
  unsubscribe: async () => true,
})"""
"""A browser of a test reaches no push service; this one is on the machine, where none may be."""
SHOWN = """() => navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((shown) => shown.map(({ title, body, tag }) => [title, body, tag]))"""


@pytest.fixture(scope="module", autouse=True)
def _owner(fan: Fan, setup_link: str) -> None:
    """Whoever visits is the owner."""
    fan.become_owner(setup_link)


def test_a_key_is_made_used_and_revoked(fan: Fan, pictures: list[Path]) -> None:
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


def test_a_browser_is_switched_on_by_a_click_alone_and_shows_what_comes(fan: Fan) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = in_base64url(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    fan.context.grant_permissions(["notifications"], origin=fan.url)
    fan.context.add_init_script(SUBSCRIBES.replace("POINT", point))
    page = fan.visit("/account/")
    page.get_by_role("link", name="See the devices").click()
    page.get_by_role("button", name="Tell me on this device").click()
    expect(page.get_by_role("status").first).to_contain_text("lies in a private network")
    assert all("400" in complaint for complaint in fan.complaints)
    expect(page.get_by_text("None is told anything.")).to_be_visible()

    chrome = fan.context.new_cdp_session(page)
    workers: list[dict[str, Any]] = []
    chrome.on("ServiceWorker.workerRegistrationUpdated", lambda told: workers.append(told))
    chrome.send("ServiceWorker.enable")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    wait_until(lambda: workers and workers[0]["registrations"], 30, "no service worker")
    told = {"title": "Encore", "body": "A film: 3 moments.", "page": "/moments/", "tag": "film"}
    registration = workers[0]["registrations"][0]["registrationId"]
    message = {"origin": fan.url, "registrationId": registration, "data": json.dumps(told)}
    chrome.send("ServiceWorker.deliverPushMessage", message)
    shown = [["Encore", "A film: 3 moments.", "film"]]
    wait_until(lambda: page.evaluate(SHOWN) == shown, 30, "the message was not shown")
