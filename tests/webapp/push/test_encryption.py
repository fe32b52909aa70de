"""Encryption by the example of RFC 8291, and what is taken as a key of a browser."""

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.webapp.push.conftest import Browser
from webapp.push.encryption import BLOCK, checked_auth, checked_key, encrypted
from webapp.push.keys import from_base64url, in_base64url

BROWSER_KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
    "a-fN"
)
"""From section 5 of RFC 8291."""


def test_the_example_of_the_rfc_is_read() -> None:
    number = int.from_bytes(from_base64url(BROWSER_KEY), "big")
    browser = Browser("", ec.derive_private_key(number, ec.SECP256R1()), from_base64url(AUTH))
    plain = http_ece.decrypt(
        from_base64url(SEALED), private_key=browser.key, auth_secret=browser.auth
    )
    assert plain == b"When I grow up, I want to be a watermelon"


def test_no_message_looks_like_another() -> None:
    browser = Browser("")
    one = browser.subscription
    first, second = (encrypted(b'{"a": 1}', one.public_key, one.auth) for _ in range(2))
    assert first != second
    assert browser.reads(first) == browser.reads(second) == {"a": 1}


@pytest.mark.parametrize(
    ("length", "blocks"),
    [pytest.param(2, 1, id="short"), pytest.param(BLOCK, 1, id="full"), (BLOCK + 1, 2)],
)
def test_messages_have_few_lengths(length: int, blocks: int) -> None:
    one = Browser("").subscription
    sealed = encrypted(b" " * length, one.public_key, one.auth)
    header, tag_and_delimiter = 16 + 4 + 1 + 65, 17
    assert len(sealed) == header + blocks * BLOCK + tag_and_delimiter
    assert len(sealed) <= 4096, "push services take no more"


def test_what_a_browser_gives_is_a_key() -> None:
    one = Browser("").subscription
    assert checked_key(one.public_key) == one.public_key
    assert checked_key(one.public_key + "=") == one.public_key + "="
    assert checked_auth(one.auth) == one.auth


@pytest.mark.parametrize("text", ["", "B", "***", in_base64url(b"\x04" + bytes(64)), "é" * 87])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        checked_key(text)
    with pytest.raises(ValueError, match=r".+"):
        checked_auth(text or "A")
