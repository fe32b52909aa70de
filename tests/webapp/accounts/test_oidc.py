"""Signing in by an OpenID Connect provider: who gets in, and what is not believed."""

import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from tests.factories import PASSWORD, make_user
from tests.webapp.accounts.provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    FakeProvider,
    running_provider,
)
from webapp import env
from webapp.accounts.models import ProviderIdentity, User
from webapp.accounts.oidc import identities
from webapp.accounts.oidc import provider as doors
from webapp.accounts.views import oidc

pytestmark = pytest.mark.django_db
START, BACK = "/login/provider/", "/login/provider/back/"


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    """A provider that this installation is connected to, and which makes accounts."""
    monkeypatch.setattr(oidc, "_recent", oidc.RecentCounts())
    with running_provider() as running:
        settings.OIDC_ISSUER = running.issuer
        settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        settings.OIDC_NAME, settings.OIDC_CREATE = "the fan club", True
        settings.AUTHENTICATION_BACKENDS = [
            "django.contrib.auth.backends.ModelBackend",
            "webapp.accounts.oidc.backend.ProviderBackend",
        ]
        yield running
        doors.forget()


def sign_in(client: Client, provider: FakeProvider, **changed: str) -> str | None:
    """Go to the provider, agree and come back; returns as whom one is signed in then."""
    answer = client.get(START)
    client.get(BACK, provider.agree(answer.url) | changed)
    return who(client)


def who(client: Client) -> str | None:
    user_id = client.session.get("_auth_user_id")
    return User.objects.get(pk=user_id).username if user_id else None


def test_without_a_provider_there_is_no_button_and_no_address(client: Client) -> None:
    assert START not in client.get("/login/").content.decode()
    assert [client.get(address).status_code for address in (START, BACK)] == [404, 404]


def test_a_newcomer_gets_an_account_without_a_password(
    provider: FakeProvider, client: Client
) -> None:
    assert sign_in(client, provider) == "jisoo_fan"

    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (False, False, False)
    assert user.email == "fan@club.example"
    assert client.get("/account/").status_code == 200
    assert provider.told["redirect_uri"] == f"http://testserver{BACK}"


def test_the_same_person_comes_back_to_the_same_account_whatever_has_changed(
    provider: FakeProvider, client: Client
) -> None:
    sign_in(client, provider)
    provider.person |= {"email": "other@club.example", "preferred_username": "somebody"}

    assert sign_in(Client(), provider) == "jisoo_fan"
    assert User.objects.count() == 1


def test_the_button_leads_there_and_back_to_the_page_that_was_asked_for(
    provider: FakeProvider, client: Client
) -> None:
    page = client.get("/login/?next=/photos/").content.decode()
    assert "Sign in with the fan club" in page
    assert 'href="/login/provider/?next=/photos/"' in page

    answer = client.get(f"{START}?next=/photos/")
    assert client.get(BACK, provider.agree(answer.url)).url == "/photos/"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "\\\\evil.example"])
def test_nobody_is_led_elsewhere(provider: FakeProvider, client: Client, target: str) -> None:
    answer = client.get(START, {"next": target})
    assert client.get(BACK, provider.agree(answer.url)).url == "/"


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"aud": "another program"}, id="for another program"),
        pytest.param({"aud": None}, id="for nobody"),
        pytest.param({"aud": [CLIENT_ID, "x"], "azp": "x"}, id="given to another program"),
        pytest.param({"iss": "https://evil.example"}, id="of another issuer"),
        pytest.param({"iss": None}, id="of no issuer"),
        pytest.param({"nonce": "another"}, id="another nonce"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"exp": int(time.time()) - 300}, id="over"),
        pytest.param({"exp": None}, id="for ever"),
        pytest.param({"iat": int(time.time()) + 3000}, id="out of the future"),
        pytest.param({"sub": "somebody else"}, id="of another person than it tells of"),
        pytest.param({"sub": None}, id="of nobody"),
    ],
)
def test_a_token_that_is_not_ours_signs_nobody_in(
    provider: FakeProvider, client: Client, lie: dict[str, Any]
) -> None:
    provider.token = lie
    assert sign_in(client, provider) is None
    assert not User.objects.exists()


def test_a_forged_token_signs_nobody_in(provider: FakeProvider, client: Client) -> None:
    provider.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert sign_in(client, provider) is None


@pytest.mark.parametrize(("algorithm", "key"), [("HS256", CLIENT_SECRET * 3), ("none", None)])
def test_a_token_that_is_signed_otherwise_signs_nobody_in(
    provider: FakeProvider, client: Client, algorithm: str, key: Any
) -> None:
    provider.algorithm, provider.key = algorithm, key
    assert sign_in(client, provider) is None


def test_another_state_signs_nobody_in_and_asks_for_no_token(
    provider: FakeProvider, client: Client
) -> None:
    assert sign_in(client, provider, state="guessed") is None
    assert "/token" not in provider.asked


def test_what_one_browser_began_no_other_can_end(provider: FakeProvider, client: Client) -> None:
    back = provider.agree(client.get(START).url)
    other = Client()
    other.get(START)

    other.get(BACK, back)

    assert (who(other), "/token" in provider.asked) == (None, False)


def test_an_answer_is_believed_once(provider: FakeProvider, client: Client) -> None:
    back = provider.agree(client.get(START).url)
    client.get(BACK, back)
    client.post("/logout/")

    client.get(BACK, back)

    assert who(client) is None


def test_who_does_not_agree_is_told_so_and_nothing_is_signed_out(
    provider: FakeProvider, client: Client, as_owner: Client
) -> None:
    said = client.get(BACK, {"error": "access_denied", "state": "x"}, follow=True)
    assert "You could not be signed in this way." in said.content.decode()

    as_owner.get(BACK, {"error": "access_denied", "state": "x"})
    assert who(as_owner) == "owner"


def test_an_account_of_this_name_or_address_is_not_taken_over(
    provider: FakeProvider, client: Client
) -> None:
    local = make_user("jisoo_fan", email="fan@club.example", is_staff=True)
    provider.person["email_verified"] = False

    assert sign_in(client, provider) == "jisoo_fan2"
    assert not local.identities.exists()
    assert User.objects.get(username="jisoo_fan2").email == ""


@pytest.mark.parametrize("said", ["true", 1, None])
def test_only_true_is_verified(provider: FakeProvider, client: Client, said: Any) -> None:
    make_user("local", email="fan@club.example")
    provider.person["email_verified"] = said
    assert sign_in(client, provider) == "jisoo_fan"


def test_a_verified_address_connects_an_account_once(
    provider: FakeProvider, client: Client
) -> None:
    local = make_user("local", email="Fan@Club.example")
    assert sign_in(client, provider) == "local"

    provider.person = {**provider.person, "sub": "another person with the address by now"}
    assert sign_in(Client(), provider) == "jisoo_fan"
    assert local.identities.count() == 1


def test_of_two_accounts_with_one_address_none_is_guessed(
    provider: FakeProvider, client: Client
) -> None:
    for name in ("one", "two"):
        make_user(name, email="fan@club.example")
    assert sign_in(client, provider) == "jisoo_fan"


def test_an_address_that_somebody_of_the_provider_has_too_connects_nothing(
    provider: FakeProvider, client: Client
) -> None:
    known = make_user("known", email="fan@club.example")
    ProviderIdentity.objects.create(user=known, issuer=provider.issuer, subject="another")
    make_user("local", email="fan@club.example")
    assert sign_in(client, provider) == "jisoo_fan"


def test_letters_that_databases_hold_for_others_connect_nothing(
    provider: FakeProvider, client: Client
) -> None:
    make_user("local", email="kim@club.example")
    provider.person["email"] = "\N{KELVIN SIGN}im@club.example"
    assert sign_in(client, provider) == "jisoo_fan"
    assert User.objects.get(username="jisoo_fan").email == ""


def test_who_comes_by_two_tabs_at_once_gets_one_account(
    provider: FakeProvider, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_address = identities._by_address

    def meanwhile(claims: identities.Claims) -> User | None:
        monkeypatch.setattr(identities, "_by_address", by_address)
        identities.account_of(provider.issuer, claims)
        return None

    monkeypatch.setattr(identities, "_by_address", meanwhile)
    assert sign_in(client, provider) == "jisoo_fan"
    assert User.objects.count() == 1


def test_where_no_accounts_are_made_only_those_there_are_come_in(
    provider: FakeProvider, client: Client, settings: Any
) -> None:
    settings.OIDC_CREATE = False
    assert sign_in(client, provider) is None
    assert not User.objects.exists()

    local = make_user("local")
    ProviderIdentity.objects.create(user=local, issuer=provider.issuer, subject="248289")
    assert sign_in(client, provider) == "local"


def test_who_is_locked_out_stays_out(provider: FakeProvider, client: Client) -> None:
    sign_in(client, provider)
    User.objects.update(is_active=False)
    assert sign_in(Client(), provider) is None


@pytest.mark.parametrize(
    ("person", "gets_in"),
    [
        pytest.param({}, True, id="of the domain and the group"),
        pytest.param({"email": "fan@evil.example"}, False, id="of another domain"),
        pytest.param({"email": "fan@club.example.evil"}, False, id="with the domain inside"),
        pytest.param({"email_verified": False}, False, id="not verified"),
        pytest.param({"groups": ["press"]}, False, id="of another group"),
        pytest.param({"groups": "staff and fans"}, False, id="no list of groups"),
        pytest.param({"groups": None}, False, id="of no group"),
    ],
)
def test_domains_and_groups_decide_who_comes_in(
    provider: FakeProvider, client: Client, settings: Any, person: dict[str, Any], gets_in: bool
) -> None:
    settings.OIDC_DOMAINS, settings.OIDC_GROUPS = ["club.example"], ["fans"]
    provider.person |= {"groups": ["fans", "guests"]} | person

    assert (sign_in(client, provider) is not None) is gets_in


def test_who_left_the_group_comes_in_no_more(
    provider: FakeProvider, client: Client, settings: Any
) -> None:
    settings.OIDC_GROUPS = ["fans"]
    provider.person["groups"] = ["fans"]
    assert sign_in(client, provider) == "jisoo_fan"

    provider.person["groups"] = []
    assert sign_in(Client(), provider) is None


def test_passwords_work_as_before_and_ask_the_provider_nothing(
    provider: FakeProvider, owner: User, client: Client
) -> None:
    client.post("/login/", {"username": "owner", "password": "wrong"})
    client.post("/login/", {"username": "owner", "password": PASSWORD})

    assert who(client) == "owner"
    assert provider.asked == []


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"issuer": "https://evil.example"}, id="another issuer"),
        pytest.param({"issuer": None}, id="no issuer"),
    ],
)
def test_a_provider_that_is_not_the_one_is_not_asked(
    provider: FakeProvider, client: Client, lie: dict[str, Any]
) -> None:
    provider.discovery = lie
    answer = client.get(START, follow=True)
    assert "The provider does not answer." in answer.content.decode()


def test_a_provider_that_is_away_keeps_nobody_from_the_page(
    provider: FakeProvider, owner: User, client: Client, settings: Any
) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert "The provider does not answer." in client.get(START, follow=True).content.decode()
    client.post("/login/", {"username": "owner", "password": PASSWORD})
    assert who(client) == "owner"


def test_a_provider_that_is_away_is_left_alone_for_a_while(
    provider: FakeProvider, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.discovery = {"issuer": None}
    client.get(START)
    answer = client.get(START, follow=True)
    assert "The provider does not answer." in answer.content.decode()
    assert len(provider.asked) == 1

    provider.discovery = {}
    monkeypatch.setattr(doors, "LEFT_ALONE_SECONDS", 0)
    assert sign_in(client, provider) == "jisoo_fan"


def test_an_address_that_comes_too_often_is_refused(
    provider: FakeProvider, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "PER_MINUTE", 2)
    told = [client.get(START).url.startswith(provider.issuer) for _ in range(3)]
    assert told == [True, True, False]


def test_the_owner_connects_an_account_by_its_address(
    provider: FakeProvider, owner: User, client: Client
) -> None:
    said = StringIO()
    call_command("set_email", "owner", "Fan@club.example", stdout=said)

    assert "owner has the address fan@club.example now." in said.getvalue()
    assert sign_in(client, provider) == "owner"


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        pytest.param("nobody", "a@b.example", "no user 'nobody'", id="nobody"),
        pytest.param("owner", "address", "no e-mail address", id="no address"),
        pytest.param("owner", "taken@b.example", "another account", id="taken"),
    ],
)
def test_what_makes_no_sense_is_refused(owner: User, name: str, address: str, words: str) -> None:
    make_user("other", email="Taken@b.example")
    with pytest.raises(CommandError, match=words):
        call_command("set_email", name, address)


@pytest.mark.parametrize(
    ("written", "is_taken"),
    [
        ("https://id.example/realms/fans", True),
        ("http://localhost:9000", True),
        ("http://id.example", False),
        ("id.example", False),
        ("", True),
    ],
)
def test_the_issuer_must_be_asked_safely(
    monkeypatch: pytest.MonkeyPatch, written: str, is_taken: bool
) -> None:
    monkeypatch.setenv("ENCORE_OIDC_ISSUER", written)
    if is_taken:
        assert env.safe_address("ENCORE_OIDC_ISSUER") == written
        return
    with pytest.raises(env.ImproperlyConfigured, match="https://"):
        env.safe_address("ENCORE_OIDC_ISSUER")


def test_an_issuer_without_a_client_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENCORE_OIDC_CLIENT_ID", raising=False)
    with pytest.raises(env.ImproperlyConfigured, match="ENCORE_OIDC_CLIENT_ID is empty"):
        env.needed("ENCORE_OIDC_CLIENT_ID")
