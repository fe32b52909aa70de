"""Where the server itself may connect to, however an address is written."""

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from webapp.core.targets import (
    PrivateTargetError,
    UnknownHostError,
    addresses_of,
    is_allowed,
    place_of,
)


def _resolving_to(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    ("address", "by_default", "where_allowed"),
    [
        pytest.param("93.184.215.14", True, True, id="public"),
        pytest.param("127.0.0.1", False, True, id="this machine"),
        pytest.param("10.0.0.7", False, True, id="private"),
        pytest.param("169.254.169.254", False, True, id="link-local"),
        pytest.param("::ffff:192.168.0.5", False, True, id="private within IPv6"),
        pytest.param("224.0.0.1", False, False, id="many machines"),
        pytest.param("0.0.0.0", False, False, id="no machine"),  # noqa: S104 - not listened at
        pytest.param("fe80::1%eth0", False, True, id="link-local by an interface"),
    ],
)
def test_what_may_be_connected_to(address: str, by_default: bool, where_allowed: bool) -> None:
    assert is_allowed(address, allow_private=False) is by_default
    assert is_allowed(address, allow_private=True) is where_allowed


def test_one_private_address_among_several_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _resolving_to(monkeypatch, "93.184.215.14", "192.168.0.5")
    with pytest.raises(PrivateTargetError):
        addresses_of("rebound.example", 554, allow_private=False)
    found = addresses_of("rebound.example", 554, allow_private=True)
    assert found == ["93.184.215.14", "192.168.0.5"]


def test_a_name_that_nobody_knows_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror("nothing known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(UnknownHostError):
        addresses_of("nowhere.example", 554, allow_private=True)


def test_the_place_of_an_address_is_its_host_port_and_path_with_the_query() -> None:
    place = place_of(urlsplit("rtsp://[2001:db8::1]:8554/stage?high=1"))
    assert place == ("2001:db8::1", 8554, "/stage?high=1")
    assert place_of(urlsplit("https://example.org")) == ("example.org", None, "/")


@pytest.mark.parametrize(
    "address", ["https://", "https://a:0/", "https://a:99999/", "https://a..b/"]
)
def test_an_address_that_leads_nowhere_has_no_place(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        place_of(urlsplit(address))
