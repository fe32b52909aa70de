"""Sign in and out, wrong passwords, and where ``next`` may lead."""

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.test import Client, override_settings

from tests.factories import PASSWORD, make_user
from webapp.accounts.models import User
from webapp.settings import PASSWORD_HASHERS


def _sign_in(client: Client, name: str = "owner", password: str = PASSWORD, **extra: str) -> int:
    form = {"username": name, "password": password}
    return client.post("/login/", form, **extra).status_code  # type: ignore[arg-type]


def test_the_right_password_signs_in(owner: User, client: Client) -> None:
    assert _sign_in(client) == 302
    assert client.get("/account/").status_code == 200


def test_a_wrong_password_says_so_and_nothing_more(owner: User, client: Client) -> None:
    known = client.post("/login/", {"username": "owner", "password": "wrong"})
    unknown = client.post("/login/", {"username": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors


def test_signing_out_needs_a_post(as_owner: Client) -> None:
    assert as_owner.get("/logout/").status_code == 405
    assert as_owner.post("/logout/").status_code == 302
    assert as_owner.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https:evil.example",
        "https://evil.example/",
        "\\\\evil.example",
        "/\\evil.example",
        "%0d%0aLocation: https://evil.example",
        "javascript:alert(1)",
    ],
)
def test_next_stays_on_this_site(owner: User, client: Client, target: str) -> None:
    response = client.post("/login/", {"username": "owner", "password": PASSWORD, "next": target})
    assert response.status_code == 302
    assert response.url == "/"


def test_next_leads_back_to_the_page_that_was_asked_for(owner: User, client: Client) -> None:
    asked = client.get("/account/")
    response = client.post(asked.url, {"username": "owner", "password": PASSWORD})
    assert response.url == "/account/"


def test_ten_wrong_passwords_lock_the_account_even_from_elsewhere(
    owner: User, client: Client
) -> None:
    for number in range(10):
        _sign_in(client, password="wrong", REMOTE_ADDR=f"10.0.0.{number}")
    assert _sign_in(client, REMOTE_ADDR="10.0.0.99") == 429


def test_ten_wrong_passwords_lock_the_address_for_every_account(
    owner: User, client: Client
) -> None:
    make_user("other")
    for number in range(10):
        _sign_in(client, name=f"guess{number}", password="wrong", REMOTE_ADDR="10.0.0.1")
    assert _sign_in(client, name="other", REMOTE_ADDR="10.0.0.1") == 429
    assert _sign_in(client, name="other", REMOTE_ADDR="10.0.0.2") == 302


def test_a_made_up_header_does_not_move_the_address(owner: User, client: Client) -> None:
    for number in range(10):
        _sign_in(
            client,
            name=f"guess{number}",
            password="wrong",
            REMOTE_ADDR="10.0.0.1",
            HTTP_X_FORWARDED_FOR=f"192.0.2.{number}",
        )
    assert _sign_in(client, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.77") == 429


def test_behind_a_trusted_proxy_its_entry_is_the_address(owner: User, client: Client) -> None:
    with override_settings(TRUSTED_PROXIES=1):
        for number in range(10):
            _sign_in(
                client,
                name=f"guess{number}",
                password="wrong",
                HTTP_X_FORWARDED_FOR=f"made-up-{number}, 192.0.2.1",
            )
        assert _sign_in(client, HTTP_X_FORWARDED_FOR="192.0.2.1") == 429
        assert _sign_in(client, HTTP_X_FORWARDED_FOR="192.0.2.2") == 302


def test_passwords_are_kept_with_argon2(db: None) -> None:
    with override_settings(PASSWORD_HASHERS=PASSWORD_HASHERS):
        assert identify_hasher(make_user().password).algorithm == "argon2"
