"""How many cameras film a concert, told to each, and a camera's time asked by its socket."""

import json
import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from tests.webapp.live.conftest import Camera, film, until
from tests.webapp.live.engine import FakeEngine
from webapp.accounts.models import User
from webapp.live import services
from webapp.live.camera import company
from webapp.live.camera.recogniser import recogniser
from webapp.live.models import LiveSession
from webapp.live.queries import cameras_beside
from webapp.photos.models import Concert

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seoul(owner: User) -> Concert:
    return Concert.objects.create(owner=owner, name="Seoul")


def _filming(owner: User, concert: Concert | None) -> LiveSession:
    session = services.start_session(owner.pk, "Beside", concert)
    services.note_filming(session.pk)
    return session


def test_only_ones_own_cameras_on_air_at_the_same_concert_count(
    owner: User, stranger: User, seoul: Concert
) -> None:
    mine = _filming(owner, seoul)
    assert cameras_beside(mine.pk) == 0
    beside = [_filming(owner, seoul) for _ in range(3)]
    _filming(owner, Concert.objects.create(owner=owner, name="Busan"))
    _filming(stranger, seoul)
    services.start_session(owner.pk, "Prepared", seoul)
    loose = _filming(owner, None)
    _filming(owner, None)

    assert cameras_beside(mine.pk) == 3
    assert cameras_beside(loose.pk) == 0, "no concert is no common concert"
    services.end_session(beside[0])
    services.note_silence(beside[1].pk)
    assert cameras_beside(mine.pk) == 1
    past = timezone.now() - timedelta(seconds=1)
    LiveSession.objects.filter(pk=beside[2].pk).update(on_air_until=past)
    assert cameras_beside(mine.pk) == 0


async def test_a_camera_hears_of_another_one_that_comes_and_goes(
    owner: User,
    as_owner: Client,
    seoul: Concert,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(company, "PAUSE_SECONDS", 0.05)
    session = await sync_to_async(services.start_session)(owner.pk, "Left", seoul)
    camera = await film(session, as_owner)
    other = await sync_to_async(_filming)(owner, seoul)
    while (heard := await camera.hear("company"))["others"] == 0:
        pass
    assert heard["others"] == 1
    await sync_to_async(services.end_session)(other)
    assert await camera.hear("company") == {"type": "company", "others": 0}
    await camera.disconnect()


async def _answer(camera: Camera, clock_ms: float) -> None:
    """Say what time it is on a camera's clock, to the next question."""
    asked = await camera.hear("clock")
    stamps = {"received_at": clock_ms, "sent_at": clock_ms}
    await camera.say(json.dumps({"type": "clock", "exchange": asked["exchange"], **stamps}))


async def test_the_socket_measures_a_clock_that_is_wrong_by_hours(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    behind = 5 * 3_600_000.0
    camera = await film(session, as_owner)
    filming = recogniser().broadcast.camera(session.pk)
    assert filming is not None
    clock = filming._capturing.clock
    for _ in range(2):
        await _answer(camera, 1000 * time.time() - behind)
    await until(lambda: abs(clock.ahead_ms - behind) < 5000, "the clock is measured")
    await camera.disconnect()
