"""Addresses of network cameras: what may be meant, and that passwords stay out of them."""

from typing import Any

import pytest

from webapp.live import addresses
from webapp.live.addresses import (
    AddressRefusedError,
    address_by_relay,
    address_of,
    checked_addresses,
    without_credentials,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("rtsp://cam.example/stage", "rtsp://cam.example/stage", id="plain"),
        pytest.param("RTSP://Cam.Example", "rtsp://cam.example/", id="capitals, no path"),
        pytest.param("rtsp://cam.example:554/a?b=1", "rtsp://cam.example/a?b=1", id="usual port"),
        pytest.param("rtsps://cam.example/", "rtsps://cam.example/", id="by TLS"),
        pytest.param("rtsp://[2001:db8::1]:8554/a", "rtsp://[2001:db8::1]:8554/a", id="IPv6"),
        pytest.param("rtsp://fan:se%40cret@cam.example/a", "rtsp://cam.example/a", id="a password"),
    ],
)
def test_an_address_is_shown_without_name_and_password(text: str, shown: str) -> None:
    assert str(address_of(text)) == shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *(
            pytest.param(text, addresses.RTSP_ONLY, id=text.partition(":")[0])
            for text in (
                *("file:///etc/passwd", "/etc/passwd", "http://cam.example/", "udp://239.0.0.1:1"),
                *("concat:a|b", "crypto:rtsp://cam.example/", "unix:///run/x", "data:video/mp4,"),
                *("tcp://cam.example:554", "rtspt://cam.example/", "subfile,,start,0,,:/etc/x"),
            )
        ),
        pytest.param("rtsp://", addresses.NOT_AN_ADDRESS, id="no host"),
        pytest.param("rtsp://cam.example:0/", addresses.NOT_AN_ADDRESS, id="port 0"),
        pytest.param("rtsp://cam.example:99999/", addresses.NOT_AN_ADDRESS, id="a wrong port"),
        pytest.param("rtsp://cam.example/\r\nX: y", addresses.NOT_AN_ADDRESS, id="a head line"),
        pytest.param("rtsp://cam example/", addresses.NOT_AN_ADDRESS, id="a blank"),
        pytest.param("rtsp://[::1/", addresses.NOT_AN_ADDRESS, id="half a bracket"),
    ],
)
def test_nothing_but_cameras_is_filmed(text: str, words: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        address_of(text)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        pytest.param("rtsp://a.example/", ("rtsp://a.example/", "", ""), id="none"),
        pytest.param(
            " rtsp://fan:p%40ss:w@a.example/x ", ("rtsp://a.example/x", "fan", "p@ss:w"), id="both"
        ),
        pytest.param("rtsp://a:b@c@d/x", ("rtsp://d/x", "a", "b@c"), id="a bare @ in the password"),
        pytest.param("rtsp://a.example/x@y", ("rtsp://a.example/x@y", "", ""), id="@ in the path"),
        pytest.param("http://a:b@c", ("http://c", "a", "b"), id="also of what is refused"),
        pytest.param("no address", ("no address", "", ""), id="no address"),
    ],
)
def test_name_and_password_are_taken_out(text: str, parted: tuple[str, str, str]) -> None:
    assert without_credentials(text) == parted


def test_private_addresses_want_the_setting(settings: Any) -> None:
    address = address_of("rtsp://127.0.0.1/")
    with pytest.raises(AddressRefusedError, match="ENCORE_LIVE_PRIVATE_SOURCES"):
        checked_addresses(address)
    settings.LIVE_PRIVATE_SOURCES = True
    assert checked_addresses(address) == ["127.0.0.1"]


def test_webhooks_that_may_be_private_allow_no_private_camera(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = True
    with pytest.raises(AddressRefusedError):
        checked_addresses(address_of("rtsp://192.168.0.5/"))


def test_ffmpeg_is_only_ever_given_an_address_of_this_process() -> None:
    address = address_of("rtsps://cam.example/stage?a=b")
    asked = address_by_relay(address, 4711, "fan", "p@ss/../x")
    assert asked == "rtsp://fan:p%40ss%2F..%2Fx@127.0.0.1:4711/stage?a=b"
    assert address_by_relay(address, 4711, "", "") == "rtsp://127.0.0.1:4711/stage?a=b"
