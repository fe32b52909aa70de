"""Several cameras of one concert: which moments are one instant, and which of them is on top."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.evening import NOON, make_bare_moment, make_session
from webapp.accounts.models import User
from webapp.live.models import LiveSession
from webapp.moments.angles import angles_of, count_under, tops
from webapp.moments.models import Moment, Video
from webapp.moments.pages.night import night_of
from webapp.moments.queries import moments_visible_to
from webapp.people.models import Person
from webapp.photos.models import Concert, Photo

SECOND = 1 / 60
"""In the minutes of an evening."""


@pytest.fixture
def seoul(owner: User) -> Concert:
    return Concert.objects.create(owner=owner, name="Seoul")


@pytest.fixture
def left(owner: User, seoul: Concert) -> LiveSession:
    return make_session(owner, concert=seoul)


@pytest.fixture
def right(owner: User, seoul: Concert) -> LiveSession:
    return make_session(owner, concert=seoul)


@pytest.fixture
def lisa(owner: User) -> Person:
    return make_person(owner, "Lisa")


@pytest.fixture
def rose(owner: User) -> Person:
    return make_person(owner, "Rosé")


def _moment(camera: LiveSession, seconds: float, *people: Person, **fields: Any) -> Moment:
    values = {"session": camera, "concert": camera.concert, **fields}
    return make_bare_moment(camera.owner, seconds * SECOND, *people, **values)


def _shown(owner: User) -> set[Moment]:
    return set(tops(moments_visible_to(owner)))


def _angles(moment: Moment) -> list[Moment]:
    return angles_of(moment, moments_visible_to(moment.owner))


def test_the_better_angle_of_an_instant_is_on_top_and_the_other_one_click_away(
    owner: User, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    worse = _moment(left, 10, lisa, score=0.4)
    better = _moment(right, 10.9, lisa, score=0.8)

    assert _shown(owner) == {better}
    assert count_under([better.pk, worse.pk]) == {better.pk: 1}
    assert _angles(better) == [worse]
    assert _angles(worse) == [better]


def test_three_cameras_are_one_instant_with_two_other_angles(
    owner: User, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    balcony = make_session(owner, concert=left.concert)
    second = _moment(left, 10, lisa, score=0.4)
    best = _moment(right, 10.5, lisa, score=0.8)
    third = _moment(balcony, 10.2, lisa, score=None)

    assert _shown(owner) == {best}
    assert count_under([best.pk]) == {best.pk: 2}
    assert _angles(best) == [second, third]
    assert _angles(third) == [best, second]


@pytest.mark.parametrize(
    ("seconds", "is_one"),
    [
        pytest.param(0.0, True, id="at once"),
        pytest.param(1.0, True, id="a second later"),
        pytest.param(-1.0, True, id="a second before"),
        pytest.param(1.001, False, id="just more than a second"),
        pytest.param(-30.0, False, id="another instant"),
    ],
)
def test_within_a_second_is_the_same_instant(
    owner: User,
    left: LiveSession,
    right: LiveSession,
    lisa: Person,
    seconds: float,
    is_one: bool,
) -> None:
    _moment(left, 60, lisa, score=0.4)
    _moment(right, 60 + seconds, lisa, score=0.8)
    assert len(_shown(owner)) == (1 if is_one else 2)


def test_moments_of_one_camera_another_star_or_nobody_stay_by_themselves(
    owner: User, left: LiveSession, right: LiveSession, lisa: Person, rose: Person
) -> None:
    everything = {
        _moment(left, 0, lisa, score=0.4),
        _moment(left, 0.5, lisa, score=0.8),
        _moment(right, 0, rose, score=0.9),
        _moment(left, 30, score=0.4),
        _moment(right, 30, score=0.8),
    }
    assert _shown(owner) == everything
    assert count_under([one.pk for one in everything]) == {}


def test_what_shows_one_star_more_is_never_laid_under_what_lacks_her(
    owner: User, left: LiveSession, right: LiveSession, lisa: Person, rose: Person
) -> None:
    both = _moment(left, 0, lisa, rose, kind="group", score=0.4)
    alone = _moment(right, 0, lisa, score=0.8)
    assert _shown(owner) == {both, alone}
    assert _angles(both) == []

    Moment.objects.filter(pk=both.pk).update(score=0.9)
    assert _shown(owner) == {both}, "the better one shows Lisa as well"


def test_another_concert_another_owner_and_no_concert_are_other_instants(
    owner: User, stranger: User, left: LiveSession, lisa: Person
) -> None:
    busan = make_session(owner, concert=Concert.objects.create(owner=owner, name="Busan"))
    theirs = make_session(stranger, concert=left.concert)
    loose, another = make_session(owner), make_session(owner)
    mine = {_moment(one, 0, lisa, score=0.4) for one in (left, busan, loose, another)}
    _moment(theirs, 0, lisa, score=0.9)

    assert _shown(owner) == mine
    assert all(_angles(one) == [] for one in mine)


def test_a_liked_angle_is_on_top_and_of_equal_ones_always_the_same(
    owner: User, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    liked = _moment(left, 0, lisa, score=0.1, liked_at=NOON)
    _moment(right, 0, lisa, score=1.0)
    equal = [_moment(left, 60, lisa, score=None), _moment(right, 60, lisa, score=None)]
    assert _shown(owner) == {liked, min(equal, key=lambda one: one.pk)}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"is_discarded": True}, id="discarded"),
        pytest.param({"binned_at": timezone.now()}, id="in the bin"),
        pytest.param({"state": Moment.State.LOST}, id="lost"),
        pytest.param({"photo": None}, id="without its picture"),
        pytest.param({"concert": None}, id="moved to no concert"),
    ],
)
def test_when_the_top_goes_the_next_angle_comes_up(
    owner: User,
    left: LiveSession,
    right: LiveSession,
    lisa: Person,
    change: dict[str, Any],
) -> None:
    worse = _moment(left, 10, lisa, score=0.4)
    top = _moment(right, 10, lisa, score=0.8)
    Moment.objects.filter(pk=top.pk).update(**change)
    assert worse in _shown(owner)
    assert _angles(worse) == []


def test_when_the_top_is_deleted_its_photo_thrown_away_or_its_star_forgotten_the_next_comes_up(
    owner: User, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    worse = _moment(left, 10, lisa, score=0.2)
    binned, nameless = (_moment(right, 10, lisa, score=score) for score in (0.6, 0.8))
    top = _moment(right, 10, lisa, score=0.9)
    assert _shown(owner) >= {top}
    assert worse not in _shown(owner)

    top.delete()
    nameless.people.clear()
    Photo.objects.filter(pk=binned.photo_id).update(binned_at=timezone.now())
    assert _shown(owner) == {worse, nameless}


def test_a_picture_chosen_by_hand_lies_on_nothing_and_under_nothing(
    owner: User, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    by_hand = _moment(left, 10, lisa, kind="manual", score=0.9)
    other = _moment(right, 10, lisa, score=0.5)
    assert _shown(owner) == {by_hand, other}
    Moment.objects.filter(pk=by_hand.pk).update(score=0.1)
    assert _shown(owner) == {by_hand, other}


def test_a_recorded_feed_is_on_the_clock_of_its_session_and_an_uploaded_video_on_nobodys(
    owner: User, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    recorded, uploaded = (
        Video.objects.create(
            owner=owner, concert=left.concert, session=session, sha256=name, bytes=1
        )
        for session, name in ((left, "a"), (None, "b"))
    )
    live = _moment(right, 0, lisa, score=0.4)
    better = _moment(left, 0.5, lisa, session=None, video=recorded, score=0.6)
    own_live = _moment(left, 1.2, lisa, score=0.5)
    unclocked = _moment(left, 0, lisa, session=None, video=uploaded, score=0.9)

    assert _shown(owner) == {better, own_live, unclocked}
    assert _angles(better) == [live]
    assert _angles(unclocked) == []


def test_of_one_emotion_only_an_angle_with_that_emotion_is_laid_on_top(
    owner: User, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    happy = _moment(left, 0, lisa, score=0.4, emotion="happy")
    _moment(right, 0, lisa, score=0.8, emotion="surprise")
    found = moments_visible_to(owner).filter(emotion="happy")
    assert list(tops(found, emotion="happy")) == [happy]


def _cards(client: Client, **query: Any) -> list[str]:
    page = client.get(reverse("moments:list"), query).content.decode()
    return re.findall(r'data-moment="([^"]+)"', page)


def test_the_grid_shows_an_instant_once_and_one_camera_or_the_liked_ones_whole(
    as_owner: Client, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    worse = _moment(left, 10, lisa, score=0.4, liked_at=NOON)
    top = _moment(right, 10, lisa, score=0.8, liked_at=NOON)

    concert = {"concert": str(left.concert_id)}
    page = as_owner.get(reverse("moments:list"), concert).content.decode()
    assert "1 other angle<" in page
    assert _cards(as_owner, **concert) == _cards(as_owner, person=str(lisa.pk)) == [str(top.pk)]
    ids = as_owner.get(reverse("moments:list"), {"ids": "1"}).json()["ids"]
    assert ids == [[str(top.pk), ""]], "who selects everything selects what is seen"
    assert _cards(as_owner, session=str(left.pk)) == [str(worse.pk)]
    assert set(_cards(as_owner, show="liked")) == {str(worse.pk), str(top.pk)}


def test_the_page_of_a_moment_leads_to_its_other_angles(
    as_owner: Client, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    worse, top = _moment(left, 10, lisa, score=0.41), _moment(right, 10, lisa, score=0.82)
    LiveSession.objects.filter(pk=left.pk).update(title="From the left")
    addresses = {one: reverse("moments:moment", args=[one.pk]) for one in (worse, top)}

    page = as_owner.get(addresses[top]).content.decode()
    assert "Other angles" in page
    assert f'class="angle" href="{addresses[worse]}"' in page
    assert "From the left" in page
    assert "on top" not in page.split('class="angle"')[1]
    assert "on top" in as_owner.get(addresses[worse]).content.decode().split('class="angle"')[1]

    assert as_owner.post(reverse("moments:delete", args=[top.pk])).status_code == 302
    assert "Other angles" not in as_owner.get(addresses[worse]).content.decode()
    assert _cards(as_owner) == [str(worse.pk)]


def test_a_stranger_sees_nothing_of_an_angle(
    client: Client, stranger: User, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    worse, top = _moment(left, 10, lisa, score=0.4), _moment(right, 10, lisa, score=0.8)
    client.force_login(stranger)
    for one in (worse, top):
        assert client.get(reverse("moments:moment", args=[one.pk])).status_code == 404
    assert _cards(client) == []
    assert angles_of(top, moments_visible_to(stranger)) == []


def test_the_night_counts_an_instant_once(
    owner: User, seoul: Concert, left: LiveSession, right: LiveSession, lisa: Person
) -> None:
    _moment(left, 10, lisa, score=0.4)
    top = _moment(right, 10, lisa, score=0.8)
    night = night_of(owner.pk, seoul)
    assert night.best == [top]
    assert night.best[0].angles == 1
    assert night.stars[0].moments == [top]


def test_other_angles_cost_no_query_more_the_more_there_are(
    as_owner: Client,
    left: LiveSession,
    right: LiveSession,
    lisa: Person,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for second in range(0, 40, 4):
        _moment(left, second, lisa, score=0.4)
        _moment(right, second, lisa, score=0.8)
    with django_assert_max_num_queries(13):
        assert len(_cards(as_owner)) == 10
