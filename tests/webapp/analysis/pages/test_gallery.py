"""The grids of photos."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis.pages.gallery import PAGE_SIZE, GalleryFilter, neighbours, read_page
from webapp.core import events, jobs
from webapp.core.models import Job
from webapp.core.web.paging import BadQueryError
from webapp.photos.models import Concert, Photo
from webapp.photos.queries import photos_visible_to

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MOST_QUERIES = 12
MOST_QUERIES_OF_A_PERSON = 14
"""Its page also tells when, where and with whom somebody was seen."""


def make_photos(owner: User, count: int, **fields: Any) -> list[Photo]:
    """Make photos a minute apart, the last one newest; every second pair shares its time."""
    photos = [make_photo(owner, with_files=False, **fields) for _ in range(count)]
    for number, photo in enumerate(photos):
        photo.created_at = NOON + timedelta(minutes=number // 2)
        photo.save(update_fields=["created_at"])
    return photos


def test_pages_show_every_photo_once_newest_first(owner: User) -> None:
    make_photos(owner, 11)
    everything = list(photos_visible_to(owner))
    shown: list[Photo] = []
    cursor = ""
    for _ in range(20):
        page = read_page(photos_visible_to(owner), cursor, size=3)
        shown += page.photos
        cursor = page.next_cursor
        if not cursor:
            break

    assert shown == everything
    assert len({photo.pk for photo in shown}) == 11


def test_a_photo_uploaded_meanwhile_shifts_nothing(owner: User) -> None:
    make_photos(owner, 6)
    first = read_page(photos_visible_to(owner), size=3)
    expected = list(photos_visible_to(owner))[3:]
    make_photo(owner, with_files=False)

    assert read_page(photos_visible_to(owner), first.next_cursor, size=3).photos == expected


def test_a_page_that_is_just_full_has_no_next(owner: User) -> None:
    make_photos(owner, 3)

    assert read_page(photos_visible_to(owner), size=3).next_cursor == ""


def cursor_of(moment: str) -> str:
    return base64.urlsafe_b64encode(f"{moment}~{UUID(int=0)}".encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        *["x", "????", "2026", "MjAyNi0wMS0wMX5ub3QtYW4taWQ", "é", "MjAyNg~~", "A" * 5000],
        pytest.param(cursor_of("0001-01-01T00:00:00+14:00"), id="before all time"),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(owner: User, as_owner: Client, cursor: str) -> None:
    assert as_owner.get(reverse("analysis:photos"), {"cursor": cursor}).status_code == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", ["crowd", "duo", "empty", "solo"], id="everything"),
        pytest.param("person=LISA", ["duo", "solo"], id="one person"),
        pytest.param("emotion=happy", ["duo"], id="an emotion"),
        pytest.param("person=LISA&emotion=happy", [], id="both are meant of one face"),
        pytest.param("person=ROSE&emotion=happy", ["duo"], id="the happy one of two"),
        pytest.param("faces=0", ["empty"], id="no face"),
        pytest.param("faces=1", ["solo"], id="one face"),
        pytest.param("faces=2", ["duo"], id="two faces"),
        pytest.param("faces=3-5", [], id="three to five"),
        pytest.param("faces=6-", ["crowd"], id="six or more"),
        pytest.param("person=LISA&faces=1", ["solo"], id="alone"),
        pytest.param("loose=1", ["crowd", "empty", "solo"], id="of no concert"),
        pytest.param("loose=1&person=LISA", ["solo"], id="one person, of no concert"),
    ],
)
def test_filters(owner: User, query: str, expected: list[str]) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rose")
    named = {"with_files": False}
    make_photo(owner, display_name="empty", face_count=0, **named)
    solo = make_photo(owner, display_name="solo", face_count=1, **named)
    make_face(solo, 0, person=lisa, emotion="sad")
    night = Concert.objects.create(owner=owner, name="Encore night")
    duo = make_photo(owner, display_name="duo", face_count=2, concert=night, **named)
    make_face(duo, 0, person=lisa, emotion="sad")
    make_face(duo, 1, person=rose, emotion="happy")
    make_photo(owner, display_name="crowd", face_count=40, **named)
    raw = query.replace("LISA", str(lisa.pk)).replace("ROSE", str(rose.pk))

    found = GalleryFilter.from_query(QueryDict(raw)).apply(photos_visible_to(owner))

    assert sorted(photo.display_name for photo in found) == expected


@pytest.mark.parametrize(
    "query", ["person=lisa", "emotion=hungry", "faces=7", "faces=-1", "loose=x"]
)
def test_a_filter_the_page_does_not_offer_is_refused(as_owner: Client, query: str) -> None:
    with pytest.raises(BadQueryError):
        GalleryFilter.from_query(QueryDict(query))
    address = reverse("analysis:photos")
    answer = as_owner.get(f"{address}?{query}")
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "There is no such" in page
    assert f'href="{address}">Show the page without it' in page


def test_a_filter_is_kept_from_page_to_page() -> None:
    query = "emotion=happy&faces=2&loose=1"
    assert GalleryFilter.from_query(QueryDict(query)).query() == query


def test_the_concerts_page_leads_to_the_photos_of_no_concert(owner: User, as_owner: Client) -> None:
    night = Concert.objects.create(owner=owner, name="Encore night")
    make_photo(owner, with_files=False, concert=night)
    loose = make_photo(owner, with_files=False)

    assert 'href="/photos/?loose=1"' in as_owner.get("/concerts/").content.decode()
    assert as_owner.get("/photos/?loose=1").context["photos"] == [loose]


def test_a_fragment_holds_the_cards_alone(owner: User, as_owner: Client) -> None:
    make_photos(owner, 2)

    response = as_owner.get(reverse("analysis:photos"), headers={"X-Fragment": "1"})

    text = response.content.decode()
    assert text.count("data-photo=") == 2
    assert "<html" not in text


def test_the_next_page_keeps_the_filter(owner: User, as_owner: Client) -> None:
    make_photos(owner, PAGE_SIZE + 1, face_count=0)
    first = as_owner.get(reverse("analysis:photos"), {"faces": "0"})

    second = as_owner.get(f"{reverse('analysis:photos')}?{first.context['next_query']}")

    assert len(second.context["photos"]) == 1
    assert second.context["filters"].faces == "0"


def test_a_concert_shows_its_own_photos(owner: User, as_owner: Client) -> None:
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    inside = make_photo(owner, concert=concert)
    make_photo(owner)

    response = as_owner.get(reverse("analysis:concert", args=[concert.pk]))

    assert list(response.context["photos"]) == [inside]
    assert response.context["photo_query"] == f"?concert={concert.pk}"


def test_neighbours_follow_the_order_of_the_grid(owner: User) -> None:
    make_photos(owner, 5)
    photos = list(photos_visible_to(owner))

    pairs = [neighbours(photos_visible_to(owner), photo) for photo in photos]

    assert [newer for newer, _ in pairs] == [None, *photos[:-1]]
    assert [older for _, older in pairs] == [*photos[1:], None]


@pytest.mark.parametrize("count", [1, 60])
def test_the_number_of_queries_does_not_grow_with_the_photos(
    owner: User,
    as_owner: Client,
    count: int,
    django_assert_max_num_queries: Any,
) -> None:
    lisa = make_person(owner, "Lisa", axis=1)
    for photo in make_photos(owner, count, face_count=2):
        make_face(photo, 0, person=lisa, emotion="happy")
        make_face(photo, 1)
    query = {"person": str(lisa.pk), "emotion": "happy", "faces": "2"}

    with django_assert_max_num_queries(MOST_QUERIES):
        response = as_owner.get(reverse("analysis:photos"), query)

    assert len(response.context["photos"]) == count
    with django_assert_max_num_queries(MOST_QUERIES_OF_A_PERSON):
        as_owner.get(reverse("analysis:person", args=[lisa.pk]))
    with django_assert_max_num_queries(MOST_QUERIES):
        as_owner.get(reverse("people:list"))


def test_a_card_names_who_was_recognised(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner, face_count=1)
    make_face(photo, 0, person=make_person(owner, "<b>Lisa</b>"))

    text = as_owner.get(reverse("analysis:photos")).content.decode()

    assert "&lt;b&gt;Lisa&lt;/b&gt;" in text
    assert "<b>Lisa" not in text


@pytest.mark.parametrize("state", [Job.State.FAILED, Job.State.QUARANTINED])
def test_a_card_says_why_its_faces_were_not_found(
    owner: User, as_owner: Client, state: str
) -> None:
    photo = make_photo(owner, with_files=False)
    make_photo(owner, with_files=False)
    with transaction.atomic():
        job = jobs.enqueue("recognise", photo.pk, owner.pk)
    Job.objects.filter(pk=job.pk).update(state=state, error="The detector is missing.")

    text = as_owner.get(reverse("analysis:photos")).content.decode()

    assert text.count("The detector is missing.") == 1
    assert text.count("Search failed") == 1
    assert text.count("Searching") == 1  # The other photo.


def test_a_photo_searched_before_says_nothing_of_a_later_failure(
    owner: User, as_owner: Client
) -> None:
    photo = make_photo(owner, with_files=False, face_count=2)
    with transaction.atomic():
        job = jobs.enqueue("recognise", photo.pk, owner.pk)
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, error="The detector is missing.")

    assert "Search failed" not in as_owner.get(reverse("analysis:photos")).content.decode()


@pytest.mark.parametrize("kind", ["photos", "concert", "person", "photo"])
def test_a_page_says_which_events_it_shows_already(
    owner: User, as_owner: Client, kind: str
) -> None:
    subjects: dict[str, Callable[[], Any]] = {
        "concert": lambda: Concert.objects.create(owner=owner, name="Tokyo Dome"),
        "person": lambda: make_person(owner),
        "photo": lambda: make_photo(owner),
    }
    args = [subjects[kind]().pk] if kind in subjects else []
    with transaction.atomic():
        event = events.publish(owner.pk, "names_changed", {"photos": []})

    text = as_owner.get(reverse(f"analysis:{kind}", args=args)).content.decode()

    assert f'data-last-event="{event.pk}"' in text


def test_a_script_learns_the_faces_of_its_photos_as_they_are_now(
    owner: User, as_owner: Client, stranger: User
) -> None:
    photo = make_photo(owner, with_files=False, face_count=2)
    lisa = make_face(photo, 0, person=make_person(owner, "Lisa"), emotion="happy")
    make_face(photo, 1)
    unsearched = make_photo(owner, with_files=False)
    foreign = make_photo(stranger, with_files=False, face_count=0)

    wanted = ",".join(str(one.pk) for one in (photo, unsearched, foreign))
    (found,) = as_owner.get(reverse("analysis:faces"), {"photos": wanted}).json()["photos"]

    assert found["photo"] == str(photo.pk)
    assert found["count"] == 2
    assert [(face["name"], face["label"]) for face in found["faces"]] == [
        ("Lisa", "happy"),
        ("", ""),
    ]
    assert found["faces"][0]["id"] == lisa.pk
    assert found["faces"][0]["box"] == pytest.approx(
        [10 / 600, 50 / 400, 90 / 600, 150 / 400], abs=1e-5
    )


@pytest.mark.parametrize("photos", ["x", ",".join([str(UUID(int=1))] * 101)])
def test_too_many_photos_or_nonsense_are_refused(as_owner: Client, photos: str) -> None:
    assert as_owner.get(reverse("analysis:faces"), {"photos": photos}).status_code == 400
