"""A camera's socket: what it may send, what it hears, when it must leave."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from tests.webapp.live.conftest import JPEG, Camera, Viewer, film, until
from tests.webapp.live.engine import FakeEngine, face
from webapp.accounts import services as accounts
from webapp.accounts.models import Consent, User
from webapp.live.consumers import camera
from webapp.live.messages import MAX_FRAME_BYTES, pack
from webapp.live.models import LiveSession
from webapp.people.models import Adaptation, PeopleGallery, Person
from webapp.people.services import enrol, ensure_person, rename_person

pytestmark = pytest.mark.django_db(transaction=True)


async def eventually(
    ask: Callable[[], Awaitable[bool]], what: str, *, is_wanted: bool = True
) -> None:
    """Ask the database until it says so; fail with ``what`` after five seconds."""
    try:
        async with asyncio.timeout(5):
            while await ask() is not is_wanted:
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(what) from None


async def test_a_frame_comes_back_with_its_number_its_time_and_its_faces(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await socket.send_frame(7, captured_at=1234.5)
    result = await socket.hear("result")
    assert (result["frame"], result["captured_at"], result["dropped"]) == (7, 1234.5, 0)
    assert result["faces"][0]["name"] == "Minji"
    assert engine.frames[0]["image"] == JPEG
    await socket.disconnect()
    await until(lambda: not engine.open_cameras, "the engine still has the camera")


async def test_a_session_is_on_air_while_frames_come_and_not_after_the_camera_left(
    session: LiveSession, as_owner: Client, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "SEEN_SECONDS", 0.05)
    monkeypatch.setattr(camera, "PULSE_SECONDS", 0.05)

    async def on_air() -> bool:
        await sync_to_async(session.refresh_from_db)()
        return session.on_air_until is not None and session.on_air_until > timezone.now()

    socket = await film(session, as_owner)
    assert not await on_air()
    await socket.send_frame(1)
    await eventually(on_air, "the session is not on air")
    await eventually(on_air, "it stays on air without frames", is_wanted=False)
    await socket.send_frame(2)
    await eventually(on_air, "the session did not go on air again")
    await socket.disconnect()
    assert not await on_air()


async def test_a_camera_hears_how_many_frames_it_may_have_on_the_way(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = Camera(session, as_owner)
    assert await socket.connect()
    assert (await socket.hear("hello"))["credits"] == 2
    await socket.disconnect()


async def test_the_engine_never_has_more_than_two_frames_and_the_newest_waits(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    engine.is_holding = True
    socket = await film(session, as_owner)
    for number in range(1, 7):
        await socket.send_frame(number)
    dropped = [(await socket.hear("dropped"))["frame"] for _ in range(3)]
    assert dropped == [3, 4, 5]
    assert [header["frame"] for header in engine.frames] == [1, 2]
    await engine.answer(engine.frames[0])
    assert (await socket.hear("result"))["frame"] == 1
    await until(lambda: len(engine.frames) == 3, "the newest frame did not follow")
    assert engine.frames[2]["frame"] == 6
    await socket.disconnect()


async def test_a_frame_replaced_in_the_engine_gives_its_credit_back_and_is_counted(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    engine.is_holding = True
    socket = await film(session, as_owner)
    await socket.send_frame(1)
    await until(lambda: engine.frames, "the frame did not arrive")
    engine.drop(engine.frames[0])
    assert await socket.hear("dropped") == {
        "type": "dropped",
        "frame": 1,
        "reason": "newer",
        "dropped": 1,
    }
    await socket.disconnect()


async def test_labels_that_are_not_wanted_are_not_asked_for(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await socket.say(json.dumps({"type": "want", "names": False, "emotions": True}))
    await socket.send_frame(1)
    await socket.hear("result")
    assert engine.frames[0]["want"] == ["emotions"]
    await socket.disconnect()


async def test_a_portrait_is_asked_for_only_on_request_and_its_mask_goes_to_the_camera_alone(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    viewer = Viewer(session, as_owner)
    assert await viewer.connect()
    engine.portrait = {"state": "ready", "width": 1, "height": 1, "runs": "/wE="}
    await socket.send_frame(1)
    assert "portrait" not in await socket.hear("result")
    await socket.say(json.dumps({"type": "want", "names": False, "portrait": True}))
    await socket.send_frame(2)
    assert (await socket.hear("result"))["portrait"] == engine.portrait
    assert [one["want"] for one in engine.frames] == [
        ["names", "emotions"],
        ["emotions", "portrait"],
    ]
    header, _ = await viewer.see()
    assert "portrait" not in header
    await viewer.disconnect()
    await socket.disconnect()


RANDOM = bytes((7 * place * place + 3) % 251 for place in range(5000))
BAD_FRAMES = {
    "empty": b"",
    "random": RANDOM,
    "only a length": b"\0\0\0\x10",
    "header longer than the message": b"\0\0\3\0{}",
    "huge header": b"\xff\xff\xff\xff" + RANDOM,
    "header in bad UTF-8": b"\0\0\0\4\xff\xfe\xfd\xfc" + JPEG,
    "header no object": b"\0\0\0\4[12]" + JPEG,
    "nested header": b"\0\0\4\0" + b"[" * 1024 + JPEG,
    "no number": pack({"captured_at": 1}, JPEG),
    "number no integer": pack({"frame": True, "captured_at": 1}, JPEG),
    "no time": pack({"frame": 1}, JPEG),
    "time no number": pack({"frame": 1, "captured_at": "now"}, JPEG),
    "no picture": pack({"frame": 1, "captured_at": 1}, b""),
    "picture of another kind": pack({"frame": 1, "captured_at": 1}, b"GIF89a" + RANDOM),
}


@pytest.mark.parametrize("data", BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
async def test_a_bad_frame_is_refused_and_the_next_one_works(
    data: bytes, session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await socket.send_bytes(data)
    problem = await socket.hear("problem")
    assert problem["code"] == "bad_frame"
    await socket.send_frame(2)
    assert (await socket.hear("result"))["frame"] == 2
    assert len(engine.frames) == 1
    await socket.disconnect()


async def test_a_picture_that_is_too_large_is_refused_with_its_credit(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await socket.send_frame(1, JPEG + b"\0" * MAX_FRAME_BYTES)
    problem = await socket.hear("problem")
    assert (problem["code"], problem["frame"]) == ("too_large", 1)
    assert not engine.frames
    await socket.disconnect()


async def test_what_the_engine_refuses_is_told_in_its_words(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    engine.refuses = ("bad_frame", "This picture ends too early.")
    socket = await film(session, as_owner)
    await socket.send_frame(4)
    problem = await socket.hear("problem")
    assert (problem["frame"], problem["message"]) == (4, "This picture ends too early.")
    engine.refuses = None
    await socket.send_frame(5)
    assert (await socket.hear("result"))["frame"] == 5
    await socket.disconnect()


@pytest.mark.parametrize("text", ["", "hello", "[]", '{"type": "dance"}', "{" * 2000])
async def test_a_text_that_means_nothing_is_refused_and_the_socket_stays(
    text: str, session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    await socket.say(text)
    assert (await socket.hear("problem"))["code"] == "bad_message"
    await socket.send_frame(1)
    await socket.hear("result")
    await socket.disconnect()


async def test_frames_above_the_rate_are_dropped_with_a_word(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    for number in range(40):
        await socket.send_frame(number)
    assert (await socket.hear("problem"))["code"] == "too_fast"
    await until(lambda: len(engine.frames) >= 25, "frames within the burst are missing")
    assert len(engine.frames) <= 32
    await socket.disconnect()


async def test_ten_thousand_frames_at_once_end_with_4429(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    socket = await film(session, as_owner)
    for number in range(10_000):
        await socket.send_frame(number)
    assert await socket.close_code() == 4429
    assert len(engine.frames) < 100


async def test_a_killed_engine_is_told_and_work_goes_on_within_five_seconds(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    engine.is_holding = True
    socket = await film(session, as_owner)
    await socket.send_frame(1)
    await until(lambda: engine.frames, "the frame did not arrive")
    await engine.kill()
    assert (await socket.hear("dropped"))["reason"] == "engine_away"
    away = await socket.hear("engine")
    assert away["state"] == "away"
    assert "restarting" in away["message"]
    await socket.send_frame(2)
    assert (await socket.hear("dropped"))["frame"] == 2
    engine.is_holding = False
    started = time.monotonic()
    await engine.start()
    await socket.wait_until_ready()
    await socket.send_frame(3)
    assert (await socket.hear("result"))["frame"] == 3
    assert time.monotonic() - started < 5
    await socket.disconnect()


async def test_a_frame_that_is_never_answered_gives_its_credit_back(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webapp.live.camera.stream.PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(camera, "PULSE_SECONDS", 0.1)
    engine.is_holding = True
    socket = await film(session, as_owner)
    await socket.send_frame(1)
    assert (await socket.hear("dropped"))["reason"] == "lost"
    assert (await socket.hear("problem"))["code"] == "engine_slow"
    await socket.disconnect()


async def test_a_missing_model_is_named_and_the_rest_works(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    engine.missing = ["emotion"]
    engine.faces = [face() | {"emotion": None, "emotions": None}]
    socket = Camera(session, as_owner)
    assert await socket.connect()
    while (state := await socket.hear("engine"))["state"] != "ready":
        pass
    assert state["missing"] == ["emotions"]
    assert "no emotions" in state["message"]
    await socket.send_frame(1)
    assert (await socket.hear("result"))["faces"][0]["emotion"] is None
    await socket.disconnect()


def _enrol(owner: User) -> Any:
    accounts.give_consent(owner)
    person = ensure_person(owner.pk, "Hanni")
    enrol(person, embedding=b"\0\0\x80?" + b"\0" * 12, embedder="tiny", quality=0.9, crop=b"")
    return person


async def test_the_engine_learns_who_the_owner_has_enrolled_and_hears_of_changes(
    session: LiveSession,
    owner: User,
    as_owner: Client,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webapp.live.camera.recogniser.ROSTER_SECONDS", 0.1)
    person = await sync_to_async(_enrol)(owner)
    socket = await film(session, as_owner)
    name = "people-0"
    gallery = await until(lambda: engine.galleries.get(name), "no gallery came")
    assert gallery["people"] == [{"person": str(person.pk), "name": "Hanni"}]
    assert (gallery["dimensions"], gallery["rows"]) == (4, [0])
    assert gallery["payload"] == b"\0\0\x80?" + b"\0" * 12
    assert list(engine.open_cameras.values()) == [name]
    await sync_to_async(rename_person)(person, "Haerin", "")
    await until(
        lambda: engine.galleries[name]["people"][0]["name"] == "Haerin", "the new name is missing"
    )
    assert engine.galleries[name]["revision"] > gallery["revision"]
    await socket.disconnect()


def _teach(person: Person) -> None:
    Adaptation.objects.create(
        gallery=PeopleGallery.objects.get(owner_id=person.owner_id),
        embedder="tiny",
        basis="today's",
        threshold=0.35,
        numbers=b"\1" * 80,
        people=[str(person.pk)],
        references=1,
    )


async def test_the_engine_compares_faces_as_the_owners_photos_are_compared(
    session: LiveSession,
    owner: User,
    as_owner: Client,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webapp.vision.engine.roster.learning_basis", lambda model: "today's")
    await sync_to_async(_teach)(await sync_to_async(_enrol)(owner))
    socket = await film(session, as_owner)
    gallery = await until(lambda: engine.galleries.get("people-0"), "no gallery came")
    assert (gallery["is_learnt"], gallery["threshold"]) == (True, 0.35)
    assert gallery["payload"] == b"\1" * 80 + b"\0\0\x80?" + b"\0" * 12
    await socket.disconnect()


async def test_without_consent_nobody_can_be_named(
    session: LiveSession, owner: User, as_owner: Client, engine: FakeEngine
) -> None:
    await sync_to_async(_enrol)(owner)
    await Consent.objects.all().adelete()
    socket = await film(session, as_owner)
    gallery = await until(lambda: engine.galleries.get("people-0"), "no gallery came")
    assert (gallery["people"], gallery["rows"]) == ([], [])
    assert gallery["dimensions"] > 0, "the engine refuses embeddings without numbers"
    await socket.disconnect()
