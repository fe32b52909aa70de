"""Searching photos, and albums that are saved searches."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis.models import Portrait
from webapp.people.aliases import set_aliases
from webapp.people.models import Group, Person
from webapp.photos import bin
from webapp.photos.models import Concert, Photo, SavedSearch

pytestmark = pytest.mark.django_db

SEARCH = reverse("analysis:search")


@pytest.fixture
def library(owner: User) -> dict[str, Photo]:
    """A small library in which every word of the language finds something."""
    group = Group.objects.create(owner=owner, name="Blackpink")
    lisa, rose = make_person(owner, "Lisa", group=group), make_person(owner, "ROSÉ")
    seoul = Concert.objects.create(owner=owner, name="Born Pink", venue="Seoul", time_zone="")

    def add(name: str, **fields: Any) -> Photo:
        return make_photo(owner, display_name=name, with_files=False, **fields)

    noon = datetime(2026, 5, 17, 12, tzinfo=UTC)
    duo = add("duo", face_count=2, concert=seoul, taken_at=noon, camera="SONY A7")
    make_face(duo, 0, person=lisa, emotion="happy", emotions={"happy": 0.9})
    make_face(duo, 1, person=rose, emotion="sad", emotions={"sad": 0.6})
    solo = add("solo", face_count=1, is_favourite=True, width=6000, height=4000)
    make_face(solo, 0, person=lisa, emotion="sad", emotions={"sad": 0.5})
    Portrait.objects.create(photo=solo, has_person=True, rendered_strength=0.5)
    crowd = add("crowd", face_count=9)
    make_face(crowd, 0, emotion="happy", emotions={"happy": 0.55})
    moment = add("moment", face_count=0, shelf=Photo.Shelf.MOMENT)
    thrown = add("thrown", face_count=1)
    make_face(thrown, 0, person=lisa, emotion="happy", emotions={"happy": 1.0})
    bin.throw(owner.pk, [thrown.pk])
    return {photo.display_name: photo for photo in (duo, solo, crowd, moment, thrown)}


def found(client: Client, query: str) -> list[str]:
    answer = client.get(SEARCH, {"q": query})
    assert answer.status_code == 200, answer.content.decode()
    return sorted(photo.display_name for photo in answer.context.get("photos") or [])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("lisa", ["duo", "solo"], id="a person; nothing out of the bin"),
        pytest.param("blackpink", ["duo", "solo"], id="a group"),
        pytest.param("lisa + rose", ["duo"], id="two people"),
        pytest.param("lisa -rose", ["solo"], id="one without the other"),
        pytest.param("-lisa", ["crowd", "moment"], id="not somebody"),
        pytest.param("happy", ["crowd", "duo"], id="an emotion of anybody"),
        pytest.param("happy>0.8", ["duo"], id="a strong emotion"),
        pytest.param("lisa sad", ["solo"], id="the emotion of somebody"),
        pytest.param("lisa + sad", ["duo", "solo"], id="the emotion of anybody beside her"),
        pytest.param("faces:2", ["duo"], id="so many faces"),
        pytest.param("faces:6+", ["crowd"], id="many faces"),
        pytest.param("no:faces", ["moment"], id="no face"),
        pytest.param("concert:seoul", ["duo"], id="a concert by its venue"),
        pytest.param("no:concert lisa", ["solo"], id="no concert"),
        pytest.param("2026-05-17", ["duo"], id="a day"),
        pytest.param("before:2026-05-17", [], id="before that day"),
        pytest.param("camera:sony", ["duo"], id="a camera"),
        pytest.param("favourite", ["solo"], id="favourites"),
        pytest.param("unnamed", ["crowd"], id="faces without a name"),
        pytest.param("has:portrait", ["solo"], id="with a portrait"),
        pytest.param("has:moment", ["moment"], id="captured"),
        pytest.param("size:12mp", ["solo"], id="a size"),
        pytest.param("-size:12mp lisa", ["duo"], id="not of a size"),
        pytest.param("lisa faces:9", [], id="nothing fits"),
    ],
)
def test_a_search_finds(
    library: dict[str, Photo], as_owner: Client, query: str, expected: list[str]
) -> None:
    assert found(as_owner, query) == expected


def test_a_photo_opened_from_a_search_leads_on_within_it(
    library: dict[str, Photo], as_owner: Client
) -> None:
    page = as_owner.get(reverse("analysis:photo", args=[library["duo"].pk]), {"q": "lisa"})
    beside = {page.context["previous_photo"], page.context["next_photo"]}
    assert beside == {library["solo"], None}


def test_what_is_not_understood_is_said_on_the_page(owner: User, as_owner: Client) -> None:
    answer = as_owner.get(SEARCH, {"q": "lisa<script>"})
    assert answer.status_code == 400
    assert "lisa&lt;script&gt;" in answer.content.decode()


def test_an_empty_search_shows_how_to_search(owner: User, as_owner: Client) -> None:
    assert "How to search" in as_owner.get(SEARCH).content.decode()


def test_names_of_others_are_not_suggested(owner: User, as_stranger: Client) -> None:
    make_person(owner, "Lisa")
    answer = as_stranger.get(reverse("analysis:search-suggestions"), {"q": "lis"})
    assert answer.json() == {"suggestions": []}


def test_others_find_nothing_of_mine(library: dict[str, Photo], as_stranger: Client) -> None:
    assert found(as_stranger, "faces:1+") == []


def test_an_album_is_saved_shown_renamed_and_removed(
    library: dict[str, Photo], as_owner: Client, owner: User
) -> None:
    as_owner.post(reverse("analysis:album-new"), {"q": "lisa", "name": "My Lisa"})
    album = SavedSearch.objects.get()
    page = as_owner.get(reverse("analysis:album", args=[album.pk]))
    assert sorted(photo.display_name for photo in page.context["photos"]) == ["duo", "solo"]
    as_owner.post(reverse("analysis:album-rename", args=[album.pk]), {"name": "LISA"})
    assert "LISA" in as_owner.get(reverse("analysis:albums")).content.decode()
    as_owner.post(reverse("analysis:album-delete", args=[album.pk]))
    assert not SavedSearch.objects.exists()
    assert Photo.objects.count() == 5


@pytest.mark.parametrize(
    ("query", "name"),
    [
        pytest.param("hungry", "X", id="a search that is not understood"),
        pytest.param("lisa", " ", id="no name"),
        pytest.param("lisa", "x" * 121, id="a name that is too long"),
        pytest.param("lisa", "OLD", id="a name that is taken"),
    ],
)
def test_an_album_that_makes_no_sense_is_refused(
    library: dict[str, Photo], as_owner: Client, owner: User, query: str, name: str
) -> None:
    SavedSearch.objects.create(owner=owner, name="Old", query="lisa")
    answer = as_owner.post(reverse("analysis:album-new"), {"q": query, "name": name}, follow=True)
    assert "toast-bad" in answer.content.decode()
    assert SavedSearch.objects.count() == 1


def test_another_name_finds_the_person_and_is_suggested(
    client: Client, owner: User, library: dict[str, Photo]
) -> None:
    set_aliases(Person.objects.get(name="Lisa"), "리사")
    client.force_login(owner)

    found = client.get(SEARCH, {"q": "리사 happy"})
    suggested = client.get(reverse("analysis:search-suggestions"), {"q": "리"})

    assert [photo.display_name for photo in found.context["photos"]] == ["duo"]
    assert [one["label"] for one in suggested.json()["suggestions"]] == ["리사"]
