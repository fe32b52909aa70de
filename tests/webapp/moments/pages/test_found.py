"""The sentence about a film or a live session that is over: right for whoever reads it."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.factories import make_user
from tests.webapp.access.conftest import signed_in
from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import make_video
from webapp.access.models import Role
from webapp.access.services import share_with
from webapp.accounts.models import User
from webapp.live.models import LiveSession
from webapp.live.services import start_session
from webapp.moments.models import Moment, Video
from webapp.moments.pages.found import Found, found_in
from webapp.photos import counts
from webapp.photos.models import Concert, Photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def concert(owner: User) -> Concert:
    return Concert.objects.create(owner=owner, name="Seoul")


@pytest.fixture
def video(owner: User, concert: Concert) -> Video:
    """A film of the concert: Lisa twice, Rosé once, and somebody unknown."""
    made = make_video(owner, 0.5, concert=concert, display_name="fancam.mp4")
    lisa, rose = make_person(owner, "Lisa", axis=1), make_person(owner, "Rosé", axis=2)
    for people in ([lisa], [lisa], [rose], []):
        moment = make_moment(owner, alternates=0, video=made, concert=concert)
        moment.people.set(people)
        put(moment.photo_id, concert=concert)
    return made


def put(photo_id: Any, **values: Any) -> None:
    """Change a photo as a page does, which marks what is counted."""
    with transaction.atomic(), counts.changing([photo_id]):
        Photo.objects.filter(pk=photo_id).update(**values)


def found(user: User, thing: Video | LiveSession) -> Found:
    kind = "video" if isinstance(thing, Video) else "session"
    answer = found_in(user, kind, thing.pk)
    assert answer is not None
    return answer


def test_a_film_is_told_of_with_its_moments_and_stars(owner: User, video: Video) -> None:
    said = found(owner, video)
    assert said.sentence() == "The film of Seoul: 4 moments of 2 stars."
    assert said.sentence_with_names() == "The film of Seoul: 4 moments of Lisa, Rosé."
    assert said.sentence_without_names() == "A film: 4 moments of 2 stars."
    assert said.page == reverse("moments:night", args=[video.concert_id])
    assert said.link == "Look at the night"


def test_what_is_in_the_bin_or_discarded_is_not_counted(owner: User, video: Video) -> None:
    first, second, *_ = video.moments.order_by("pk")
    first.is_discarded = True
    first.save()
    put(second.photo_id, binned_at="2026-01-01T00:00:00Z")
    assert found(owner, video).moments == 2


def test_what_belongs_to_no_concert_leads_to_itself(owner: User) -> None:
    video = make_video(owner, 0.5, display_name="fancam.mp4")
    session = start_session(owner.pk, "Front row", None)
    assert found(owner, video).sentence() == "The film “fancam.mp4”: no moment was found."
    assert found(owner, video).page == reverse("moments:video", args=[video.pk])
    make_moment(owner, session=session)
    said = found(owner, session)
    assert said.sentence() == "The live session “Front row”: 1 moment."
    assert said.sentence_without_names() == "A live session: 1 moment."
    assert said.page == f"/moments/?session={session.pk}"
    assert Client().get(said.page).status_code == 302
    assert signed_in(owner).get(said.page).status_code == 200


@pytest.mark.parametrize(
    ("names", "words"),
    [
        pytest.param(["Lisa"], "Lisa", id="one"),
        pytest.param(["Jisoo", "Lisa", "Rosé"], "Jisoo, Lisa, Rosé", id="three"),
        pytest.param(["A", "B", "C", "D", "E"], "A, B, C and 2 more", id="more"),
    ],
)
def test_a_few_names_are_told_and_the_rest_counted(names: Sequence[str], words: str) -> None:
    said = Found("A", "A", 1, list(names), "/", "")
    assert said.sentence_with_names() == f"A: 1 moment of {words}."


def test_it_is_said_in_the_language_of_who_asks(owner: User, video: Video) -> None:
    with translation.override("ko"):
        said = found(owner, video).sentence()
    assert "Seoul" in said
    assert "moments" not in said


def test_members_hear_of_what_they_may_see(owner: User, video: Video, concert: Concert) -> None:
    fan = make_user("fan")
    share_with(concert, fan, Role.FAN)
    hidden = video.moments.order_by("pk").first()
    assert hidden is not None
    Moment.objects.filter(pk=hidden.pk).update(concert=None)
    assert found(owner, video).moments == 4
    assert found(fan, video).moments == 3
    answer = signed_in(fan).get(reverse("moments:found-in-video", args=[video.pk]))
    assert answer.json()["sentence"].startswith("The film of Seoul: 3 moments")
    assert signed_in(fan).get(answer.json()["page"]).status_code == 200


def test_members_hear_of_a_session_of_their_concert_and_not_of_its_title(
    owner: User, concert: Concert
) -> None:
    fan = make_user("fan")
    share_with(concert, fan, Role.FAN)
    session = start_session(owner.pk, "My secret seat", concert)
    said = found(fan, session)
    assert said.sentence() == "The live session of Seoul: no moment was found."
    concert.members.all().delete()
    assert found_in(fan, "session", session.pk) is None


@pytest.mark.parametrize("name", ["moments:found-in-video", "moments:found-in-session"])
def test_strangers_learn_nothing(owner: User, video: Video, name: str) -> None:
    session = start_session(owner.pk, "Live", None)
    thing: Any = video if "video" in name else session
    address = reverse(name, args=[thing.pk])
    assert signed_in(make_user("stranger")).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert signed_in(owner).get(address).status_code == 200


def test_a_film_in_the_bin_is_not_told_of_any_more(owner: User, video: Video) -> None:
    Video.objects.update(binned_at="2026-01-01T00:00:00Z")
    assert found_in(owner, "video", video.pk) is None
