"""What migrations make of rows that were there before."""

from importlib import import_module

import pytest
from django.apps import apps

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_frame, make_moment
from webapp.accounts.models import User
from webapp.moments.models import Moment, Reel
from webapp.photos.models import Concert

scores = import_module("webapp.moments.migrations.0009_unscored_frames")
titles = import_module("webapp.moments.migrations.0005_titles_without_names")


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        pytest.param("loop", "Lisa & Rose", "Moment", id="an animation"),
        pytest.param("film", "Lisa", "Highlights", id="a star"),
        pytest.param("film", "Lisa, Born Pink", "Born Pink", id="a star at a concert"),
        pytest.param("film", "Lisa, Seoul, Born Pink", "Seoul, Born Pink", id="a comma"),
        pytest.param("film", "Born Pink", "Born Pink", id="a concert"),
        pytest.param("film", "Highlights", "Highlights", id="neither"),
    ],
)
def test_names_of_people_leave_the_titles_of_reels(
    owner: User, stranger: User, kind: str, before: str, after: str
) -> None:
    for name in ("Born Pink", "Seoul, Born Pink"):
        Concert.objects.create(owner=owner, name=name)
    Concert.objects.create(owner=stranger, name="Lisa")
    reel = Reel.objects.create(owner=owner, kind=kind, title=before, photo_count=2)

    titles.take_names_out(apps, None)

    reel.refresh_from_db()
    assert reel.title == after


def test_a_film_that_is_linked_to_its_star_keeps_its_title(owner: User) -> None:
    lisa = make_person(owner, "Lisa")
    reel = Reel.objects.create(owner=owner, title="Lisa", photo_count=1, person_count=1)
    reel.people.add(lisa)

    titles.take_names_out(apps, None)

    reel.refresh_from_db()
    assert reel.title == "Lisa"


def test_scores_that_nobody_gave_become_empty_and_others_stay(owner: User) -> None:
    moment = make_moment(owner, score=0.0, alternates=0)
    moment.frames.update(score=0.0, terms={}, reason=scores.BETWEEN)
    scored = make_frame(moment, score=0.6)
    lowest = make_frame(moment, score=0.0)
    peak = make_frame(moment, score=0.601, terms={}, reason=scores.BETWEEN)
    by_hand = make_moment(owner, score=0.0, alternates=0)
    by_hand.frames.update(score=0.0, terms={})
    usual = make_moment(owner)

    scores.take_made_up_scores_out(apps, None)

    told = dict(moment.frames.values_list("pk", "score"))
    assert (told.pop(scored.pk), told.pop(lowest.pk)) == (0.6, 0.0)
    assert set(told.values()) == {None}
    assert list(moment.frames.filter(is_peak=True)) == [peak]
    assert [scored_now(one) for one in (moment, by_hand, usual)] == [0.6, None, 0.7]
    assert set(usual.frames.values_list("score", flat=True)) == {0.7, 0.5}


def scored_now(moment: Moment) -> float | None:
    moment.refresh_from_db()
    return moment.score
