"""The grid of moments."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.webapp.analysis.cast import make_face, make_person
from tests.webapp.moments.evening import NOON, make_bare_moment, make_session
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.core.web.paging import BadQueryError
from webapp.moments.models import Moment
from webapp.moments.pages.grid import PAGE_SIZE, MomentFilter, neighbours, read_page
from webapp.moments.queries import moments_visible_to
from webapp.photos.models import Concert, Photo

GRID = "/moments/"
MOST_QUERIES = 12


def test_pages_show_every_moment_once_newest_first(owner: User) -> None:
    for number in range(11):
        make_bare_moment(owner, number // 2)
    everything = list(moments_visible_to(owner))
    shown: list[Moment] = []
    cursor = ""
    for _ in range(20):
        page = read_page(moments_visible_to(owner), cursor, size=3)
        shown += page.moments
        cursor = page.next_cursor
        if not cursor:
            break

    assert shown == everything
    assert len({moment.pk for moment in shown}) == 11


def test_a_moment_captured_meanwhile_shifts_nothing(owner: User) -> None:
    for number in range(6):
        make_bare_moment(owner, number)
    first = read_page(moments_visible_to(owner), size=3)
    expected = list(moments_visible_to(owner))[3:]
    make_bare_moment(owner, 60)

    assert read_page(moments_visible_to(owner), first.next_cursor, size=3).moments == expected


@pytest.mark.parametrize("cursor", ["x", "????", "MjAyNi0wMS0wMX5ub3QtYW4taWQ", "é", "A" * 5000])
def test_a_cursor_that_is_not_ours_is_refused(as_owner: Client, cursor: str) -> None:
    assert as_owner.get(GRID, {"cursor": cursor}).status_code == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", {"solo", "duo", "late"}, id="what was discarded is not shown"),
        pytest.param("person=LISA", {"solo", "duo"}, id="a star, alone or in a group"),
        pytest.param("person=ROSE", {"duo"}, id="the other star"),
        pytest.param("emotion=happy", {"solo"}, id="an emotion"),
        pytest.param("concert=CONCERT", {"late"}, id="a concert"),
        pytest.param("session=SESSION", {"duo"}, id="a live session"),
        pytest.param("day=2026-05-02", {"late"}, id="a day"),
        pytest.param("show=liked", {"solo"}, id="liked ones"),
        pytest.param("show=discarded", {"aside"}, id="discarded ones"),
        pytest.param("person=LISA&show=liked&emotion=happy&day=2026-05-01", {"solo"}, id="all"),
        pytest.param("person=ROSE&show=liked", set(), id="nothing fits"),
    ],
)
def test_filters(owner: User, query: str, expected: set[str]) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rose")
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    session = make_session(owner)
    make_bare_moment(owner, 0, lisa, key="solo", emotion="happy", liked_at=NOON)
    make_bare_moment(owner, 1, lisa, rose, key="duo", emotion="sad", session=session)
    make_bare_moment(owner, 24 * 60, key="late", concert=concert)
    aside = {"emotion": "fear", "is_discarded": True, "liked_at": NOON}
    make_bare_moment(owner, 2, lisa, key="aside", **aside)
    names = {"LISA": lisa.pk, "ROSE": rose.pk, "CONCERT": concert.pk, "SESSION": session.pk}
    for name, pk in names.items():
        query = query.replace(name, str(pk))

    found = MomentFilter.from_query(QueryDict(query)).moments_for(owner)

    assert {moment.key for moment in found} == expected


def test_a_moment_without_its_picture_is_not_shown(owner: User) -> None:
    for state in (Moment.State.WANTED, Moment.State.LOST, Moment.State.READY):
        make_bare_moment(owner, state=state, photo=None)

    assert not MomentFilter().moments_for(owner).exists()
    assert not MomentFilter(show="discarded").moments_for(owner).exists()


@pytest.mark.parametrize(
    "query",
    ["person=lisa", "emotion=hungry", "show=all", "day=soon", "day=2026-02-30", "day=9999-12-31"],
)
def test_a_filter_the_page_does_not_offer_is_refused(
    owner: User, as_owner: Client, query: str
) -> None:
    with pytest.raises(BadQueryError):
        MomentFilter.from_query(QueryDict(query)).moments_for(owner)
    answer = as_owner.get(f"{GRID}?{query}")
    assert answer.status_code == 400
    assert f'href="{GRID}">Show the page without it' in answer.content.decode()


def test_a_fragment_holds_the_cards_alone_and_the_next_page_keeps_the_filter(
    owner: User, as_owner: Client
) -> None:
    for number in range(PAGE_SIZE + 1):
        make_bare_moment(owner, number, emotion="happy")
    first = as_owner.get(GRID, {"emotion": "happy"}, headers={"X-Fragment": "1"})

    second = as_owner.get(f"{GRID}?{first.context['next_query']}", headers={"X-Fragment": "1"})

    assert first.content.count(b"data-moment=") == PAGE_SIZE
    assert second.content.count(b"data-moment=") == 1
    assert b"<html" not in first.content
    assert second.context["filters"].emotion == "happy"


def test_a_full_page_needs_few_queries_however_many_moments_it_shows(
    owner: User, as_owner: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rose")
    for number in range(PAGE_SIZE + 5):
        make_bare_moment(owner, number, lisa, rose)

    with django_assert_max_num_queries(MOST_QUERIES):
        response = as_owner.get(GRID, {"person": str(lisa.pk)})

    assert len(response.context["moments"]) == PAGE_SIZE


def test_a_card_says_who_what_why_and_how_good(owner: User, as_owner: Client) -> None:
    lisa, rose = make_person(owner, "Lisa <b>"), make_person(owner, "Rose")
    make_bare_moment(
        owner, 0, lisa, rose, emotion="happy", reason="eyes open, sharp", score=0.83, kind="group"
    )

    page = as_owner.get(GRID).content.decode()

    assert "Lisa &lt;b&gt; &amp; Rose" in page
    assert "Lisa <b>" not in page
    for said in ("Happy", "eyes open, sharp", "83", "Group", "may be wrong"):
        assert said in page


def test_a_card_is_cut_round_the_stars_face(owner: User, as_owner: Client) -> None:
    moment = make_bare_moment(owner)
    Photo.objects.filter(pk=moment.photo_id).update(width=1920, height=1080)
    moment.frames.update(box=[0.86, 0.3, 0.98, 0.5])

    assert 'data-focus="100% 50%"' in as_owner.get(GRID).content.decode()


def test_a_card_without_a_measured_frame_is_cut_round_the_face_that_was_found_later(
    owner: User, as_owner: Client
) -> None:
    lisa = make_person(owner, "Lisa")
    moment = make_bare_moment(owner, 0, lisa)
    moment.frames.update(box=[])
    Photo.objects.filter(pk=moment.photo_id).update(width=1920, height=1080)
    photo = Photo.objects.get(pk=moment.photo_id)
    make_face(photo, person=None)
    face = make_face(photo, 1, person=lisa)
    DetectedFace.objects.filter(pk=face.pk).update(x1=1600, y1=300, x2=1800, y2=520)

    assert 'data-focus="100% 50%"' in as_owner.get(GRID).content.decode()


def test_somebody_elses_moments_are_not_shown(
    owner: User, stranger: User, as_stranger: Client
) -> None:
    lisa = make_person(owner, "Lisa")
    make_bare_moment(owner, 0, lisa)
    make_bare_moment(stranger, 1, key="own")

    response = as_stranger.get(GRID, {"show": ""})
    by_star = as_stranger.get(GRID, {"person": str(lisa.pk)})

    assert [moment.key for moment in response.context["moments"]] == ["own"]
    assert "Lisa" not in response.content.decode()
    assert list(by_star.context["moments"]) == []


@pytest.mark.parametrize(
    ("place", "expected"),
    [(0, (1, None)), (1, (2, 0)), (2, (None, 1))],
    ids=["the oldest", "in between", "the newest"],
)
def test_neighbours(owner: User, place: int, expected: tuple[Any, Any]) -> None:
    moments = [make_bare_moment(owner, number) for number in range(3)]

    newer, older = neighbours(moments_visible_to(owner), moments[place])

    wanted = [moments[number] if number is not None else None for number in expected]
    assert [newer, older] == wanted


def test_the_zip_is_offered_for_one_star(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa")
    make_bare_moment(owner, 0, lisa)
    url = reverse("moments:archive", args=[lisa.pk])

    assert url not in as_owner.get(GRID).content.decode()
    assert url in as_owner.get(GRID, {"person": str(lisa.pk)}).content.decode()


def test_the_first_visit_says_how_moments_come_about(as_owner: Client) -> None:
    assert "No moments yet" in as_owner.get(GRID).content.decode()
    assert "No moment fits" in as_owner.get(GRID, {"concert": str(uuid4())}).content.decode()


def test_a_card_that_did_not_change_is_rendered_the_same(owner: User, as_owner: Client) -> None:
    make_bare_moment(owner, liked_at=NOON)

    cards = {as_owner.get(GRID, headers={"X-Fragment": "1"}).content for _ in range(2)}

    assert len(cards) == 1


def test_the_buttons_of_a_card_work_without_scripts(owner: User) -> None:
    moment = make_bare_moment(owner)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    page = browser.get(GRID).content.decode()
    form = page[page.index('<form id="judge"') :]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    button = re.search(r'form="judge" formaction="([^"]+)" name="(liked)" value="(1)"', page)
    assert token is not None
    assert button is not None

    browser.post(button[1], {button[2]: button[3], "csrfmiddlewaretoken": token[1]})

    moment.refresh_from_db()
    assert moment.liked_at is not None
