"""Concerts and the upload page."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from webapp.accounts.models import User
from webapp.photos import counts
from webapp.photos.models import Concert, Photo

pytestmark = pytest.mark.django_db


def make_photo(owner: User, **fields: Any) -> Photo:
    values = {
        "sha256": uuid4().hex,
        "bytes": 9,
        "display_name": "x",
        "state": "ready",
        "width": 4,
        "height": 3,
    }
    photo = Photo.objects.create(owner=owner, **(values | fields))
    counts.changed([photo.pk])
    return photo


def test_the_upload_page_offers_the_users_concerts_and_chooses_the_one_asked_for(
    as_owner: Client, owner: User, member: User
) -> None:
    mine = Concert.objects.create(owner=owner, name="Mine <b>")
    Concert.objects.create(owner=member, name="Theirs")

    page = as_owner.get(f"/upload/?concert={mine.pk}").content.decode()

    assert f'<option value="{mine.pk}" selected>Mine &lt;b&gt;</option>' in page
    assert "Theirs" not in page


def test_the_upload_page_tells_its_script_where_to_send(as_owner: Client) -> None:
    page = as_owner.get("/upload/?concert=nonsense").content.decode()

    data = re.search(r'<script id="upload-settings" type="application/json">(.+?)</script>', page)
    assert data is not None
    settings = json.loads(data.group(1))
    assert settings["endpoint"] == "/upload/tus/"
    assert settings["maxBytes"] == 60_000_000
    assert isinstance(settings["since"], int)


def test_the_upload_page_has_no_inline_script_or_style(as_owner: Client) -> None:
    page = as_owner.get("/upload/").content.decode()

    scripts = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", page)
    assert scripts == []
    assert not re.search(r"\sstyle=|\son\w+=", page)


def test_a_concert_is_made_by_its_form(as_owner: Client, owner: User) -> None:
    fields = {"name": "Encore night", "artists": "Aria", "date": "2026-05-01", "venue": "Hall"}

    answer = as_owner.post("/concerts/new/", fields)

    concert = Concert.objects.get()
    assert answer.status_code == 302
    assert str(concert.pk) in answer["Location"]
    assert (concert.owner, concert.name, concert.artists) == (owner, "Encore night", "Aria")


def test_the_upload_page_makes_a_concert_as_json(as_owner: Client) -> None:
    answer = as_owner.post(
        "/concerts/new/", {"name": "New"}, headers={"Accept": "application/json"}
    )

    assert answer.status_code == 201
    assert answer.json() == {"id": str(Concert.objects.get().pk), "name": "New"}


def test_a_concert_without_a_name_is_refused(as_owner: Client) -> None:
    answer = as_owner.post("/concerts/new/", {"name": " "}, headers={"Accept": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert as_owner.post("/concerts/new/", {"name": ""}).status_code == 200
    assert not Concert.objects.exists()


def test_a_concert_is_changed_and_removed_while_its_photos_stay(
    as_owner: Client, owner: User
) -> None:
    concert = Concert.objects.create(owner=owner, name="Old")
    make_photo(owner, concert=concert)

    as_owner.post(f"/concerts/{concert.pk}/edit/", {"name": "New"})
    assert Concert.objects.get().name == "New"

    as_owner.post(f"/concerts/{concert.pk}/delete/")
    assert not Concert.objects.exists()
    assert Photo.objects.get().concert is None


@pytest.mark.parametrize("action", ["edit", "delete"])
def test_nobody_changes_the_concert_of_another(
    as_stranger: Client, owner: User, action: str
) -> None:
    concert = Concert.objects.create(owner=owner, name="Mine")

    answer = as_stranger.post(f"/concerts/{concert.pk}/{action}/", {"name": "Taken"})

    assert answer.status_code == 404
    assert Concert.objects.get().name == "Mine"


def test_a_concert_is_not_removed_by_looking(as_owner: Client, owner: User) -> None:
    concert = Concert.objects.create(owner=owner, name="Mine")

    assert as_owner.get(f"/concerts/{concert.pk}/delete/").status_code == 405


def test_the_list_shows_counts_and_newest_covers_in_few_queries(
    as_owner: Client,
    owner: User,
    member: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    concerts = [
        Concert.objects.create(owner=owner, name=f"Concert {number}") for number in range(5)
    ]
    photos = [make_photo(owner, concert=concert) for concert in concerts for _ in range(6)]
    make_photo(owner, concert=concerts[0], state="failed")
    Concert.objects.create(owner=member, name="Theirs")

    with django_assert_max_num_queries(9):
        answer = as_owner.get("/concerts/")

    shown = {concert.name: concert for concert in answer.context["concerts"]}
    assert len(shown) == 5
    assert shown["Concert 0"].photo_count == 7
    assert shown["Concert 0"].covers == [photos[5], photos[4], photos[3], photos[2]]
    assert b"Theirs" not in answer.content


def test_names_are_escaped_in_the_list(as_owner: Client, owner: User) -> None:
    Concert.objects.create(
        owner=owner, name="<img src=x onerror=alert(1)>", artists="<b>", venue="<i>"
    )

    page = as_owner.get("/concerts/").content

    assert b"<img src=x" not in page
    assert b"&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_second_concert_of_one_name_and_day_is_refused_however_it_is_spelt(
    as_owner: Client, owner: User, member: User
) -> None:
    Concert.objects.create(owner=owner, name="Été", date="2024-05-21")
    Concert.objects.create(owner=member, name="Nuit", date="2024-05-21")

    def make(name: str, date: str) -> int:
        form = {"name": name, "date": date}
        response = as_owner.post("/concerts/new/", form, headers={"Accept": "application/json"})
        return response.status_code

    assert make("ÉTÉ ", "2024-05-21") == 400
    assert make("ÉTÉ", "2024-05-22") == 201
    assert make("nuit", "2024-05-21") == 201
    assert Concert.objects.filter(owner=owner).count() == 3


def test_a_concert_keeps_its_own_name_when_it_is_changed(as_owner: Client, owner: User) -> None:
    concert = Concert.objects.create(owner=owner, name="Été")

    form = {"name": "ÉTÉ", "venue": "Paris"}
    assert as_owner.post(f"/concerts/{concert.pk}/edit/", form).status_code == 302

    concert.refresh_from_db()
    assert (concert.name, concert.folded_name, concert.venue) == ("ÉTÉ", "été", "Paris")
