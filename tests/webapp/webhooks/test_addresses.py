"""Where webhooks may not lead, however the address is written."""

import socket
from typing import Any

import pytest

from webapp.webhooks import addresses
from webapp.webhooks.addresses import AddressRefusedError, addresses_of, target_of


@pytest.mark.parametrize(
    ("address", "words"),
    [
        pytest.param("http://example.org/", addresses.HTTPS_ONLY, id="without TLS"),
        pytest.param("file:///etc/passwd", addresses.HTTPS_ONLY, id="a file"),
        pytest.param("gopher://example.org/", addresses.HTTPS_ONLY, id="another protocol"),
        pytest.param("https://a:b@example.org/", addresses.NO_PASSWORD, id="a password"),
        pytest.param("https://", addresses.NOT_AN_ADDRESS, id="no host"),
        pytest.param("https://exa mple.org/", addresses.NOT_AN_ADDRESS, id="a blank"),
        pytest.param("https://example.org/\r\nX: y", addresses.NOT_AN_ADDRESS, id="a header"),
        pytest.param("https://example.org:99999/", addresses.NOT_AN_ADDRESS, id="a wrong port"),
        pytest.param("https://example.org:0/", addresses.NOT_AN_ADDRESS, id="port 0"),
        pytest.param("https://[::1/", addresses.NOT_AN_ADDRESS, id="half a bracket"),
        pytest.param("https://example.org/#part", addresses.NOT_AN_ADDRESS, id="a fragment"),
        pytest.param("https://" + "a" * 70 + ".org/", addresses.NOT_AN_ADDRESS, id="a long label"),
    ],
)
def test_what_is_no_address_is_refused_in_words(address: str, words: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        target_of(address)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost"),
        "0.0.0.0",  # noqa: S104 - not listened at
        *("10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]"),
        *("[64:ff9b::7f00:1]", "[::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "[ff02::1]"),
        *("240.0.0.1", "255.255.255.255"),
    ],
)
def test_nothing_leads_into_a_private_network(host: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        addresses_of(target_of(f"https://{host}/"))
    assert str(refused.value) == addresses.PRIVATE


def _resolving_to(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_a_name_is_refused_where_any_of_its_addresses_is_private(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _resolving_to(monkeypatch, "93.184.215.14", "192.168.0.5")
    with pytest.raises(AddressRefusedError):
        addresses_of(target_of("https://rebound.example/"))


def test_a_public_name_leads_to_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolving_to(monkeypatch, "93.184.215.14", "93.184.215.14")
    assert addresses_of(target_of("https://example.org/hook?a=b")) == ["93.184.215.14"]
    assert target_of("https://example.org/hook?a=b").path == "/hook?a=b"
    assert target_of("https://example.org").port == 443


def test_a_setting_allows_private_networks_but_no_groups_of_machines(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = True
    assert addresses_of(target_of("https://127.0.0.1/")) == ["127.0.0.1"]
    assert addresses_of(target_of("https://192.168.1.1/")) == ["192.168.1.1"]
    for host in ("224.0.0.1", "0.0.0.0"):  # noqa: S104 - not listened at
        with pytest.raises(AddressRefusedError):
            addresses_of(target_of(f"https://{host}/"))
    assert target_of("http://localhost:8080/").port == 8080


def test_an_unknown_name_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror("nothing known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(AddressRefusedError, match="no such server"):
        addresses_of(target_of("https://nowhere.example/"))
