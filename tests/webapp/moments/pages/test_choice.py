"""What a night is chosen among: the liked first, then by score, and no more than is looked at."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.evening import NOON, make_bare_moment
from webapp.accounts.models import User
from webapp.moments.pages import choice
from webapp.moments.pages.choice import candidates_of
from webapp.photos.models import Concert


@pytest.fixture
def seoul(owner: User) -> Concert:
    return Concert.objects.create(owner=owner, name="Seoul")


def test_the_liked_come_first_and_what_nobody_scored_last(owner: User, seoul: Concert) -> None:
    unscored = make_bare_moment(owner, 1, concert=seoul, score=None)
    low = make_bare_moment(owner, 2, concert=seoul, score=0.1)
    high = make_bare_moment(owner, 3, concert=seoul, score=0.9)
    later = make_bare_moment(owner, 4, concert=seoul, liked_at=NOON + timedelta(hours=1))
    first = make_bare_moment(owner, 5, concert=seoul, score=None, liked_at=NOON)

    found = [one.id for one in candidates_of(owner.pk, seoul)]

    assert found == [one.pk for one in (first, later, high, low, unscored)]


def test_no_more_are_looked_at_than_is_said(
    owner: User,
    seoul: Concert,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for minute in range(4):
        make_bare_moment(owner, minute, concert=seoul, liked_at=NOON + timedelta(minutes=minute))
    make_bare_moment(owner, 9, concert=seoul)
    monkeypatch.setattr(choice, "LOOKED_AT", 3)
    # Of several cameras, the liked, and whom they show; nothing of the others.
    with django_assert_num_queries(3):
        found = candidates_of(owner.pk, seoul)
    assert [one.at for one in found] == [NOON + timedelta(minutes=minute) for minute in range(3)]


def test_a_candidate_knows_everybody_it_shows(owner: User, seoul: Concert) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rosé")
    make_bare_moment(owner, 1, lisa, rose, concert=seoul, score=0.9)
    make_bare_moment(owner, 2, concert=seoul, score=0.1)
    both, nobody = candidates_of(owner.pk, seoul)
    assert (both.people, nobody.people) == ({lisa.pk, rose.pk}, set())


@pytest.mark.parametrize("how", ["discarded", "binned", "photo binned", "elsewhere", "wanted"])
def test_what_is_not_shown_is_not_chosen(owner: User, seoul: Concert, how: str) -> None:
    moment = make_bare_moment(owner, 1, concert=seoul)
    assert len(candidates_of(owner.pk, seoul)) == 1
    if how == "photo binned":
        moment.photo.binned_at = timezone.now()
        moment.photo.save()
    changes = {
        "discarded": {"is_discarded": True},
        "binned": {"binned_at": timezone.now()},
        "elsewhere": {"concert": None},
        "wanted": {"state": "wanted"},
    }
    for name, value in changes.get(how, {}).items():
        setattr(moment, name, value)
    moment.save()
    assert candidates_of(owner.pk, seoul) == []
