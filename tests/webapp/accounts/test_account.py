"""The account page: consent, password and members."""

from django.test import Client

from tests import factories
from tests.factories import PASSWORD
from webapp.accounts import services
from webapp.accounts.models import Consent, User
from webapp.accounts.queries import has_consent

NEW_PASSWORD = "another horse battery"


def test_there_is_no_consent_before_it_is_given(owner: User) -> None:
    assert not has_consent(owner.pk)


def test_consent_records_who_when_and_which_text(owner: User, as_owner: Client) -> None:
    as_owner.post("/account/consent/", {"agree": "on"})
    consent = Consent.objects.get()
    assert consent.user == owner
    assert consent.text_version == services.CONSENT_VERSION
    assert consent.given_at is not None


def test_consent_can_be_taken_back(owner: User, as_owner: Client) -> None:
    services.give_consent(owner)
    as_owner.post("/account/consent/", {})
    assert not has_consent(owner.pk)


def test_consent_is_for_oneself_only(owner: User, member: User, as_owner: Client) -> None:
    as_owner.post("/account/consent/", {"agree": "on"})
    assert not has_consent(member.pk)


def test_consent_is_not_changed_by_looking(owner: User, as_owner: Client) -> None:
    assert as_owner.get("/account/consent/").status_code == 405


def test_the_password_can_be_changed_and_this_session_stays(as_owner: Client) -> None:
    form = {
        "old_password": PASSWORD,
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    }
    assert as_owner.post("/account/password/", form).status_code == 302
    assert as_owner.get("/account/").status_code == 200
    for password, status in ((PASSWORD, 200), (NEW_PASSWORD, 302)):
        form = {"username": "owner", "password": password}
        assert Client().post("/login/", form).status_code == status


def _change(client: Client, old: str, new: str = NEW_PASSWORD) -> int:
    form = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/account/password/", form).status_code


def test_wrong_old_passwords_count_like_wrong_sign_ins(as_owner: Client, client: Client) -> None:
    assert [_change(as_owner, "wrong") for _ in range(11)] == [200] * 9 + [429] * 2
    assert _change(as_owner, PASSWORD) == 429
    form = {"username": "owner", "password": PASSWORD}
    assert client.post("/login/", form).status_code == 429


def test_a_new_password_that_will_not_do_is_no_guess(as_owner: Client) -> None:
    assert [_change(as_owner, PASSWORD, "123") for _ in range(11)] == [200] * 11
    assert _change(as_owner, PASSWORD) == 302


def test_the_owner_adds_a_member_who_can_sign_in(as_owner: Client, client: Client) -> None:
    form = {"username": "jihyo", "password1": PASSWORD, "password2": PASSWORD}
    assert as_owner.post("/account/members/", form).status_code == 302
    response = client.post("/login/", {"username": "jihyo", "password": PASSWORD})
    assert response.status_code == 302
    assert not User.objects.get(username="jihyo").is_staff


def test_a_name_that_is_another_spelling_of_a_taken_one_is_refused(as_owner: Client) -> None:
    factories.make_user("Bjørn")

    for name in ("bjØrn", "ＢＪØＲＮ"):
        form = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
        assert as_owner.post("/account/members/", form).status_code == 400


def test_a_taken_name_is_refused_with_the_reason(as_owner: Client, member: User) -> None:
    form = {"username": "member", "password1": PASSWORD, "password2": PASSWORD}
    response = as_owner.post("/account/members/", form)
    assert response.status_code == 400
    assert b"already exists" in response.content


def test_a_member_cannot_add_or_lock_out_anybody(as_member: Client, stranger: User) -> None:
    form = {"username": "jihyo", "password1": PASSWORD, "password2": PASSWORD}
    assert as_member.post("/account/members/", form).status_code == 404
    path = f"/account/members/{stranger.pk}/"
    assert as_member.post(path, {"active": "false"}).status_code == 404
    stranger.refresh_from_db()
    assert stranger.is_active


def test_the_owner_locks_a_member_out_and_lets_them_in_again(
    as_owner: Client, member: User, as_member: Client
) -> None:
    as_owner.post(f"/account/members/{member.pk}/", {"active": "false"})
    assert as_member.get("/account/").status_code == 302
    as_owner.post(f"/account/members/{member.pk}/", {"active": "true"})
    assert as_member.get("/account/").status_code == 200


def test_the_owner_cannot_lock_themselves_out(as_owner: Client, owner: User) -> None:
    path = f"/account/members/{owner.pk}/"
    assert as_owner.post(path, {"active": "false"}).status_code == 404
