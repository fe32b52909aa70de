"""A camera says that its stream is over, and stays to be asked for the last pictures."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.webapp.live.conftest import Camera, Viewer, film, until
from tests.webapp.live.engine import FakeEngine
from tests.webapp.moments.capture.test_asking import told_frame
from webapp.live.camera.recogniser import recogniser
from webapp.live.consumers import camera as camera_module
from webapp.live.models import LiveSession
from webapp.moments.models import Moment
from webapp.moments.services import update_taste

pytestmark = pytest.mark.django_db(transaction=True)

OVER = json.dumps({"type": "over"})


@pytest.fixture
def session(session: LiveSession) -> LiveSession:
    """A session whose owner wants moments of anyone."""
    update_taste(session.owner, anyone=True)
    return session


async def settle(socket: Camera) -> None:
    """Wait until everything that the camera said so far was heard, by a message that is refused."""
    await socket.say("settled?")
    await socket.hear("problem")


async def test_the_moment_of_the_last_pictures_is_asked_for_before_the_camera_leaves(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    engine.undecided = {"key": "b" * 32, "frames": [told_frame(1)]}
    socket = await film(session, as_owner)
    await socket.send_frame(1, captured_at=66.0)
    await socket.hear("result")
    await socket.say(OVER)
    asked = await socket.hear("capture")
    assert asked["frames"] == [{"frame": 1, "captured_at": 66.0}]
    assert asked["moment"] == str((await Moment.objects.aget()).pk)
    await socket.disconnect()


async def test_the_engine_hears_it_after_the_last_frame_even_if_that_had_to_wait(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    engine.is_holding = True
    socket = await film(session, as_owner)
    for number in (1, 2, 3):
        await socket.send_frame(number)
    await socket.say(OVER)
    await settle(socket)
    assert engine.over == []
    await engine.answer(engine.frames[0])
    await until(lambda: engine.over, "the engine did not hear that the stream is over")
    assert [header["frame"] for header in engine.frames] == [1, 2, 3]
    await socket.disconnect()


async def test_saying_it_again_does_nothing_and_costs_the_engine_nothing(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await socket.send_frame(1)
    await socket.hear("result")
    for _ in range(50):
        await socket.say(OVER)
    await settle(socket)
    await socket.send_frame(2)
    await socket.hear("result")
    assert engine.over == list(engine.open_cameras)
    await socket.disconnect()


async def test_a_camera_that_films_on_is_on_air_again_and_may_be_over_again(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket, viewer = await film(session, as_owner), Viewer(session, as_owner)
    assert await viewer.connect()
    for number in (1, 2):
        await socket.send_frame(number)
        assert await viewer.receive_json() == {"type": "on_air", "is_on_air": True}
        assert (await viewer.see())[0]["frame"] == number
        await socket.say(OVER)
        assert await viewer.receive_json() == {"type": "on_air", "is_on_air": False}
        await until(lambda times=number: len(engine.over) == times, "the engine did not hear it")
    await socket.disconnect()
    await viewer.disconnect()


async def test_an_answer_after_the_end_is_shown_to_nobody(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    engine.is_holding = True
    socket = await film(session, as_owner)
    await socket.send_frame(1)
    await until(lambda: engine.frames, "the frame did not arrive")
    await socket.say(OVER)
    await settle(socket)
    await engine.answer(engine.frames[0])
    assert (await socket.hear("result"))["frame"] == 1
    channel = recogniser().broadcast.channel(session.pk)
    assert (channel.is_on_air, channel.latest) == (False, None)
    await socket.disconnect()


async def test_a_viewer_who_leaves_meanwhile_does_not_cut_the_camera_off(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket, first = await film(session, as_owner), Viewer(session, as_owner)
    assert await first.connect()
    await socket.say(OVER)
    await settle(socket)
    await first.disconnect()
    await socket.send_frame(1)
    await socket.hear("result")
    second = Viewer(session, as_owner)
    assert await second.connect()
    assert (await second.see())[0]["frame"] == 1
    await second.disconnect()
    await socket.disconnect()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"type": ["over"]}', id="type as a list"),
        pytest.param('{"type": "OVER"}', id="another word"),
        pytest.param('"over"', id="no object"),
        pytest.param('{"type": "over"', id="cut off"),
    ],
)
async def test_what_only_looks_like_it_is_refused_and_the_stream_goes_on(
    text: str, session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await socket.say(text)
    assert (await socket.hear("problem"))["code"] == "bad_message"
    await socket.send_frame(1)
    await socket.hear("result")
    assert engine.over == []
    assert recogniser().broadcast.channel(session.pk).is_on_air
    await socket.disconnect()


async def test_ends_between_frames_do_not_lift_the_limit_of_frames(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(camera_module.settings, "LIVE_FRAMES_BURST", 3)
    monkeypatch.setattr(camera_module.settings, "LIVE_FRAMES_PER_SECOND", 0.001)
    socket = await film(session, as_owner)
    for number in range(1, 9):
        await socket.send_frame(number)
        await socket.say(OVER)
    told: list[Any] = [await socket.hear("dropped") for _ in range(5)]
    assert {one["reason"] for one in told} <= {"too_fast", "newer"}
    await settle(socket)
    assert len(engine.over) <= 3
    await socket.disconnect()


async def test_without_an_engine_the_end_is_no_trouble(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await engine.kill()
    await until(lambda: recogniser().engine.state == "away", "the client did not notice")
    await socket.say(OVER)
    await socket.send_frame(1)
    assert (await socket.hear("dropped"))["reason"] == "engine_away"
    await socket.disconnect()
