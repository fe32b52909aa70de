"""The page of cameras that the server reads: who may, what is added, what is said."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from webapp.accounts.models import User
from webapp.live import addresses, forms, sources
from webapp.live.devices import Device
from webapp.live.models import Source
from webapp.photos.models import Concert

PAGE = "/live/sources/"
ADDRESS = "rtsp://93.184.215.14/stage"


def add(client: Client, **fields: Any) -> str:
    """Ask for a camera to be added; returns the page that follows."""
    told = {"name": "Balcony", "address": ADDRESS, **fields}
    return client.post(PAGE, told, follow=True).content.decode()


def page(client: Client) -> str:
    return client.get(PAGE).content.decode()


def test_the_owner_adds_a_camera_which_begins_to_film(owner: User, as_owner: Client) -> None:
    concert = Concert.objects.create(owner=owner, name="Seoul 2026")
    said = add(as_owner, concert=concert.pk)
    for words in ("“Balcony” is added.", ADDRESS, "Seoul 2026", "Connecting", "data-busy"):
        assert words in said
    assert Source.objects.get().is_on


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"username": "fan", "password": "hidden-word"}, id="in fields"),
        pytest.param({"address": "rtsp://fan:hidden-word@93.184.215.14/stage"}, id="pasted"),
        pytest.param(
            {"address": "rtsp://fan:hidden-word@93.184.215.14/stage", "name": ""}, id="no"
        ),
        pytest.param({"address": "http://fan:hidden-word@93.184.215.14/stage"}, id="refused"),
    ],
)
def test_a_password_is_never_shown_again(fields: dict[str, str], as_owner: Client) -> None:
    said = add(as_owner, **fields)
    assert "hidden-word" not in said + page(as_owner)
    for source in Source.objects.all():
        assert sources.credentials_of(source) == sources.Credentials("fan", "hidden-word")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"address": "file:///etc/passwd"}, addresses.RTSP_ONLY, id="a file"),
        pytest.param({"address": "rtsp://127.0.0.1/"}, addresses.PRIVATE, id="this machine"),
        pytest.param({"address": "rtsp://[fe80::1]/"}, addresses.PRIVATE, id="link-local"),
        pytest.param({"address": ""}, "Choose a camera, or enter an address", id="nothing"),
        pytest.param({"device": "/dev/video0"}, "Choose a camera, or enter", id="both"),
        pytest.param({"address": "", "device": "/etc/passwd"}, "not one of", id="no device"),
    ],
)
def test_what_is_not_allowed_is_refused_in_words(
    fields: dict[str, str], words: str, as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged_in = [Device("/dev/video0", "Webcam")]
    monkeypatch.setattr(forms.devices, "usb_cameras", lambda: plugged_in)
    assert words in add(as_owner, **fields)
    assert not Source.objects.exists()


def test_a_camera_of_the_server_is_chosen_from_those_that_are_there(
    as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged_in = [Device("/dev/video0", "Webcam")]
    monkeypatch.setattr(forms.devices, "usb_cameras", lambda: plugged_in)
    assert "Webcam (/dev/video0)" in page(as_owner)
    add(as_owner, device="/dev/video0", address="")
    found = Source.objects.get()
    assert (found.kind, found.address) == (Source.Kind.DEVICE, "/dev/video0")


def test_it_is_stopped_started_and_removed(as_owner: Client) -> None:
    add(as_owner)
    found = Source.objects.get()
    for action, is_on in (("off", False), ("on", True)):
        as_owner.post(f"{PAGE}{found.pk}/{action}/")
        found.refresh_from_db()
        assert found.is_on is is_on
    said = as_owner.post(f"{PAGE}{found.pk}/remove/", follow=True).content.decode()
    assert "“Balcony” is removed." in said
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            lambda pk: sources.note(pk, "reconnecting", "The camera does not answer."),
            ("Reconnecting since", "The camera does not answer. It is tried again by itself."),
            id="reconnecting",
        ),
        pytest.param(lambda pk: sources.note(pk, "on_air"), ("On air",), id="on air"),
        pytest.param(
            lambda pk: sources.turn_off(pk, "Another camera films in its session now."),
            ("Stopped", "Another camera films in its session now."),
            id="stopped, and why",
        ),
    ],
)
def test_how_far_it_is_is_said_in_words(
    change: Callable[[Any], None], words: tuple[str, ...], as_owner: Client
) -> None:
    add(as_owner)
    change(Source.objects.get().pk)
    said = page(as_owner)
    for one in words:
        assert one in said


def test_where_nothing_reads_cameras_the_page_says_so(as_owner: Client) -> None:
    assert "Nothing reads cameras here at the moment" in page(as_owner)


def test_nobody_else_sees_or_touches_it(as_owner: Client, as_stranger: Client) -> None:
    add(as_owner)
    found = Source.objects.get()
    assert as_stranger.get(PAGE).status_code == 403
    for action in ("on", "off", "remove"):
        assert as_stranger.post(f"{PAGE}{found.pk}/{action}/").status_code == 404
    assert "Cameras of the server" not in as_stranger.get("/live/").content.decode()
    assert "Cameras of the server" in as_owner.get("/live/").content.decode()
    assert Source.objects.get().is_on
