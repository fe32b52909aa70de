"""The night of a concert: diverse, for each star, with its peaks, and only its owner's."""

from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.evening import NOON, make_bare_moment, make_sample, make_session
from webapp.accounts.models import User
from webapp.moments.models import Reel
from webapp.moments.pages.night import BEST, best_of_night, night_of, pictures_of_night
from webapp.photos.models import Concert


@pytest.fixture
def seoul(owner: User) -> Concert:
    return Concert.objects.create(owner=owner, name="Seoul")


def _times(moments: list[Any]) -> list[float]:
    return [(moment.at - NOON).total_seconds() / 60 for moment in moments]


def test_the_best_are_of_all_stars_although_one_has_the_highest_scores(
    owner: User, seoul: Concert
) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rosé")
    for minute in range(20):
        make_bare_moment(owner, minute, lisa, concert=seoul, score=0.9)
        make_bare_moment(owner, minute + 0.5, rose, concert=seoul, score=0.5)
    best = night_of(owner.pk, seoul).best
    assert len(best) == BEST
    assert _times(best) == sorted(_times(best))
    by_rose = [one for one in best if rose in one.people.all()]
    assert len(by_rose) >= 4


def test_the_same_instant_is_shown_once(owner: User, seoul: Concert) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rosé")
    first = make_bare_moment(owner, 0, lisa, concert=seoul, score=0.9)
    make_bare_moment(owner, 0, rose, concert=seoul, score=0.8, photo=first.photo)
    make_bare_moment(owner, 0.05, lisa, concert=seoul, score=0.7)
    make_bare_moment(owner, 2, lisa, concert=seoul, score=0.1)
    assert _times(night_of(owner.pk, seoul).best) == pytest.approx([0, 0.05, 2])
    for minute in range(3, 14):
        make_bare_moment(owner, minute, lisa, concert=seoul, score=0.2)
        make_bare_moment(owner, minute, rose, concert=seoul, score=0.2)
    assert 0.05 not in _times(night_of(owner.pk, seoul).best), "three seconds after is no other"


def test_each_star_has_three_and_groups_stand_together(owner: User, seoul: Concert) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rosé")
    for minute in range(5):
        make_bare_moment(owner, minute, lisa, concert=seoul, score=0.5 + minute / 100)
    make_bare_moment(owner, 30, lisa, rose, concert=seoul, kind="group", score=0.3)
    night = night_of(owner.pk, seoul)
    assert [star.person.name for star in night.stars] == ["Lisa", "Rosé"]
    assert _times(night.stars[0].moments) == [2, 3, 4]
    assert _times(night.groups) == [30]
    # What a link lets be seen, and what a reel is made of, is known without reading everything.
    assert pictures_of_night(owner.pk, seoul) == {one.photo_id for one in night.moments()}
    assert best_of_night(owner.pk, seoul) == night.best


def test_a_liked_moment_is_among_the_best_whatever_its_score(owner: User, seoul: Concert) -> None:
    lisa = make_person(owner, "Lisa")
    for minute in range(15):
        make_bare_moment(owner, minute, lisa, concert=seoul, score=0.9)
    make_bare_moment(owner, 40, lisa, concert=seoul, score=0.1, liked_at=NOON)
    assert 40 in _times(night_of(owner.pk, seoul).best)


def test_the_peaks_are_when_the_stars_expressed_most(owner: User, seoul: Concert) -> None:
    lisa = make_person(owner, "Lisa")
    session = make_session(owner, concert=seoul)
    for second in range(0, 600, 5):
        make_sample(lisa, second, 0.9 if 300 <= second < 315 else 0.05, session=session, count=20)
    make_bare_moment(owner, 5.1, lisa, concert=seoul, session=session)
    peaks = night_of(owner.pk, seoul).peaks
    highest = next(peak for peak in peaks if peak.moments)
    assert (highest.at - NOON).total_seconds() == 300
    assert (highest.names, highest.emotion) == (["Lisa"], "happy")
    gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(peaks)]
    assert min(gaps) >= 120


def test_the_page_shows_it_and_makes_a_reel(
    owner: User, seoul: Concert, as_owner: Client, as_stranger: Client
) -> None:
    page = reverse("moments:night", args=[seoul.pk])
    assert "No moments of this concert yet" in as_owner.get(page).content.decode()
    moment = make_bare_moment(owner, 0, make_person(owner, "Lisa"), concert=seoul)
    content = as_owner.get(page).content.decode()
    assert reverse("moments:moment", args=[moment.pk]) in content
    assert reverse("sharing:concert", args=[seoul.pk]) in content
    assert page in as_owner.get(reverse("analysis:concert", args=[seoul.pk])).content.decode()
    assert as_stranger.get(page).status_code == 404

    as_owner.post(reverse("moments:night-reel", args=[seoul.pk]))

    reel = Reel.objects.get()
    assert (reel.title, reel.photo_count) == ("Seoul", 1)


def test_a_night_costs_few_queries(
    owner: User, seoul: Concert, as_owner: Client, django_assert_max_num_queries: Any
) -> None:
    stars = [make_person(owner, name) for name in ("A", "B", "C")]
    for minute in range(60):
        make_bare_moment(owner, minute, stars[minute % 3], concert=seoul)
    page = reverse("moments:night", args=[seoul.pk])
    with django_assert_max_num_queries(16):
        as_owner.get(page)
