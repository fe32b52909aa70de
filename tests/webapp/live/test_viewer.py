"""A viewer's socket: the newest picture with its faces, at the viewer's own pace."""

import asyncio
import time

import pytest
from django.test import Client

from tests.webapp.live.conftest import JPEG, Viewer, film, until
from tests.webapp.live.engine import FakeEngine
from webapp.live.camera.recogniser import recogniser
from webapp.live.consumers import camera as camera_module
from webapp.live.consumers import viewer as viewer_module
from webapp.live.models import LiveSession

pytestmark = pytest.mark.django_db(transaction=True)


async def _watch(session: LiveSession, client: Client) -> Viewer:
    socket = Viewer(session, client)
    assert await socket.connect()
    return socket


async def test_a_viewer_gets_the_picture_together_with_its_faces(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    camera = await film(session, as_owner)
    viewer = await _watch(session, as_owner)
    await camera.send_frame(3, JPEG + b"three")
    header, picture = await viewer.see()
    assert picture == JPEG + b"three"
    assert (header["frame"], header["width"], header["is_labelled"]) == (3, 640, True)
    assert header["faces"][0]["name"] == "Minji"
    assert 0 <= header["age_ms"] < 5000
    await camera.disconnect()
    await viewer.disconnect()


async def test_who_comes_late_sees_the_newest_picture_at_once(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    camera = await film(session, as_owner)
    for number in (1, 2):
        await camera.send_frame(number)
        await camera.hear("result")
    viewer = await _watch(session, as_owner)
    assert (await viewer.see())[0]["frame"] == 2
    await camera.disconnect()
    await viewer.disconnect()


async def test_a_slow_viewer_skips_pictures_and_holds_up_nobody(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    camera = await film(session, as_owner)
    slow, quick = await _watch(session, as_owner), await _watch(session, as_owner)
    seen = []
    for number in range(1, 11):
        await camera.send_frame(number)
        seen.append((await quick.see())[0]["frame"])
        await quick.has_shown(number)
    assert seen == list(range(1, 11))
    assert [(await slow.see())[0]["frame"] for _ in range(2)] == [1, 2]
    await slow.has_shown(1)
    assert (await slow.see())[0]["frame"] == 10
    for socket in (camera, slow, quick):
        await socket.disconnect()


async def test_a_viewer_that_never_says_it_has_shown_anything_is_given_up(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(viewer_module, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(viewer_module, "LOOK_SECONDS", 0.1)
    camera, viewer = await film(session, as_owner), await _watch(session, as_owner)
    for number in range(1, 5):
        await camera.send_frame(number)
        await camera.hear("result")
        await asyncio.sleep(0.02)
    started = time.monotonic()
    assert await viewer.close_code() == 4408
    assert time.monotonic() - started < 3
    await camera.disconnect()


async def test_viewers_hear_when_the_camera_goes_and_its_last_picture_is_forgotten(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    viewer = await _watch(session, as_owner)
    assert await viewer.receive_json() == {"type": "on_air", "is_on_air": False}
    camera = await film(session, as_owner)
    assert await viewer.receive_json() == {"type": "on_air", "is_on_air": True}
    await camera.send_frame(1)
    await viewer.see()
    channel = recogniser().broadcast.channel(session.pk)
    assert channel.latest is not None
    await camera.disconnect()
    assert await viewer.receive_json() == {"type": "on_air", "is_on_air": False}
    assert channel.latest is None
    await viewer.disconnect()
    assert not recogniser().broadcast._channels


async def test_a_change_beside_the_picture_sends_the_picture_no_second_time(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    camera, viewer = await film(session, as_owner), await _watch(session, as_owner)
    await camera.send_frame(1)
    assert (await viewer.see())[0]["frame"] == 1
    channel = recogniser().broadcast.channel(session.pk)
    channel.follow({"type": "following", "person": "", "name": ""})
    channel.follow({"type": "following", "person": "5", "name": "Minji"})
    assert (await viewer.receive_json())["name"] == "Minji"
    channel.follow({"type": "following", "person": "", "name": ""})
    assert (await viewer.receive_json())["name"] == ""
    await camera.disconnect()
    await viewer.disconnect()


async def test_who_comes_after_another_camera_took_over_sees_that_one(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    await film(session, as_owner)
    second = await film(session, as_owner)
    viewer = await _watch(session, as_owner)
    await second.send_frame(5)
    header, _ = await viewer.see()
    assert header["frame"] == 5
    await second.disconnect()
    await viewer.disconnect()


async def test_the_picture_goes_on_without_names_while_the_engine_is_away(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    camera, viewer = await film(session, as_owner), await _watch(session, as_owner)
    await engine.kill()
    await until(lambda: recogniser().engine.state == "away", "the client did not notice")
    await camera.send_frame(1)
    header, picture = await viewer.see()
    assert (header["is_labelled"], header["faces"], picture) == (False, [], JPEG)
    await camera.disconnect()
    await viewer.disconnect()


async def test_the_picture_goes_on_without_names_while_the_engine_hangs(
    session: LiveSession, as_owner: Client, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.live.camera.stream.PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(camera_module, "PULSE_SECONDS", 0.1)
    engine.is_holding = True
    camera, viewer = await film(session, as_owner), await _watch(session, as_owner)
    await camera.send_frame(1)
    header, picture = await viewer.see()
    assert (header["frame"], header["is_labelled"], picture) == (1, False, JPEG)
    assert (await camera.hear("dropped"))["reason"] == "lost"
    await camera.disconnect()
    await viewer.disconnect()


async def test_a_lost_picture_is_not_shown_after_a_newer_one(
    session: LiveSession, as_owner: Client, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.live.camera.stream.PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(camera_module, "PULSE_SECONDS", 0.1)
    engine.is_holding = True
    camera = await film(session, as_owner)
    for number in (1, 2):
        await camera.send_frame(number)
    await until(lambda: len(engine.frames) == 2, "the frames did not arrive")
    await engine.answer(engine.frames[1])
    assert (await camera.hear("dropped"))["frame"] == 1
    latest = recogniser().broadcast.channel(session.pk).latest
    assert latest is not None
    assert (latest.frame, latest.is_labelled) == (2, True)
    await camera.disconnect()


async def test_twenty_viewers_cost_one_inference(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    camera = await film(session, as_owner)
    viewers = [await _watch(session, as_owner) for _ in range(20)]
    await camera.send_frame(1)
    frames = await asyncio.gather(*(viewer.see() for viewer in viewers))
    assert {header["frame"] for header, _ in frames} == {1}
    assert len(engine.frames) == 1
    for socket in (camera, *viewers):
        await socket.disconnect()


async def test_too_many_viewers_of_one_user_are_refused(
    session: LiveSession, as_owner: Client, engine: FakeEngine, settings: object
) -> None:
    settings.LIVE_VIEWERS_PER_USER = 1  # type: ignore[attr-defined]
    first = await _watch(session, as_owner)
    second = await _watch(session, as_owner)
    assert await second.close_code(seconds=1) == 4429
    await first.disconnect()
    third = await _watch(session, as_owner)
    assert await third.receive_json() == {"type": "on_air", "is_on_air": False}
    await third.disconnect()
