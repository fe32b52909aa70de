"""The page of devices: switching on and off, by whom, and what is refused."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user, run_pending_jobs
from tests.webapp.access.conftest import signed_in
from tests.webapp.push.conftest import Browser
from tests.webapp.webhooks.conftest import Listener
from webapp.accounts.models import User
from webapp.push import services, views
from webapp.push.keys import public_key
from webapp.push.models import Device

pytestmark = pytest.mark.django_db

PAGE, ON = "/devices/", "/devices/on/"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"


@pytest.fixture(autouse=True)
def no_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what earlier tests have asked."""
    monkeypatch.setattr(views, "_recent", views.RecentCounts())


def test_nothing_is_told_until_somebody_switches_it_on(as_owner: Client) -> None:
    page = as_owner.get(PAGE).text
    assert "None is told anything." in page
    assert f'data-key="{public_key()}"' in page
    assert "data-is-on" not in page
    assert not Device.objects.exists()


def test_a_browser_is_switched_on_and_listed(as_owner: Client, browser: Browser) -> None:
    answer = as_owner.post(ON, browser.fields(names="on"), headers={"user-agent": PHONE})
    assert answer.status_code == 201
    device = Device.objects.get()
    assert (device.label, device.has_names) == ("Chrome, Android", True)
    assert (device.endpoint, device.contact) == (browser.endpoint, "https://testserver")
    page = as_owner.get(PAGE).text
    for words in ("Chrome, Android", "not told anything yet", "with names", "data-is-on"):
        assert words in page
    assert browser.endpoint not in page
    run_pending_jobs()
    assert "last told" in as_owner.get(PAGE).text


def test_names_are_left_out_unless_they_are_wanted(as_owner: Client, browser: Browser) -> None:
    as_owner.post(ON, browser.fields())
    device = Device.objects.get()
    assert device.has_names is False
    address = reverse("push:names", args=[device.pk])
    for sent, wanted in (({"names": "on"}, True), ({}, False)):
        assert as_owner.post(address, sent).status_code == 302
        device.refresh_from_db()
        assert device.has_names is wanted


def test_a_device_is_removed(as_owner: Client, device: Device) -> None:
    as_owner.post(reverse("push:off", args=[device.pk]))
    assert not Device.objects.exists()


def test_signing_out_ends_it_on_that_browser_alone(
    as_owner: Client, owner: User, browser: Browser, listener: Listener
) -> None:
    as_owner.post(ON, browser.fields())
    other = signed_in(owner)
    other.post(ON, Browser(listener.address + "&other").fields())
    as_owner.post("/logout/")
    assert [device.endpoint for device in Device.objects.all()] == [listener.address + "&other"]


def test_a_browser_is_told_of_one_account_only(
    as_owner: Client, browser: Browser, owner: User
) -> None:
    as_owner.post(ON, browser.fields())
    second = make_user("second", is_staff=True)
    assert signed_in(second).post(ON, browser.fields()).status_code == 201
    assert Device.objects.get().user == second
    assert "data-is-on" not in as_owner.get(PAGE).text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"public_key": "AAAA"}, "no key", id="no point of the curve"),
        pytest.param({"public_key": "B" + "A" * 86}, "no key", id="a point beside the curve"),
        pytest.param({"public_key": "é"}, "no key", id="no base64url"),
        pytest.param({"auth": "AAAA"}, "no key", id="a short secret"),
        pytest.param({"endpoint": ""}, "required", id="no address"),
        pytest.param({"endpoint": "https://a:b@example.org/"}, "password", id="a password"),
        pytest.param({"endpoint": "ftp://example.org/"}, "https", id="not the web"),
        pytest.param({"endpoint": "https://nobody.invalid/"}, "no such server", id="nobody"),
    ],
)
def test_what_is_no_subscription_is_refused_in_words(
    as_owner: Client, browser: Browser, changed: dict[str, str], words: str
) -> None:
    answer = as_owner.post(ON, {**browser.fields(), **changed})
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert not Device.objects.exists()


@pytest.mark.parametrize("address", ["https://127.0.0.1/", "https://[::1]/", "https://10.0.0.7/"])
def test_private_addresses_are_refused(
    as_owner: Client, browser: Browser, settings: Any, address: str
) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = False
    answer = as_owner.post(ON, {**browser.fields(), "endpoint": address})
    assert (answer.status_code, Device.objects.count()) == (400, 0)
    assert "private network" in answer.json()["error"]
    settings.WEBHOOK_PRIVATE_TARGETS = True
    member = signed_in(make_user("member"))
    assert member.post(ON, {**browser.fields(), "endpoint": address}).status_code == 400


def test_there_is_a_most_of_devices_and_of_haste(
    as_owner: Client, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_DEVICES", 1)
    assert as_owner.post(ON, Browser(listener.address).fields()).status_code == 201
    again = as_owner.post(ON, Browser(listener.address).fields())
    assert again.status_code == 201, "the same browser takes the place of itself"
    refused = as_owner.post(ON, Browser(listener.address + "&b").fields())
    assert "Remove one first" in refused.json()["error"]
    monkeypatch.setattr(views, "PER_MINUTE", 3)
    assert as_owner.post(ON, Browser(listener.address).fields()).status_code == 429


def test_strangers_see_and_change_no_device(device: Device) -> None:
    stranger = signed_in(make_user("stranger"))
    assert device.label not in stranger.get(PAGE).text
    for name in ("push:names", "push:off"):
        address = reverse(name, args=[device.pk])
        assert stranger.post(address, {"names": "on"}).status_code == 404
        assert Client().post(address).status_code in {302, 401, 403}
    device.refresh_from_db()
    assert device.has_names is False
