"""What belongs to one user does not exist for another."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from PIL import Image

from tests.webapp.analysis.cast import HEIGHT, WIDTH, embedding, make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.analysis.models import DetectedFace
from webapp.analysis.names.merging import merge_people
from webapp.analysis.services import reject_person
from webapp.analysis.urls import urlpatterns as analysis_patterns
from webapp.people.models import Group, PendingPack, Person, Reference
from webapp.people.packs.writing import write_pack
from webapp.people.storage import crop_path
from webapp.people.urls import urlpatterns as people_patterns
from webapp.photos.models import Concert, Photo, SavedSearch
from webapp.photos.storage import files_of


def with_ids() -> Iterator[Any]:
    """Yield every address of both apps that holds an id."""
    for app, patterns in (("analysis", analysis_patterns), ("people", people_patterns)):
        for pattern in patterns:
            assert isinstance(pattern, URLPattern)
            if pattern.pattern.converters:
                yield pytest.param(f"{app}:{pattern.name}", list(pattern.pattern.converters))


@pytest.fixture
def belongings(owner: User) -> dict[str, Any]:
    """One of everything that has an id, all of it the owner's."""
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    photo = make_photo(owner, concert=concert)
    Image.new("L", (WIDTH, HEIGHT), 255).save(files_of(photo.pk).alpha)
    group = Group.objects.create(owner=owner, name="Blackpink")
    person = make_person(owner, "Lisa", axis=1, group=group)
    Image.new("RGB", (64, 64)).save(crop_path(owner.pk, person.references.get().pk))
    give_consent(owner)
    face = make_face(photo, 0, embedding(1), person=person, named_by="auto")
    return {
        "album_id": SavedSearch.objects.create(owner=owner, name="L", query="lisa").pk,
        "photo_id": photo.pk,
        "concert_id": concert.pk,
        "face_id": face.pk,
        "person_id": person.pk,
        "group_id": group.pk,
        "pack_id": PendingPack.objects.create(
            owner=owner, content=write_pack(group, with_faces=True)
        ).pk,
        "reference_id": Reference.objects.get().pk,
        "decision_id": reject_person(face, make_person(owner, "Jisoo")).pk,
        "merge_id": merge_people(make_person(owner, "Lalisa"), person).pk,
    }


@pytest.mark.parametrize(("name", "parts"), list(with_ids()))
def test_a_stranger_gets_404_and_changes_nothing(
    name: str, parts: list[str], belongings: dict[str, Any], as_stranger: Client
) -> None:
    url = reverse(name, kwargs={part: belongings[part] for part in parts})
    fields = {"name": "Mallory", "strength": "0.1", "stage": "portrait"}

    statuses = {as_stranger.get(url).status_code, as_stranger.post(url, fields).status_code}

    assert 404 in statuses
    assert statuses <= {404, 405}
    assert DetectedFace.objects.get().person == Person.objects.get(name="Lisa")
    assert Photo.objects.count() == Reference.objects.count() == Group.objects.count() == 1


@pytest.mark.parametrize(("name", "parts"), list(with_ids()))
def test_the_owner_gets_an_answer(
    name: str, parts: list[str], belongings: dict[str, Any], as_owner: Client
) -> None:
    url = reverse(name, kwargs={part: belongings[part] for part in parts})

    statuses = {as_owner.get(url).status_code, as_owner.post(url, {"name": "x"}).status_code}

    assert statuses & {200, 302}


@pytest.mark.parametrize(("name", "parts"), list(with_ids()))
def test_without_a_session_everything_leads_to_the_login(
    name: str, parts: list[str], belongings: dict[str, Any], client: Client
) -> None:
    url = reverse(name, kwargs={part: belongings[part] for part in parts})

    for response in (client.get(url), client.post(url)):
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("accounts:login"))


@pytest.mark.parametrize("name", ["analysis:photos", "people:list", "people:suggest"], ids=str)
def test_lists_of_a_stranger_name_nothing_of_the_owner(
    name: str, belongings: dict[str, Any], as_stranger: Client
) -> None:
    text = as_stranger.get(reverse(name), {"q": "Lis"}).content.decode()

    for secret in ("Lisa", "Blackpink", str(belongings["photo_id"])):
        assert secret not in text


def test_a_stranger_cannot_merge_into_the_owners_person(
    belongings: dict[str, Any], stranger: User, as_stranger: Client
) -> None:
    mine = make_person(stranger, "Mallory")

    response = as_stranger.post(
        reverse("analysis:person-merge", args=[mine.pk]), {"into": belongings["person_id"]}
    )

    assert response.status_code == 404
    assert Person.objects.filter(pk=mine.pk).exists()


def test_a_stranger_cannot_reject_the_owners_person_on_their_own_face(
    belongings: dict[str, Any], stranger: User, as_stranger: Client
) -> None:
    face = make_face(make_photo(stranger), 0)

    response = as_stranger.post(
        reverse("analysis:face-reject", args=[face.pk]), {"person": belongings["person_id"]}
    )

    assert response.status_code == 404


def test_the_filter_by_a_strangers_person_finds_nothing(
    belongings: dict[str, Any], as_stranger: Client
) -> None:
    response = as_stranger.get(reverse("analysis:photos"), {"person": str(belongings["person_id"])})

    assert response.status_code == 200
    assert list(response.context["photos"]) == []


def test_changes_need_the_token_of_the_page(belongings: dict[str, Any], owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(reverse("analysis:photo-delete", args=[belongings["photo_id"]]))

    assert response.status_code == 403
    assert Photo.objects.exists()
