"""The one-time set-up of the owner account."""

from django.test import Client

from tests.factories import PASSWORD
from webapp.accounts import services
from webapp.accounts.models import SetupToken, User

FORM = {"username": "mina", "password1": PASSWORD, "password2": PASSWORD}


def test_the_link_makes_the_owner_and_signs_them_in(client: Client, db: None) -> None:
    token = services.new_setup_token()
    response = client.post(f"/setup/{token}/", FORM)
    assert response.status_code == 302
    assert User.objects.get().is_staff
    assert client.get("/account/").status_code == 200


def test_the_link_works_once(client: Client, db: None) -> None:
    token = services.new_setup_token()
    client.post(f"/setup/{token}/", FORM)
    assert Client().get(f"/setup/{token}/").status_code == 404
    assert Client().post(f"/setup/{token}/", FORM | {"username": "eve"}).status_code == 404
    assert User.objects.count() == 1


def test_a_used_link_says_that_there_is_an_owner_and_leads_to_signing_in(
    client: Client, owner: User
) -> None:
    page = client.get("/setup/used/").content.decode()
    assert "There is an owner account already" in page
    assert 'href="/login/"' in page
    assert "photo" not in page.split("<main")[1].split("</main")[0]


def test_a_replaced_link_says_where_the_new_one_is(client: Client, db: None) -> None:
    page = client.get("/setup/old/").content.decode()
    assert "Use the newest link" in page


def test_a_guessed_link_is_not_found(client: Client, db: None) -> None:
    services.new_setup_token()
    assert client.get("/setup/guess/").status_code == 404


def test_no_link_is_made_once_there_is_an_owner(owner: User) -> None:
    assert services.new_setup_token() is None


def test_a_new_link_replaces_the_old_one(client: Client, db: None) -> None:
    old = services.new_setup_token()
    new = services.new_setup_token()
    assert client.get(f"/setup/{old}/").status_code == 404
    assert client.get(f"/setup/{new}/").status_code == 200


def test_the_link_itself_is_kept_nowhere(db: None) -> None:
    token = services.new_setup_token()
    assert SetupToken.objects.get().digest != token


def test_a_weak_password_is_refused_with_the_reason(client: Client, db: None) -> None:
    token = services.new_setup_token()
    response = client.post(
        f"/setup/{token}/", {"username": "mina", "password1": "12345", "password2": "12345"}
    )
    assert b"too short" in response.content
    assert not User.objects.exists()
