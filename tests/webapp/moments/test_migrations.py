"""What migrations make of rows that were there before."""

from importlib import import_module

import pytest
from django.apps import apps

from tests.webapp.analysis.cast import make_person
from webapp.accounts.models import User
from webapp.moments.models import Reel
from webapp.photos.models import Concert

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
