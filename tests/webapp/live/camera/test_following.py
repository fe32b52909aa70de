"""The star whom a camera follows: chosen on its page, told to it and to everybody who watches."""

import json
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from tests.webapp.live.conftest import Viewer, film
from tests.webapp.live.engine import FakeEngine
from webapp.accounts.models import User
from webapp.analysis.names.merging import merge_people, undo_merge
from webapp.live import services
from webapp.live.camera import following
from webapp.live.models import LiveSession
from webapp.live.queries import followed_in
from webapp.people.models import Person
from webapp.people.services import ensure_person, remove_person, rename_person

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = {"type": "following", "person": "", "name": ""}


@pytest.fixture
def star(owner: User) -> Person:
    return ensure_person(owner.pk, "Minji")


def follows(person: object) -> str:
    """Return what the camera page says."""
    return json.dumps({"type": "follow", "person": str(person)})


def told(star: Person, name: str = "Minji") -> dict[str, str]:
    return {"type": "following", "person": str(star.pk), "name": name}


async def test_camera_and_viewers_hear_at_once_who_is_followed_and_who_comes_later_too(
    session: LiveSession, as_owner: Client, engine: FakeEngine, star: Person
) -> None:
    camera = await film(session, as_owner)
    viewer = Viewer(session, as_owner)
    assert await viewer.connect()
    assert (await viewer.receive_json())["type"] == "on_air"
    await camera.say(follows(star.pk))
    while (heard := await camera.hear("following")) == NOBODY:
        pass
    assert heard == told(star)
    assert await viewer.receive_json() == told(star)

    again = await film(session, as_owner)
    assert await again.hear("following") == told(star)
    late = Viewer(session, as_owner)
    assert await late.connect()
    assert await late.receive_json() == told(star)
    await again.say(follows(""))
    assert await again.hear("following") == NOBODY
    assert await late.receive_json() != told(star)
    for socket in (again, viewer, late):
        await socket.disconnect()


async def test_nobody_is_followed_who_is_not_the_owners(
    session: LiveSession, as_owner: Client, engine: FakeEngine, stranger: User
) -> None:
    hers = await sync_to_async(ensure_person)(stranger.pk, "Minji")
    camera = await film(session, as_owner)
    assert await camera.hear("following") == NOBODY
    for wrong in (hers.pk, uuid4()):
        await camera.say(follows(wrong))
        assert await camera.hear("following") == NOBODY
    await camera.say(follows("no id"))
    assert (await camera.hear("problem"))["code"] == "bad_message"
    await sync_to_async(session.refresh_from_db)()
    assert session.followed is None
    await camera.disconnect()


async def test_a_star_who_is_renamed_or_deleted_is_told_so_while_the_camera_films(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    star: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "PAUSE_SECONDS", 0.05)
    await sync_to_async(services.follow)(session.pk, session.owner_id, star.pk)
    camera = await film(session, as_owner)
    assert await camera.hear("following") == told(star)
    await sync_to_async(rename_person)(star, "Kim Minji", "")
    assert await camera.hear("following") == told(star, "Kim Minji")
    await sync_to_async(remove_person)(star)
    assert await camera.hear("following") == NOBODY
    await camera.disconnect()


def test_who_becomes_another_person_is_followed_on_and_back(
    session: LiveSession, owner: User, star: Person
) -> None:
    other = ensure_person(owner.pk, "Kim Minji")
    services.follow(session.pk, owner.pk, star.pk)
    merge = merge_people(star, other)
    assert followed_in(session.pk) == other
    undo_merge(merge)
    assert str(followed_in(session.pk)) == "Minji"


def test_the_camera_page_offers_the_owners_stars_and_remembers_the_choice(
    session: LiveSession, as_owner: Client, owner: User, stranger: User, star: Person
) -> None:
    ensure_person(stranger.pk, "Somebody else")
    services.follow(session.pk, owner.pk, star.pk)
    page = as_owner.get(f"/live/{session.pk}/camera/").content.decode()
    assert f'<option value="{star.pk}" selected>Minji</option>' in page
    assert "Somebody else" not in page
