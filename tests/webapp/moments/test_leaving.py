"""A camera leaves while the database is busy: what was heard before is written all the same."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import OperationalError
from django.test import Client

from tests.webapp.live.conftest import Camera, film
from tests.webapp.live.engine import FakeEngine
from tests.webapp.moments.capture.test_live_capture import tell
from webapp.live.camera import capturing
from webapp.live.models import LiveSession
from webapp.moments.capture.keeper import MomentKeeper
from webapp.moments.models import Moment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try a moment again quickly, and as often as a test needs."""
    monkeypatch.setattr(capturing, "ATTEMPT_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(capturing, "ATTEMPTS", 1000)


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception, int], threading.Event]:
    """Return what makes the shutter of one frame fail until the event is set."""

    def make(error: Exception, frame: int) -> threading.Event:
        press, is_over = MomentKeeper.press, threading.Event()

        def fails(self: MomentKeeper, filming: Any, frames: Any, time: Any) -> Any:
            if frames[0]["frame"] == frame and not is_over.is_set():
                raise error
            return press(self, filming, frames, time)

        monkeypatch.setattr(MomentKeeper, "press", fails)
        return is_over

    return make


async def shoot(socket: Camera, *frames: int) -> None:
    for number in frames:
        await tell(socket, type="shutter", frame=number, captured_at=60.0 * number)


async def leave(socket: Camera) -> None:
    """Leave without waiting until the server noticed."""
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})


async def test_what_was_heard_is_written_although_the_thread_of_the_database_was_busy(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    is_free = threading.Event()
    busy = asyncio.create_task(database_sync_to_async(is_free.wait)(10))
    await shoot(socket, 1, 2, 3, 4)
    await leave(socket)
    await asyncio.sleep(0.1)
    is_free.set()
    await socket.wait(timeout=5)
    await busy
    assert await Moment.objects.acount() == 4


async def test_what_was_heard_is_written_although_the_database_was_locked(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    trouble: Callable[[Exception, int], threading.Event],
) -> None:
    is_over = trouble(OperationalError("database is locked"), 1)
    socket = await film(session, as_owner)
    await shoot(socket, 1, 2)
    await leave(socket)
    await asyncio.sleep(0.1)
    is_over.set()
    await socket.wait(timeout=5)
    assert await Moment.objects.acount() == 2


async def test_a_camera_that_came_back_is_asked_for_what_was_written_after_it_said_resume(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    trouble: Callable[[Exception, int], threading.Event],
) -> None:
    is_over = trouble(OperationalError("database is locked"), 1)
    first = await film(session, as_owner)
    await shoot(first, 1)
    await leave(first)
    second = await film(session, as_owner)
    await tell(second, type="resume")
    await shoot(second, 2)
    assert (await second.hear("capture"))["frames"] == [{"frame": 2, "captured_at": 120.0}]
    is_over.set()
    asked = await second.hear("capture")
    assert asked["frames"] == [{"frame": 1, "captured_at": 60.0}]
    assert asked["is_repeated"]
    await first.wait(timeout=5)
    await second.disconnect()


async def test_a_moment_that_breaks_takes_no_other_one_with_it(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    trouble: Callable[[Exception, int], threading.Event],
) -> None:
    trouble(ValueError("a mistake of ours"), 1)
    socket = await film(session, as_owner)
    await shoot(socket, 1, 2)
    assert await socket.close_code() == 1011
    await socket.disconnect()
    assert [frame async for frame in Moment.objects.values_list("frames__number", flat=True)] == [2]


async def test_a_database_that_stays_locked_holds_a_camera_that_left_only_for_some_seconds(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    trouble: Callable[[Exception, int], threading.Event],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(capturing, "END_SECONDS", 0.3)
    is_over = trouble(OperationalError("database is locked"), 1)
    socket = await film(session, as_owner)
    await shoot(socket, 1, 2)
    await socket.disconnect()
    assert "a camera left and the database was busy for 0 s" in caplog.text
    is_over.set()
    while not await Moment.objects.filter(frames__number=1).aexists():  # It was begun and goes on.
        await asyncio.sleep(0.02)
