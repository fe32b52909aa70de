"""What is done to many moments at once."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.moments.cast import make_moment
from webapp.accounts.models import User
from webapp.moments.models import Moment, Reel
from webapp.photos.models import Concert, Photo

pytestmark = pytest.mark.django_db


def test_the_grid_tells_a_script_all_its_moments(owner: User, as_owner: Client) -> None:
    moments = [make_moment(owner) for _ in range(3)]
    make_moment(owner, is_discarded=True)
    answer = as_owner.get(reverse("moments:list"), {"ids": "1"})
    assert {pk for pk, _ in answer.json()["ids"]} == {str(moment.pk) for moment in moments}


def test_moments_are_liked_and_unliked_together(owner: User, as_owner: Client) -> None:
    moments = ",".join(str(make_moment(owner).pk) for _ in range(3))
    url = reverse("moments:selected-like")
    assert as_owner.post(url, {"moments": moments, "value": "1"}).json()["changed"] == 3
    assert Moment.objects.exclude(liked_at=None).count() == 3
    assert as_owner.post(url, {"moments": moments, "value": "1"}).json()["changed"] == 0
    as_owner.post(url, {"moments": moments, "value": "0"})
    assert not Moment.objects.exclude(liked_at=None).exists()


def test_moments_move_to_a_concert_with_all_their_frames(owner: User, as_owner: Client) -> None:
    moment, concert = (
        make_moment(owner, alternates=2),
        Concert.objects.create(owner=owner, name="S"),
    )
    fields = {"moments": str(moment.pk), "concert": str(concert.pk)}
    as_owner.post(reverse("moments:selected-concert"), fields)
    assert Moment.objects.get().concert == concert
    assert Photo.objects.filter(concert=concert).count() == 3


def test_a_reel_is_made_of_what_was_chosen(owner: User, as_owner: Client) -> None:
    chosen = [make_moment(owner) for _ in range(2)]
    make_moment(owner)
    fields = {"moments": ",".join(str(moment.pk) for moment in chosen)}
    as_owner.post(reverse("moments:selected-reel"), fields)
    assert set(Reel.objects.get().photos.all()) == {moment.photo for moment in chosen}


@pytest.mark.parametrize("name", ["bin", "restore", "erase", "like", "concert", "reel", "download"])
def test_nothing_is_done_to_moments_of_others(owner: User, as_stranger: Client, name: str) -> None:
    moment = make_moment(owner)
    fields = {"moments": str(moment.pk), "value": "1"}
    assert as_stranger.post(reverse(f"moments:selected-{name}"), fields).status_code == 404
    moment.refresh_from_db()
    assert (moment.binned_at, moment.liked_at) == (None, None)
