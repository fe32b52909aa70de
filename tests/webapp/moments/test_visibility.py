"""What belongs to one user does not exist for another."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.evening import make_sample, make_session
from webapp.accounts.models import User
from webapp.moments.models import Moment, Reel, Video
from webapp.moments.reel.services import file_of
from webapp.moments.urls import urlpatterns
from webapp.moments.video.storage import file_of as video_file_of
from webapp.photos.models import Concert

UPLOADS = {"video-upload", "clip-upload", "recording-upload"}
"""Their ids are no belongings but what is on its way; every route is tried in ``test_routes``."""


def with_ids() -> Iterator[Any]:
    """Yield every address that holds an id."""
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        if pattern.pattern.converters and pattern.name not in UPLOADS:
            yield pytest.param(f"moments:{pattern.name}", list(pattern.pattern.converters))


@pytest.fixture
def belongings(owner: User) -> dict[str, Any]:
    """One of everything that has an id, all of it the owner's."""
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    session = make_session(owner, concert=concert)
    video = Video.objects.create(
        owner=owner,
        display_name="fancam.mp4",
        sha256="0" * 64,
        bytes=1,
        concert=concert,
        duration_seconds=1.0,
    )
    video_file_of(video.pk).parent.mkdir(parents=True)
    video_file_of(video.pk).write_bytes(b"film")
    person = make_person(owner, "Lisa")
    moment = make_moment(owner, session=session, concert=concert)
    moment.people.set([person])
    make_sample(person, 0, 0.5, session=session)
    reel = Reel.objects.create(owner=owner, title="Lisa", photo_count=0, state=Reel.State.READY)
    file_of(reel).parent.mkdir()
    file_of(reel).write_bytes(b"film")
    return {
        "moment_id": moment.pk,
        "person_id": person.pk,
        "reel_id": reel.pk,
        "concert_id": concert.pk,
        "session_id": session.pk,
        "track_id": video.tracks.create(start_ms=0, stop_ms=1, boxes=[[0, 1, 1, 9, 9]]).pk,
        "video_id": video.pk,
    }


@pytest.mark.parametrize(("name", "parts"), list(with_ids()))
def test_a_stranger_gets_404_and_changes_nothing(
    name: str, parts: list[str], belongings: dict[str, Any], as_stranger: Client
) -> None:
    url = reverse(name, kwargs={part: belongings[part] for part in parts})

    statuses = {as_stranger.get(url).status_code, as_stranger.post(url, {"frame": 1}).status_code}

    assert 404 in statuses
    assert statuses <= {404, 405}
    moment = Moment.objects.get()
    assert (moment.liked_at, moment.is_discarded) == (None, False)
    assert Reel.objects.count() == Video.objects.count() == 1


@pytest.mark.parametrize(("name", "parts"), list(with_ids()))
def test_the_owner_gets_an_answer(
    name: str, parts: list[str], belongings: dict[str, Any], as_owner: Client
) -> None:
    url = reverse(name, kwargs={part: belongings[part] for part in parts})

    statuses = {as_owner.get(url).status_code, as_owner.post(url, {"name": "Rosé"}).status_code}

    assert statuses & {200, 302}


@pytest.mark.parametrize("name", ["list", "reels", "timelines", "taste"])
def test_lists_of_a_stranger_name_nothing_of_the_owner(
    name: str, belongings: dict[str, Any], as_stranger: Client
) -> None:
    text = as_stranger.get(reverse(f"moments:{name}")).content.decode()

    for secret in ("Lisa", "Born Pink", "Row 4", "fancam", str(belongings["moment_id"])):
        assert secret not in text


def test_a_strangers_star_or_concert_cannot_be_put_into_a_film(
    belongings: dict[str, Any], stranger: User, as_stranger: Client
) -> None:
    for field in ("person", "concert"):
        fields = {"count": "10", field: str(belongings[f"{field}_id"])}
        assert as_stranger.post(reverse("moments:reels"), fields).status_code == 400
    assert not Reel.objects.filter(owner=stranger).exists()


@pytest.mark.parametrize("name", ["like", "discard", "pick", "delete", "animate"])
def test_nothing_is_changed_by_looking(
    name: str, belongings: dict[str, Any], as_owner: Client
) -> None:
    url = reverse(f"moments:{name}", args=[belongings["moment_id"]])

    assert as_owner.get(url).status_code == 405
