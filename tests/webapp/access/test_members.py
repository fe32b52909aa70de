"""What members of a concert see and do, and what stays its owner's."""

from django.contrib.auth.models import AnonymousUser
from django.test import Client

from tests.factories import make_user
from tests.webapp.access.conftest import Stage
from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.access.models import Like, Member, Role
from webapp.access.rights import Right, granted
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.analysis.models import Decision
from webapp.people.models import Person
from webapp.photos import bin
from webapp.photos.models import Concert, Photo


def test_a_fan_finds_the_concert_its_photo_and_its_names(stage: Stage) -> None:
    concerts = stage.fan.get("/concerts/").content.decode()
    grid = stage.fan.get(f"/concerts/{stage.concert.pk}/").content.decode()
    photo = stage.fan.get(f"/photos/{stage.photo.pk}/").content.decode()

    assert "Shared by owner" in concerts
    assert str(stage.photo.pk) in grid
    assert "owner shares this concert with you: you may look, like and download." in grid
    assert "Lisa" in photo
    assert f"/people/{stage.lisa.pk}/" not in photo, "the page of a star is its owner's"
    for act in ("data-name-face", "delete-dialog", "data-draw-face", "data-strength-form"):
        assert act not in photo, act


def test_a_fans_own_library_stays_their_own(stage: Stage) -> None:
    assert str(stage.photo.pk) not in stage.fan.get("/photos/?show=").content.decode()
    assert "Lisa" not in stage.fan.get("/people/").content.decode()


def test_a_fan_sees_only_what_is_of_the_concert(stage: Stage, owner: User) -> None:
    elsewhere = make_photo(owner)

    assert stage.fan.get(f"/photos/{elsewhere.pk}/").status_code == 404
    assert stage.fan.get(f"/photos/{elsewhere.pk}/media/thumb/").status_code == 404
    walked = stage.fan.get(f"/photos/{stage.photo.pk}/around/").json()["photos"]
    assert [one["id"] for one in walked] == [str(stage.photo.pk)]


def test_what_its_owner_throws_away_is_gone_for_members(stage: Stage, owner: User) -> None:
    bin.throw(owner.pk, [stage.photo.pk])

    for path in (f"/photos/{stage.photo.pk}/", f"/photos/{stage.photo.pk}/media/thumb/"):
        assert stage.fan.get(path).status_code == 404
    assert stage.curator.post(f"/faces/{stage.face.pk}/unname/").status_code == 404


def test_frames_that_its_owner_did_not_choose_are_not_shown(stage: Stage, owner: User) -> None:
    frame = make_photo(owner, concert=stage.concert, shelf=Photo.Shelf.ALTERNATE)

    assert stage.fan.get(f"/photos/{frame.pk}/media/thumb/").status_code == 404


def test_likes_are_counted_and_each_is_somebodys_own(stage: Stage, as_owner: Client) -> None:
    page = f"/photos/{stage.photo.pk}/like/"
    script = {"headers": {"accept": "application/json"}}

    assert stage.fan.post(page, **script).json() == {"liked": True, "likes": 1}
    assert stage.fan.post(page, **script).json() == {"liked": True, "likes": 1}
    assert stage.curator.post(page, **script).json()["likes"] == 2
    assert stage.fan.post(page, {"liked": "0"}, **script).json() == {"liked": False, "likes": 1}
    stage.photo.refresh_from_db()
    assert not stage.photo.is_favourite, "a favourite is its owner's"
    assert Like.objects.get().user.username == "curator"
    assert "Like <span" in as_owner.get(f"/photos/{stage.photo.pk}/").content.decode()


def test_a_curator_names_a_face_for_its_owner(stage: Stage, owner: User) -> None:
    give_consent(owner)
    face = make_face(stage.photo, 1)

    answer = stage.curator.post(
        f"/faces/{face.pk}/name/", {"name": "Rosé"}, headers={"accept": "application/json"}
    )

    assert answer.status_code == 200
    rose = Person.objects.get(name="Rosé")
    assert rose.owner == owner
    face.refresh_from_db()
    assert face.person == rose
    undo = stage.curator.post(f"/decisions/{answer.json()['undo']}/undo/")
    assert undo.status_code == 302
    face.refresh_from_db()
    assert face.person is None


def test_a_curator_is_told_the_stars_of_the_owner_for_this_photo_only(stage: Stage) -> None:
    def suggested(client: Client, **more: object) -> list[str]:
        answer = client.get("/people/suggest/", {"q": "li", **more})
        return [one["name"] for one in answer.json().get("people", [])]

    assert suggested(stage.curator, photo=stage.photo.pk) == ["Lisa"]
    assert suggested(stage.curator) == []
    assert stage.fan.get(f"/people/suggest/?q=li&photo={stage.photo.pk}").status_code == 404


def test_a_curator_takes_back_no_decision_about_other_photos(stage: Stage, owner: User) -> None:
    elsewhere = make_face(make_photo(owner), 0)
    before = {"faces": [{"id": stage.face.pk}, {"id": elsewhere.pk}]}
    both = Decision.objects.create(owner=owner, kind=Decision.Kind.NAMED, before=before)
    renamed = Decision.objects.create(
        owner=owner, kind=Decision.Kind.RENAMED, person=stage.lisa, before={"faces": []}
    )

    for decision in (both, renamed):
        assert stage.curator.post(f"/decisions/{decision.pk}/undo/").status_code == 404


def test_a_curator_cannot_say_that_a_face_is_not_one_of_their_own_stars(stage: Stage) -> None:
    curator = User.objects.get(username="curator")
    own = make_person(curator, "Jisoo")

    answer = stage.curator.post(f"/faces/{stage.face.pk}/reject/", {"person": str(own.pk)})

    assert answer.status_code == 404


def test_who_is_removed_sees_nothing_more(stage: Stage, as_owner: Client) -> None:
    fan = User.objects.get(username="fan")

    as_owner.post(f"/concerts/{stage.concert.pk}/members/{fan.pk}/", {"role": ""})

    assert stage.fan.get(f"/concerts/{stage.concert.pk}/").status_code == 404
    assert stage.fan.get(f"/photos/{stage.photo.pk}/media/thumb/").status_code == 404
    assert "Shared by" not in stage.fan.get("/concerts/").content.decode()


def test_a_curator_who_becomes_a_fan_names_no_more(stage: Stage, as_owner: Client) -> None:
    curator = User.objects.get(username="curator")

    as_owner.post(f"/concerts/{stage.concert.pk}/members/{curator.pk}/", {"role": "fan"})

    assert stage.curator.post(f"/faces/{stage.face.pk}/unname/").status_code == 404
    assert stage.curator.get(f"/photos/{stage.photo.pk}/").status_code == 200


def test_the_concerts_page_tells_its_owner_who_sees_it(stage: Stage, as_owner: Client) -> None:
    page = as_owner.get(f"/concerts/{stage.concert.pk}/").content.decode()

    assert "fan · Fan" in page
    assert "curator · Curator" in page


def test_a_concert_is_shared_with_an_account_once_and_never_with_its_owner(
    stage: Stage, as_owner: Client, owner: User
) -> None:
    page = f"/concerts/{stage.concert.pk}/members/add/"
    more, away = make_user("more"), make_user("away", is_active=False)

    assert as_owner.post(page, {"user": more.pk, "role": "fan"}).status_code == 302
    for nobody in (owner.pk, away.pk, 999):
        assert as_owner.post(page, {"user": nobody, "role": "fan"}).status_code == 400
    assert as_owner.post(page, {"user": more.pk, "role": "king"}).status_code == 400
    assert set(Member.objects.values_list("user__username", flat=True)) == {
        *("fan", "curator", "more")
    }


def test_nobody_without_a_name_is_granted_anything(stage: Stage) -> None:
    for right in Right:
        assert not Photo.objects.filter(granted(AnonymousUser(), right)).exists()


def test_a_key_reads_what_its_owner_may_read(stage: Stage) -> None:
    listed = stage.fan.get(f"/api/v1/photos?concert={stage.concert.pk}").json()["items"]
    shared = stage.fan.get("/api/v1/concerts?shared=true").json()["items"]

    assert [one["id"] for one in listed] == [str(stage.photo.pk)]
    assert [one["name"] for one in shared] == ["Seoul"]
    assert stage.fan.get("/api/v1/concerts").json()["items"] == []
    assert stage.fan.get("/api/v1/photos").json()["items"] == []
    assert stage.fan.delete(f"/api/v1/photos/{stage.photo.pk}").status_code in {403, 404}


def test_an_account_that_goes_takes_its_memberships_and_likes_along(stage: Stage) -> None:
    stage.fan.post(f"/photos/{stage.photo.pk}/like/")

    User.objects.get(username="fan").delete()

    assert not Like.objects.exists()
    assert Member.objects.get().role == Role.CURATOR
    assert Concert.objects.filter(pk=stage.concert.pk).exists()
