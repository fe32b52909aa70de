"""Who may film and watch, with how many cameras, and when they must leave."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client, override_settings

from tests.factories import PASSWORD
from tests.webapp.live.conftest import Camera, Viewer, film, until
from tests.webapp.live.engine import FakeEngine
from webapp.accounts import services as accounts
from webapp.accounts.models import User
from webapp.live import services, tokens
from webapp.live.camera.recogniser import recogniser
from webapp.live.consumers import base
from webapp.live.consumers.camera import CameraConsumer
from webapp.live.models import LiveSession

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_user_may_film_with_so_many_cameras_and_no_more(
    owner: User, session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    others = [
        await sync_to_async(services.start_session)(owner.pk, f"Camera {number}", None)
        for number in range(3)
    ]
    filming = [await film(one, as_owner) for one in (session, *others[:2])]
    extra = Camera(others[2], as_owner)
    assert await extra.connect()
    assert await extra.close_code(seconds=1) == 4429
    await filming[0].disconnect()
    again = await film(others[2], as_owner)
    for socket in (*filming[1:], again):
        await socket.disconnect()


async def test_all_users_together_have_a_limit_too(
    session: LiveSession, member: User, as_owner: Client, as_member: Client, engine: FakeEngine
) -> None:
    theirs = await sync_to_async(services.start_session)(member.pk, "Balcony", None)
    with override_settings(LIVE_CAMERAS=1):
        first = await film(session, as_owner)
        second = Camera(theirs, as_member)
        assert await second.connect()
        assert await second.close_code(seconds=1) == 4429
        await first.disconnect()


async def test_a_second_camera_of_the_same_session_takes_its_place(
    session: LiveSession, as_owner: Client, engine: FakeEngine
) -> None:
    first = await film(session, as_owner)
    second = await film(session, as_owner)
    assert await first.close_code() == 4409
    await second.send_frame(1)
    await second.hear("result")
    assert len(recogniser().cameras) == 1
    assert len(engine.open_cameras) == 1
    await second.disconnect()


async def test_of_two_cameras_that_come_at_once_one_films(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin = CameraConsumer._begin_capturing
    both_wait = asyncio.Barrier(2)

    async def slow(self: CameraConsumer, of: LiveSession) -> dict[str, Any] | None:
        await both_wait.wait()
        return await begin(self, of)

    monkeypatch.setattr(CameraConsumer, "_begin_capturing", slow)
    pair = [Camera(session, as_owner) for _ in range(2)]
    assert await asyncio.gather(*(camera.connect() for camera in pair)) == [True, True]
    await until(
        lambda: len(engine.open_cameras) == 1 and len(recogniser().cameras) == 1, "both film"
    )
    assert recogniser().broadcast.channel(session.pk).camera is not None
    for camera in pair:
        await camera.disconnect()
    assert len(recogniser().cameras) == 0


async def test_a_session_of_somebody_else_does_not_exist(
    session: LiveSession, as_stranger: Client, engine: FakeEngine
) -> None:
    for kind in (Camera, Viewer):
        socket = kind(session, as_stranger)
        assert await socket.connect()
        assert await socket.close_code() == 4404


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("http://evil.example", id="foreign"),
        pytest.param(None, id="absent"),
        pytest.param("null", id="null"),
        pytest.param("http://sub.localhost:8000", id="subdomain"),
        pytest.param("http://localhost:9000", id="other port"),
    ],
)
async def test_a_foreign_page_cannot_film_or_watch(
    origin: str | None, session: LiveSession, as_owner: Client
) -> None:
    for kind in (Camera, Viewer):
        assert not await kind(session, as_owner, origin=origin).connect()


async def _log_out(client: Client, _user: User) -> None:
    await sync_to_async(client.post)("/logout/")


async def _change_password(_client: Client, user: User) -> None:
    user.set_password(PASSWORD + "!")
    await user.asave()


async def _lock_out(_client: Client, user: User) -> None:
    await sync_to_async(accounts.set_active)(user, active=False)


@pytest.mark.parametrize("ends", [_log_out, _change_password, _lock_out])
async def test_the_socket_closes_within_five_seconds_when_the_sign_in_ends(
    ends: Callable[..., Any],
    session: LiveSession,
    owner: User,
    as_owner: Client,
    engine: FakeEngine,
) -> None:
    filming = await film(session, as_owner)
    watching = Viewer(session, as_owner)
    assert await watching.connect()
    await ends(as_owner, owner)
    started = time.monotonic()
    codes = await asyncio.gather(filming.close_code(), watching.close_code())
    assert codes == [4401, 4401]
    assert time.monotonic() - started < 5


async def test_ending_the_session_ends_its_sockets(
    session: LiveSession, as_owner: Client, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SESSION_CHECK_SECONDS", 0.1)
    socket = await film(session, as_owner)
    await sync_to_async(services.end_session)(session)
    assert await socket.close_code() == 4410
    again = Camera(session, as_owner)
    assert await again.connect()
    assert await again.close_code() == 4410


def _bearer(token: str) -> tuple[bytes, bytes]:
    return b"authorization", f"Bearer {token}".encode()


async def test_a_key_lets_a_source_film_in_its_session_only(
    session: LiveSession, owner: User, engine: FakeEngine
) -> None:
    socket = Camera(session, None)
    socket.scope["headers"].append(_bearer(tokens.make(session.pk)))
    assert await socket.connect()
    await socket.wait_until_ready()
    for number in range(100):
        await socket.send_frame(number)
        assert (await socket.hear("result"))["frame"] == number
    await socket.disconnect()
    other = await sync_to_async(services.start_session)(owner.pk, "Other", None)
    refused = Camera(other, None)
    refused.scope["headers"].append(_bearer(tokens.make(session.pk)))
    assert await refused.connect()
    assert await refused.close_code() == 4401
    forged = Camera(session, None)
    forged.scope["headers"].append(_bearer(tokens.make(session.pk) + "x"))
    assert await forged.connect()
    assert await forged.close_code() == 4401
    assert len(engine.frames) == 100
