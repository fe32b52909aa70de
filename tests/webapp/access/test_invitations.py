"""Invitations: who can join by one, once, until when, and with a password of whose choice."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_user
from tests.webapp.access.conftest import Stage, signed_in
from webapp.access import services
from webapp.access.models import Invitation, Member, Role
from webapp.accounts.models import User
from webapp.accounts.services import set_active
from webapp.photos.models import Concert

NEWCOMER = {
    "username": "minji",
    "password1": "a long pass phrase",
    "password2": "a long pass phrase",
}


def _link(concert: Concert, role: Role = Role.FAN, people: int = 1) -> tuple[str, Invitation]:
    invitation, token = services.invite(concert, role, people=people, days=7)
    return f"/invitations/{token}/", invitation


def test_a_newcomer_chooses_a_password_and_sees_the_concert(stage: Stage, client: Client) -> None:
    link, _ = _link(stage.concert)
    assert "owner invites you to this concert as Fan" in client.get(link).content.decode()

    answer = client.post(link, NEWCOMER)

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/concerts/{stage.concert.pk}/"
    assert client.get(answer.headers["Location"]).status_code == 200
    minji = User.objects.get(username="minji")
    assert minji.check_password("a long pass phrase")
    assert not minji.is_staff
    assert Member.objects.get(user=minji).role == Role.FAN


def test_an_invitation_for_one_is_used_up_by_one(stage: Stage, client: Client) -> None:
    link, _ = _link(stage.concert)
    client.post(link, NEWCOMER)

    again = Client().post(link, {**NEWCOMER, "username": "second"})

    assert again.status_code == 404
    assert not User.objects.filter(username="second").exists()


@pytest.mark.parametrize(
    ("role", "wanted", "invited_as", "is_open"),
    [
        pytest.param(Role.FAN, "", Role.FAN, False, id="removed"),
        pytest.param(Role.FAN, "", Role.CURATOR, False, id="removed, and more than they were"),
        pytest.param(Role.CURATOR, "fan", Role.CURATOR, False, id="a curator who becomes a fan"),
        pytest.param(Role.CURATOR, "fan", Role.FAN, True, id="which a fan may have"),
        pytest.param(Role.FAN, "curator", Role.CURATOR, True, id="a fan who becomes a curator"),
    ],
)
def test_no_link_leads_back_to_what_was_taken_away(
    role: Role, wanted: str, invited_as: Role, is_open: bool, stage: Stage, as_owner: Client
) -> None:
    link, _ = _link(stage.concert, invited_as, people=5)
    user = make_user("hanni")
    member = services.share_with(stage.concert, user, role)

    as_owner.post(f"/concerts/{stage.concert.pk}/members/{user.pk}/", {"role": wanted})

    assert signed_in(user).post(link).status_code == (302 if is_open else 404)
    assert list(Member.objects.filter(pk=member.pk).values_list("role", flat=True)) == (
        [wanted] if wanted else []
    )


def test_who_is_locked_out_is_no_newcomer_by_a_link_that_they_still_have(
    stage: Stage, owner: User, client: Client
) -> None:
    link, _ = _link(stage.concert, people=5)
    elsewhere, _ = _link(Concert.objects.create(owner=owner, name="Elsewhere"))

    set_active(User.objects.get(username="fan"), active=False)

    assert client.post(link, NEWCOMER).status_code == 404
    assert client.get(elsewhere).status_code == 200


def test_invitations_to_other_concerts_stay_open(stage: Stage, owner: User) -> None:
    elsewhere = Concert.objects.create(owner=owner, name="Elsewhere")
    _, invitation = _link(elsewhere)
    member = Member.objects.get(user__username="fan", concert=stage.concert)

    assert services.set_role(member, None) == 0

    invitation.refresh_from_db()
    assert invitation.is_open


def test_two_who_join_at_the_same_moment_do_not_both_use_the_last_place(stage: Stage) -> None:
    _, invitation = _link(stage.concert)
    same = Invitation.objects.get(pk=invitation.pk)

    services.accept(invitation, make_user())
    with pytest.raises(services.InvitationClosedError):
        services.accept_as_newcomer(same, "late", "a long pass phrase")

    assert not User.objects.filter(username="late").exists()


@pytest.mark.parametrize("how", ["revoked", "over", "wrong"])
def test_a_closed_invitation_is_as_one_that_never_was(
    how: str, stage: Stage, client: Client, as_owner: Client
) -> None:
    link, invitation = _link(stage.concert)
    if how == "revoked":
        page = f"/concerts/{stage.concert.pk}/invitations/{invitation.pk}/revoke/"
        assert as_owner.post(page).status_code == 302
    elif how == "over":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        link = "/invitations/something/"

    assert client.get(link).status_code == 404
    assert client.post(link, NEWCOMER).status_code == 404
    assert not User.objects.filter(username="minji").exists()


def test_a_weak_password_or_a_taken_name_uses_up_nothing(stage: Stage, client: Client) -> None:
    link, invitation = _link(stage.concert)

    assert client.post(link, {**NEWCOMER, "password1": "a", "password2": "a"}).status_code == 400
    assert client.post(link, {**NEWCOMER, "username": "OWNER"}).status_code == 400

    invitation.refresh_from_db()
    assert invitation.uses_left == 1


def test_who_has_an_account_joins_with_it_and_only_once(stage: Stage, as_member: Client) -> None:
    link, invitation = _link(stage.concert, people=2)
    assert as_member.get(link).status_code == 200
    assert not Member.objects.filter(user__username="member").exists(), "looking is not joining"

    assert as_member.post(link).status_code == 302
    assert as_member.post(link).status_code == 302

    invitation.refresh_from_db()
    assert invitation.uses_left == 1
    assert as_member.get(f"/concerts/{stage.concert.pk}/").status_code == 200


def test_an_invitation_makes_nobody_smaller(stage: Stage) -> None:
    link, _ = _link(stage.concert, Role.FAN)

    stage.curator.post(link)

    assert Member.objects.get(user__username="curator").role == Role.CURATOR


def test_only_the_owner_of_the_site_lets_newcomers_make_accounts(
    member: User, client: Client
) -> None:
    concert = Concert.objects.create(owner=member, name="Busan")
    link, _ = _link(concert)

    assert "Make an account" not in client.get(link).content.decode()
    assert client.post(link, NEWCOMER).status_code == 403
    assert not User.objects.filter(username="minji").exists()
    assert signed_in(make_user("other")).post(link).status_code == 302


def test_the_secret_is_shown_once_and_not_kept(stage: Stage, as_owner: Client) -> None:
    page = f"/concerts/{stage.concert.pk}/members/"
    made = as_owner.post(f"{page}invite/", {"role": "curator", "people": 3, "days": 7})
    link = made.content.decode().partition("/invitations/")[2].partition("/")[0]

    assert len(link) > 40
    assert Client().get(f"/invitations/{link}/").status_code == 200
    assert link not in as_owner.get(page).content.decode()
    assert link not in str(list(Invitation.objects.values()))


@pytest.mark.parametrize("wrong", [{"people": 0}, {"people": 101}, {"days": 0}, {"role": "king"}])
def test_an_invitation_has_bounds(wrong: dict[str, object], stage: Stage, as_owner: Client) -> None:
    wanted = {"role": "fan", "people": 1, "days": 7, **wrong}

    answer = as_owner.post(f"/concerts/{stage.concert.pk}/members/invite/", wanted)

    assert answer.status_code == 400
    assert not Invitation.objects.exists()
