"""Sign in and out, wrong passwords, and where ``next`` may lead."""

import threading
import time
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.db.models import F
from django.test import Client, override_settings

from tests.factories import PASSWORD, make_user
from webapp.accounts import lockout
from webapp.accounts.models import User, WrongPassword
from webapp.settings import PASSWORD_HASHERS


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slowed addresses are refused as ever, without the pause."""
    monkeypatch.setattr(lockout, "SLOW_SECONDS", 0.0)


def _let_pass(seconds: float) -> None:
    """Make all that was counted so much older."""
    WrongPassword.objects.update(at=F("at") - timedelta(seconds=seconds))


def _sign_in(client: Client, name: str = "owner", password: str = PASSWORD, **extra: str) -> int:
    form = {"username": name, "password": password}
    return client.post("/login/", form, **extra).status_code  # type: ignore[arg-type]


def test_the_right_password_signs_in(owner: User, client: Client) -> None:
    assert _sign_in(client) == 302
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("spelling", ["ROS\u00c9", "rose\u0301", "\uff32os\u00e9"])
def test_any_spelling_of_a_name_signs_in(client: Client, db: None, spelling: str) -> None:
    make_user("Ros\u00e9")
    assert _sign_in(client, name=spelling) == 302


def test_of_two_old_names_that_are_one_each_signs_in_as_written_and_no_other(
    client: Client, db: None
) -> None:
    make_user("Ros\u00e9"), make_user("ROS\u00c9")
    assert _sign_in(client, name="ros\u00e9") == 200
    assert _sign_in(client, name="ROS\u00c9") == 302


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


def _guess(client: Client, count: int = 10, **extra: str) -> list[int]:
    return [_sign_in(client, password="wrong", **extra) for _ in range(count)]


def _spray(client: Client, count: int = 10, **extra: str) -> list[int]:
    return [
        _sign_in(client, name=f"guess{number}", password="wrong", **extra)
        for number in range(count)
    ]


def test_after_ten_wrong_passwords_a_name_has_to_wait_there(owner: User, client: Client) -> None:
    assert _guess(client, 11) == [200] * 9 + [429] * 2
    refused = client.post("/login/", {"username": "owner", "password": PASSWORD})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= lockout.FIRST_WAIT_SECONDS
    assert "Back to sign-in" in refused.content.decode()


def test_all_spellings_of_a_name_are_one_name(owner: User, client: Client) -> None:
    for name in ("owner", "OWNER", "Owner", " owner", "o\uff57ner") * 2:
        _sign_in(client, name=name, password="wrong")
    assert _sign_in(client) == 429


def test_the_name_is_not_locked_elsewhere(owner: User, client: Client) -> None:
    _guess(client, REMOTE_ADDR="10.0.0.1")
    assert _sign_in(client, REMOTE_ADDR="10.0.0.2") == 302


def test_others_at_the_address_are_not_locked(owner: User, client: Client) -> None:
    make_user("other")
    _guess(client)
    _spray(client)
    assert _sign_in(client, name="other") == 302


def test_after_the_wait_the_right_password_opens_and_all_is_forgotten(
    owner: User, client: Client
) -> None:
    _guess(client)
    _let_pass(lockout.FIRST_WAIT_SECONDS)
    assert _sign_in(client) == 302
    assert not WrongPassword.objects.exists()


def test_each_further_wrong_password_doubles_the_wait_up_to_ten_minutes(
    owner: User, client: Client
) -> None:
    _guess(client, 9)
    waits = []
    for _ in range(7):
        answer = client.post("/login/", {"username": "owner", "password": "wrong"})
        waits.append(int(answer.headers["Retry-After"]))
        _let_pass(waits[-1])
    assert waits == [30, 60, 120, 240, 480, 600, 600]


def test_a_wrong_password_is_forgotten_after_an_hour(owner: User, client: Client) -> None:
    _guess(client, 9)
    _let_pass(3601)
    assert _guess(client, 9) == [200] * 9
    assert WrongPassword.objects.count() == 9


def test_many_names_from_one_address_are_refused_and_slowed_down(
    owner: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockout, "SLOW_SECONDS", 0.2)
    assert _spray(client, 9) == [200] * 9
    started = time.monotonic()
    assert _spray(client, 5) == [429] * 5
    assert time.monotonic() - started >= 4 * 0.2


def test_tries_at_the_same_time_from_a_slowed_address_wait_for_each_other_and_not_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lockout, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(lockout, "_is_slowed", lambda _attempt: True)
    monkeypatch.setattr(lockout, "_refuse_while_waiting", lambda _attempt: None)
    inside, most, refused = 0, 0, 0

    def try_once(number: int) -> None:
        nonlocal inside, most, refused
        try:
            with lockout.turn(lockout.Attempt(str(number), "10.0.0.1")):
                inside += 1
                most = max(most, inside)
                time.sleep(0.1)
                inside -= 1
        except lockout.MustWaitError:
            refused += 1

    threads = [threading.Thread(target=try_once, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, refused) == (1, 12 - lockout.QUEUE_LENGTH)


@pytest.mark.usefixtures("fast")
def test_a_browser_that_was_signed_in_before_is_not_kept_out_by_others(
    owner: User, client: Client
) -> None:
    browser = Client()
    assert _sign_in(browser) == 302
    browser.post("/logout/")
    _guess(client)
    _spray(client)
    assert _sign_in(client) == 429
    assert _sign_in(browser) == 302


@pytest.mark.usefixtures("fast")
def test_a_known_browser_may_not_guess_for_ever_either(owner: User, client: Client) -> None:
    assert _sign_in(client) == 302
    client.post("/logout/")
    assert _guess(client)[-1] == 429


@pytest.mark.usefixtures("fast")
def test_a_known_browser_is_known_for_its_own_name_only(owner: User, client: Client) -> None:
    make_user("other")
    mine = Client()
    assert _sign_in(mine, name="other") == 302
    mine.post("/logout/")
    _guess(client)
    assert _sign_in(mine) == 429


@pytest.mark.usefixtures("fast")
def test_a_made_up_header_does_not_move_the_address(owner: User, client: Client) -> None:
    for number in range(10):
        _guess(client, 1, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert _sign_in(client, HTTP_X_FORWARDED_FOR="192.0.2.77") == 429


@pytest.mark.usefixtures("fast")
def test_behind_a_trusted_proxy_its_entry_is_the_address(owner: User, client: Client) -> None:
    with override_settings(TRUSTED_PROXIES=1):
        for number in range(10):
            _guess(client, 1, HTTP_X_FORWARDED_FOR=f"made-up-{number}, 192.0.2.1")
        assert _sign_in(client, HTTP_X_FORWARDED_FOR="192.0.2.1") == 429
        assert _sign_in(client, HTTP_X_FORWARDED_FOR="192.0.2.2") == 302


def test_the_addresses_of_one_network_of_ipv6_are_one(owner: User, client: Client) -> None:
    for number in range(10):
        _guess(client, 1, REMOTE_ADDR=f"2001:db8::{number + 1}")
    assert _sign_in(client, REMOTE_ADDR="2001:db8::77") == 429
    assert _sign_in(client, REMOTE_ADDR="2001:db8:0:1::1") == 302


def test_what_was_typed_as_a_name_is_kept_nowhere(owner: User, client: Client) -> None:
    _sign_in(client, name="my-password-by-mistake", password="wrong")
    assert "mistake" not in str(WrongPassword.objects.values().get())


def test_an_empty_field_is_no_guess(owner: User, client: Client) -> None:
    for _ in range(12):
        assert _sign_in(client, password="") == 200
    assert not WrongPassword.objects.exists()


def test_passwords_are_kept_with_argon2(db: None) -> None:
    with override_settings(PASSWORD_HASHERS=PASSWORD_HASHERS):
        assert identify_hasher(make_user().password).algorithm == "argon2"
