"""Keys for programs: made, shown once, found, revoked."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from webapp.accounts import keys
from webapp.accounts.models import ApiKey, User

FORM = {"name": "backup script", "scopes": ["read", "predict"], "days": "30"}


def _made(client: Client, **fields: object) -> str:
    """Make a key as a person does; returns it as the page shows it."""
    page = client.post("/account/keys/", {**FORM, **fields}).content.decode()
    found = re.search(r'id="made-key"[^>]*value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_a_key_is_shown_once_and_only_its_digest_is_stored(as_owner: Client) -> None:
    token = _made(as_owner)

    row = ApiKey.objects.values().get()
    assert not any(token in str(value) for value in row.values())
    assert len(token) > 45
    assert token.startswith(row["prefix"])
    assert token not in as_owner.get("/account/keys/").content.decode()
    assert row["prefix"] in as_owner.get("/account/keys/").content.decode()


def test_a_key_is_found_by_what_a_program_shows(owner: User, as_owner: Client) -> None:
    token = _made(as_owner)

    key = keys.find_key(token)

    assert key is not None
    assert key.owner == owner
    assert key.scopes == ["read", "predict"]
    assert keys.find_key(token[:-1]) is None
    assert keys.find_key("") is None


@pytest.mark.parametrize("days", [30, None])
def test_a_key_works_as_long_as_was_said(owner: User, days: int | None) -> None:
    made = keys.make_key(owner, "k", ["read"], days)
    assert keys.find_key(made.token) is not None

    ApiKey.objects.filter(expires_at__isnull=False).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )

    assert (keys.find_key(made.token) is None) == (days is not None)


def test_a_revoked_key_is_found_no_more(owner: User, as_owner: Client) -> None:
    made = keys.make_key(owner, "k", ["read"], None)

    as_owner.post(f"/account/keys/{made.key.pk}/revoke/")

    assert keys.find_key(made.token) is None


def test_the_key_of_who_may_not_sign_in_is_found_no_more(member: User) -> None:
    made = keys.make_key(member, "k", ["read"], None)
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert keys.find_key(made.token) is None


def test_the_last_use_is_written_once_a_minute(owner: User) -> None:
    made = keys.make_key(owner, "k", ["read"], None)
    keys.find_key(made.token)
    first = ApiKey.objects.get().last_used_at
    assert first is not None

    keys.find_key(made.token)
    assert ApiKey.objects.get().last_used_at == first

    ApiKey.objects.update(last_used_at=first - keys.NOTED_EVERY)
    keys.find_key(made.token)
    assert ApiKey.objects.get().last_used_at != first - keys.NOTED_EVERY


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"scopes": []}, id="may do nothing"),
        pytest.param({"scopes": ["read", "fly"]}, id="unknown scope"),
        pytest.param({"name": " "}, id="no name"),
        pytest.param({"days": "-1"}, id="another time"),
    ],
)
def test_a_form_that_makes_no_sense_makes_no_key(
    as_owner: Client, fields: dict[str, object]
) -> None:
    assert as_owner.post("/account/keys/", {**FORM, **fields}).status_code == 400
    assert not ApiKey.objects.exists()


def test_nobody_has_more_keys_than_anybody_needs(owner: User, as_owner: Client) -> None:
    for number in range(keys.MOST_KEYS):
        keys.make_key(owner, f"k{number}", ["read"], None)

    page = as_owner.post("/account/keys/", FORM)

    assert page.status_code == 400
    assert "Revoke one first" in page.content.decode()


def test_others_keys_are_neither_seen_nor_revoked(owner: User, as_stranger: Client) -> None:
    made = keys.make_key(owner, "the owner's", ["read"], None)

    assert "the owner&#x27;s" not in as_stranger.get("/account/keys/").content.decode()
    assert as_stranger.post(f"/account/keys/{made.key.pk}/revoke/").status_code == 404
    assert keys.find_key(made.token) is not None
