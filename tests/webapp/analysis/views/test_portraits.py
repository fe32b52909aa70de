"""The portrait of a photo on its page: strength, lights, who stays sharp, masks to choose by."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis.models import Portrait
from webapp.core.models import Job
from webapp.photos.models import Photo
from webapp.photos.storage import files_of

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


def page_of(photo: Photo) -> str:
    return reverse("analysis:photo", args=[photo.pk])


@pytest.mark.parametrize("strength", ["", "x", "-0.1", "1.1", "nan", "inf", "1e400"])
def test_a_strength_that_is_none_is_refused(owner: User, as_owner: Client, strength: str) -> None:
    url = reverse("analysis:portrait", args=[make_photo(owner).pk])

    response = as_owner.post(url, {"strength": strength}, headers=JSON)

    assert response.status_code == 400
    assert "0 to 1" in response.json()["error"]
    assert not Job.objects.exists()


def test_a_strength_is_kept_and_queued(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)

    response = as_owner.post(
        reverse("analysis:portrait", args=[photo.pk]), {"strength": "0.25"}, headers=JSON
    )

    assert (response.status_code, response.json()["state"]) == (202, "pending")
    assert Portrait.objects.get().strength == 0.25
    assert Job.objects.get().stage == "portrait"


def test_lights_are_switched_on_and_off_with_the_form(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)
    url = reverse("analysis:portrait", args=[photo.pk])

    as_owner.post(url, {"strength": "0.5", "lights": ["0", "1"]})
    assert Portrait.objects.get().lights
    as_owner.post(url, {"strength": "0.5", "lights": "0"})
    assert not Portrait.objects.get().lights


def test_masks_to_choose_by_are_made_when_a_page_asks_and_then_told(
    owner: User, as_owner: Client
) -> None:
    photo = make_photo(owner)
    face = make_face(photo, 1)
    url = reverse("analysis:masks", args=[photo.pk])
    assert as_owner.post(url, headers=JSON).status_code == 404, "no portrait"
    portrait = Portrait.objects.create(photo=photo, has_person=True, model="m@1")

    assert as_owner.post(url, headers=JSON).json() == {"state": "pending"}
    assert Job.objects.get().stage == "person-masks"
    files_of(photo.pk).masks.write_bytes(b"png")
    portrait.choosing_heads = [list(face.box)]
    portrait.save()

    answer = as_owner.post(url, headers=JSON).json()
    assert (answer["state"], answer["rows"], answer["count"]) == ("ready", {str(face.pk): 0}, 1)
    picture = as_owner.get(answer["url"])
    assert (picture["Content-Type"], picture.getvalue()) == ("image/png", b"png")


def choose(client: Client, photo: Photo, **wish: str) -> HttpResponse:
    response: HttpResponse = client.post(
        reverse("analysis:subject", args=[photo.pk]), wish, headers=JSON
    )
    return response


def test_the_page_lists_who_stays_sharp(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)
    star = make_face(photo, 0, person=make_person(owner, "Lisa"), named_by="user")
    other = make_face(photo, 1)
    Portrait.objects.create(photo=photo, has_person=True, rendered_strength=0.5)

    page = as_owner.get(page_of(photo)).content.decode()

    assert f'name="face" value="{star.pk}" checked' in page
    assert f'name="face" value="{other.pk}">' in page
    assert "else named stars" in page


@pytest.mark.parametrize(
    ("wish", "places"),
    [
        pytest.param({"subject": "unnamed"}, [1, 2], id="nobody named"),
        pytest.param({"subject": "chosen", "face": "0,2"}, [0, 2], id="chosen faces"),
    ],
)
def test_chosen_people_are_remembered_and_drawn(
    owner: User, as_owner: Client, wish: dict[str, str], places: list[int]
) -> None:
    photo = make_photo(owner)
    lisa = make_person(owner, "Lisa")
    faces = [
        make_face(photo, 0, person=lisa, named_by="user"),
        *(make_face(photo, n) for n in (1, 2)),
    ]
    if "face" in wish:
        wish = {**wish, "face": ",".join(str(faces[int(n)].pk) for n in wish["face"].split(","))}

    response = choose(as_owner, photo, **wish)

    assert response.status_code == 202
    portrait = Portrait.objects.get()
    assert portrait.subject == "chosen"
    assert portrait.chosen == [list(faces[place].box) for place in places]
    assert Job.objects.get().stage == "portrait"


def test_everybody_and_back_to_the_rule(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)
    choose(as_owner, photo, subject="all")
    assert Portrait.objects.get().subject == "all"
    choose(as_owner, photo, subject="auto")
    assert Portrait.objects.get().subject == "auto"


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        pytest.param({"subject": "chosen"}, "Somebody has to stay sharp", id="nobody"),
        pytest.param({"subject": "chosen", "face": "x,-1"}, "Somebody has", id="no such face"),
        pytest.param({"subject": "me"}, "no such choice", id="no such choice"),
        pytest.param({}, "no such choice", id="nothing"),
    ],
)
def test_a_choice_that_is_none_is_refused(
    owner: User, as_owner: Client, wish: dict[str, str], sentence: str
) -> None:
    photo = make_photo(owner)
    make_face(photo, 0)

    response = choose(as_owner, photo, **wish)

    assert response.status_code == 400
    assert sentence in response.json()["error"]
    assert not Job.objects.exists()


def test_another_owners_portrait_cannot_be_chosen(
    owner: User, as_owner: Client, stranger: User
) -> None:
    assert choose(as_owner, make_photo(stranger), subject="all").status_code == 404
    assert not Portrait.objects.exists()
