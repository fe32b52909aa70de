"""Where photos stand in time: order, headings, months, and what is named together."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import embedding, make_face, make_photo
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.analysis.pages.gallery import ORDERS
from webapp.analysis.pages.grid_times import end_of, months_among, months_of
from webapp.core.web.paging import BadQueryError
from webapp.photos.models import Concert, Photo
from webapp.photos.queries import library_of

pytestmark = pytest.mark.django_db
PHOTOS = reverse("analysis:photos")


def make_dated(owner: User, name: str, *date: int, **fields: Any) -> Photo:
    taken_at = datetime(*date, tzinfo=UTC) if date else None  # type: ignore[arg-type,misc]
    return make_photo(owner, display_name=name, taken_at=taken_at, with_files=False, **fields)


def order_of(client: Client, **query: str) -> list[str]:
    return [photo.display_name for photo in client.get(PHOTOS, query).context["photos"]]


def test_photos_stand_by_the_date_they_were_taken(owner: User, as_owner: Client) -> None:
    make_dated(owner, "may", 2026, 5, 1)
    make_dated(owner, "march", 2026, 3, 1)
    make_dated(owner, "april", 2026, 4, 1)
    assert order_of(as_owner) == ["may", "april", "march"]
    assert order_of(as_owner, order="added") == ["april", "march", "may"]
    assert order_of(as_owner, at="2026-04") == ["april", "march"]


def test_an_undated_photo_stands_where_it_came(owner: User) -> None:
    photo = make_dated(owner, "undated")
    photo.refresh_from_db()
    assert photo.shown_at == photo.created_at


def test_a_heading_stands_over_each_day_and_concert(owner: User, as_owner: Client) -> None:
    concert = Concert.objects.create(owner=owner, name="Seoul", time_zone="Asia/Seoul")
    make_dated(owner, "night", 2026, 5, 17, 16, concert=concert)
    make_dated(owner, "evening", 2026, 5, 17, 14, concert=concert)
    make_dated(owner, "elsewhere", 2026, 5, 16, 8)
    shown = as_owner.get(PHOTOS).context["photos"]
    keys = [photo.heading.key if photo.heading else None for photo in shown]
    assert keys == [f"2026-05-18 {concert.pk}", f"2026-05-17 {concert.pk}", "2026-05-16"]
    ids = as_owner.get(PHOTOS, {"ids": "1"}).json()["ids"]
    assert [key for _, key in ids] == keys


def test_the_months_of_a_grid_are_those_with_photos(owner: User, as_owner: Client) -> None:
    for month in (5, 5, 2):
        make_dated(owner, "x", 2026, month, 10)
    make_dated(owner, "x", 2024, 12, 31)
    for months in (months_of, months_among):
        assert months(library_of(owner), ORDERS[""]) == ["2026-05", "2026-02", "2024-12"]
    about = as_owner.get(PHOTOS, {"about": "1"}).json()
    assert (about["total"], len(about["months"])) == (4, 3)


@pytest.mark.parametrize("month", ["2026-13", "May", "2026", "9999-12-", "0000-01"])
def test_a_month_that_is_none_is_refused(month: str) -> None:
    with pytest.raises(BadQueryError):
        end_of(month, UTC)


def test_the_last_month_of_a_year_ends_with_it() -> None:
    assert end_of("2025-12", UTC) == datetime(2026, 1, 1, tzinfo=UTC)


def test_captured_pictures_stand_in_photos_by_a_switch(owner: User, as_owner: Client) -> None:
    make_dated(owner, "own", 2026, 5, 1)
    make_dated(owner, "captured", 2026, 5, 2, shelf=Photo.Shelf.MOMENT)
    assert order_of(as_owner) == ["own"]
    assert order_of(as_owner, show="") == ["captured", "own"]


def test_photos_with_one_unnamed_face_are_named_together(owner: User, as_owner: Client) -> None:
    alone = make_face(make_photo(owner), 0, embedding(1))
    crowd = make_photo(owner)
    make_face(crowd, 0)
    make_face(crowd, 1)
    fields = {"photos": f"{alone.photo_id},{crowd.pk}", "name": "Lisa"}

    answer = as_owner.post(reverse("analysis:selected-name"), fields)

    assert answer.json()["message"] == "1 photo named Lisa. 1 photo stayed as before."
    alone.refresh_from_db()
    assert (str(alone.person), alone.named_by) == ("Lisa", "user")
    assert DetectedFace.objects.filter(person=None).count() == 2


def test_naming_nobody_or_nothing_is_refused(owner: User, as_owner: Client) -> None:
    face = make_face(make_photo(owner))
    url = reverse("analysis:selected-name")
    assert as_owner.post(url, {"photos": str(face.photo_id), "name": " "}).status_code == 400
    empty = make_photo(owner)
    assert as_owner.post(url, {"photos": str(empty.pk), "name": "Lisa"}).status_code == 400
