"""What is captured, and what was learnt."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.evening import NOON, make_bare_moment
from webapp.accounts.models import User
from webapp.moments.models import Taste
from webapp.vision import usual_weights

TASTE = "/moments/taste/"


def test_without_a_taste_the_usual_wishes_are_shown(as_owner: Client) -> None:
    form = as_owner.get(TASTE).context["form"]

    assert (form.initial["is_wanted"], form.initial["anyone"]) == (True, False)
    assert not Taste.objects.exists()


def test_wishes_are_kept(owner: User, as_owner: Client) -> None:
    lisa, _ = make_person(owner, "Lisa"), make_person(owner, "Rose")

    as_owner.post(TASTE, {"anyone": "on", "per_minute": "7", "favourites": [str(lisa.pk)]})

    taste = Taste.objects.get(owner=owner)
    assert (taste.is_wanted, taste.anyone, taste.per_minute) == (False, True, 7)
    assert list(taste.favourites.all()) == [lisa]
    page = as_owner.get(TASTE).content.decode()
    assert page.count(" checked") == 2


@pytest.mark.parametrize("per_minute", ["0", "21", "-1", "many", ""])
def test_an_impossible_number_is_refused(as_owner: Client, per_minute: str) -> None:
    response = as_owner.post(TASTE, {"per_minute": per_minute})

    assert response.status_code == 400
    assert not Taste.objects.exists()


def test_somebody_elses_star_cannot_be_a_favourite(
    owner: User, stranger: User, as_stranger: Client
) -> None:
    lisa = make_person(owner, "Lisa")

    response = as_stranger.post(TASTE, {"per_minute": "4", "favourites": [str(lisa.pk)]})

    assert response.status_code == 400
    assert "Lisa" not in as_stranger.get(TASTE).content.decode()


def test_what_was_learnt_is_said_in_words_and_can_be_forgotten(
    owner: User, as_owner: Client
) -> None:
    usual = usual_weights()
    weights = {**usual, "eyes": 3 * usual["eyes"], "size": 0.0}
    Taste.objects.create(owner=owner, weights=weights, learnt_from=61)
    make_bare_moment(owner, liked_at=NOON, judged_at=NOON)

    page = as_owner.get(TASTE).content.decode()
    assert "61 likes and discards" in page
    assert page.index("Counts for more") < page.index("eyes open") < page.index("Counts for less")
    assert "1 of 50" in page

    as_owner.post(reverse("moments:taste-reset"))
    page = as_owner.get(TASTE).content.decode()
    assert "Nothing yet" in page
    assert "0 of 50" in page
