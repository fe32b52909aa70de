"""A camera that films: moments reach it as requests, and its answers reach the moments."""

import json
import threading
import time
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.test import Client

from tests.webapp.live.conftest import Camera, film, until
from tests.webapp.live.engine import FakeEngine, face
from tests.webapp.moments.capture.test_asking import told_frame
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.live import services as live
from webapp.live.camera import capturing, samples
from webapp.live.consumers import camera as camera_module
from webapp.live.keeping import Filming
from webapp.live.models import LiveSession
from webapp.moments import services
from webapp.moments.capture.keeper import MomentKeeper
from webapp.moments.models import EmotionSample, Moment
from webapp.people.models import Person
from webapp.people.services import ensure_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def star(owner: User) -> Person:
    give_consent(owner)
    return ensure_person(owner.pk, "Minji")


def opened(engine: FakeEngine) -> str:
    (camera,) = engine.open_cameras
    return camera


async def choose(engine: FakeEngine, star: Person, key: str = "a" * 32) -> dict[str, Any]:
    await until(lambda: engine.open_cameras, "the camera is not open")
    people = [{"person": str(star.pk), "name": star.name}]
    frames = [told_frame(2), told_frame(1, 0.6)]
    return engine.choose(opened(engine), key=key, people=people, frames=frames)


async def tell(socket: Camera, **message: Any) -> None:
    await socket.say(json.dumps(message))


async def test_the_camera_is_asked_for_the_frames_of_a_moment(
    session: LiveSession, as_owner: Client, engine: FakeEngine, star: Person
) -> None:
    socket = await film(session, as_owner)
    await socket.send_frame(2, captured_at=132.0)
    await socket.hear("result")
    await choose(engine, star)

    asked = await socket.hear("capture")

    moment = await Moment.objects.aget()
    assert asked["moment"] == str(moment.pk)
    assert asked["frames"] == [
        {"frame": 2, "captured_at": 132.0},
        {"frame": 1, "captured_at": 66.0},
    ]
    assert abs(moment.at.timestamp() - time.time()) < 5
    await socket.disconnect()


async def test_the_engine_hears_what_the_owner_wants_at_once_and_after_a_change(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    star: Person,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capturing, "TASTE_SECONDS", 0.05)
    socket = await film(session, as_owner)
    await until(lambda: engine.open_cameras, "the camera is not open")
    first = engine.tastes[opened(engine)]
    assert first == {
        "wanted": True,
        "anyone": False,
        "weights": {},
        "favourites": [],
        "per_minute": 4,
    }
    await sync_to_async(services.update_taste)(owner, favourites=[star], per_minute=9)
    await until(
        lambda: (engine.tastes[opened(engine)] or {}).get("favourites") == [str(star.pk)],
        "the favourites were not told",
    )
    await socket.disconnect()


async def test_who_is_followed_is_the_only_favourite_of_that_camera(
    session: LiveSession, owner: User, star: Person
) -> None:
    keeper, filming = MomentKeeper(), Filming(owner.pk, session.pk)
    others = [await sync_to_async(ensure_person)(owner.pk, name) for name in ("Hanni", "Haerin")]
    await sync_to_async(services.update_taste)(owner, favourites=others)
    usual = await sync_to_async(keeper.taste)(filming)
    assert usual["favourites"] == sorted(str(one.pk) for one in others)
    await sync_to_async(live.follow)(session.pk, owner.pk, star.pk)
    followed = await sync_to_async(keeper.taste)(filming)
    assert followed == {**usual, "favourites": [str(star.pk)]}


@pytest.mark.parametrize("anyone", [True, False])
async def test_without_consent_only_moments_of_anyone_are_looked_for(
    session: LiveSession, as_owner: Client, engine: FakeEngine, owner: User, *, anyone: bool
) -> None:
    await sync_to_async(services.update_taste)(owner, anyone=anyone)
    socket = await film(session, as_owner)
    await until(lambda: engine.open_cameras, "the camera is not open")
    assert (engine.tastes[opened(engine)] or {})["wanted"] is anyone
    await socket.disconnect()


async def test_the_shutter_is_answered_by_asking_for_the_frame(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await tell(
        socket,
        type="shutter",
        frame=9,
        captured_at=600.0,
        others=[{"frame": 7, "captured_at": 480.0}],
    )
    asked = await socket.hear("capture")
    assert [one["frame"] for one in asked["frames"]] == [9, 7]
    assert asked["kind"] == "manual"
    await socket.disconnect()


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"type": "shutter"}, id="no frame"),
        pytest.param({"type": "shutter", "frame": -1, "captured_at": 1}, id="negative"),
        pytest.param({"type": "shutter", "frame": 1, "captured_at": "x"}, id="no time"),
        pytest.param(
            {"type": "shutter", "frame": 1, "captured_at": 1, "others": [1]}, id="broken others"
        ),
        pytest.param(
            {"type": "shutter", "frame": 1, "captured_at": 1, "others": [{}] * 5}, id="too many"
        ),
        pytest.param({"type": "missed", "moment": "x", "frames": []}, id="no moment"),
        pytest.param({"type": "missed", "moment": "0" * 32, "frames": ["1"]}, id="no numbers"),
    ],
)
async def test_nonsense_about_moments_is_refused_and_the_socket_stays(
    message: dict[str, Any], session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await tell(socket, **message)
    assert (await socket.hear("problem"))["code"] == "bad_message"
    await socket.send_frame(1)
    assert (await socket.hear("result"))["frame"] == 1
    assert await Moment.objects.acount() == 0
    await socket.disconnect()


async def test_missed_frames_lose_the_moment(
    session: LiveSession, as_owner: Client, engine: FakeEngine, star: Person
) -> None:
    socket = await film(session, as_owner)
    await choose(engine, star)
    asked = await socket.hear("capture")
    await tell(socket, type="missed", moment=asked["moment"], frames=[1, 2])
    await _until_state(Moment.State.LOST)
    await socket.disconnect()


async def _until_state(state: str) -> None:
    for _ in range(200):
        if await Moment.objects.filter(state=state).aexists():
            return
        await capturing.asyncio.sleep(0.02)
    raise AssertionError(f"no moment is {state}")


async def test_a_camera_that_lost_its_line_is_asked_again(
    session: LiveSession, as_owner: Client, engine: FakeEngine, star: Person
) -> None:
    first = await film(session, as_owner)
    await choose(engine, star)
    asked = await first.hear("capture")
    await first.disconnect()

    second = await film(session, as_owner)
    await tell(second, type="resume")
    again = await second.hear("capture")

    assert again == asked | {"is_repeated": True}
    await second.disconnect()


async def test_frames_go_on_while_a_moment_waits_for_the_database(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    star: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep = MomentKeeper.keep
    failures = [OperationalError("database is locked")] * 2

    def slow(self: MomentKeeper, *args: Any) -> Any:
        time.sleep(0.3)
        if failures:
            raise failures.pop()
        return keep(self, *args)

    monkeypatch.setattr(MomentKeeper, "keep", slow)
    socket = await film(session, as_owner)
    await choose(engine, star)
    started = time.monotonic()
    for number in range(1, 9):
        await socket.send_frame(number)
        assert (await socket.hear("result"))["frame"] == number
    assert time.monotonic() - started < 0.25
    assert (await socket.hear("capture"))["moment"]
    await socket.disconnect()


async def test_emotions_of_named_stars_are_stored_in_bins_of_five_seconds(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    star: Person,
) -> None:
    engine.faces = [face("Minji", str(star.pk)), face(), face("Gone", "0" * 32)]
    socket = await film(session, as_owner)
    for number in range(1, 5):
        await socket.send_frame(number)
        await socket.hear("result")
    assert not await EmotionSample.objects.aexists()
    await socket.disconnect()

    samples = [sample async for sample in EmotionSample.objects.all()]
    assert {sample.person_id for sample in samples} == {star.pk}
    assert {sample.second % 5 for sample in samples} == {0}
    assert sum(sample.count for sample in samples) == 4
    assert samples[0].emotions == {"happy": 0.8, "neutral": 0.2}


@pytest.mark.parametrize("leaves_meanwhile", [False, True])
async def test_emotions_that_could_not_be_stored_are_stored_later(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    star: Person,
    monkeypatch: pytest.MonkeyPatch,
    *,
    leaves_meanwhile: bool,
) -> None:
    note, failures = MomentKeeper.note_emotions, [OperationalError("database is locked")] * 3

    def fails(self: MomentKeeper, *args: Any) -> None:
        if failures:
            raise failures.pop()
        note(self, *args)

    monkeypatch.setattr(MomentKeeper, "note_emotions", fails)
    monkeypatch.setattr(capturing, "SAMPLES_SECONDS", 60 if leaves_meanwhile else 0.1)
    monkeypatch.setattr(samples, "SAMPLE_SECONDS", 1)
    engine.faces = [face("Minji", str(star.pk))]
    socket = await film(session, as_owner)
    for number in range(1, 5):
        await socket.send_frame(number)
        await socket.hear("result")
    await until(lambda: leaves_meanwhile or not failures, "nothing was stored")
    await socket.disconnect()
    counts = [count async for count in EmotionSample.objects.values_list("count", flat=True)]
    assert sum(counts) == 4


async def test_without_consent_no_emotion_is_stored(
    session: LiveSession, as_owner: Client, engine: FakeEngine, owner: User
) -> None:
    star = await sync_to_async(ensure_person)(owner.pk, "Minji")
    engine.faces = [face("Minji", str(star.pk))]
    socket = await film(session, as_owner)
    await socket.send_frame(1)
    await socket.hear("result")
    await socket.disconnect()
    assert not await EmotionSample.objects.aexists()


async def test_a_flood_of_shutters_is_refused_in_words_and_costs_no_memory(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_free = threading.Event()
    monkeypatch.setattr(MomentKeeper, "press", lambda *_: is_free.wait(10) and None)
    monkeypatch.setattr(camera_module.settings, "LIVE_FRAMES_BURST", 1000)
    socket = await film(session, as_owner)
    await until(lambda: engine.open_cameras, "the camera is not open")
    for number in range(capturing.QUEUE_LENGTH + 5):
        await tell(socket, type="shutter", frame=number, captured_at=1.0)
    assert (await socket.hear("problem"))["code"] == "too_fast"
    is_free.set()
    await socket.disconnect()
