"""The event socket: who may open it, what it tells, and when it closes."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.test import Client, override_settings

from tests.factories import PASSWORD
from tests.sockets import ORIGIN, Socket
from webapp.accounts import services
from webapp.accounts.models import User
from webapp.asgi import application
from webapp.core import events
from webapp.core.events import consumers
from webapp.core.events.sockets import is_allowed_origin
from webapp.core.server.addresses import socket_address

pytestmark = pytest.mark.django_db(transaction=True)


def _publish(user: User, number: int) -> int:
    with transaction.atomic():
        return events.publish(user.pk, "counted", {"number": number}).pk


publish = sync_to_async(_publish)


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        pytest.param(ORIGIN, "localhost:8000", True, id="the page itself"),
        pytest.param("http://127.0.0.1:8000", "127.0.0.1:8000", True, id="by address"),
        pytest.param("https://photos.example", "inner:8000", True, id="trusted origin"),
        pytest.param("http://evil.example", "localhost:8000", False, id="foreign"),
        pytest.param("http://localhost:8000", "127.0.0.1:8000", False, id="other name"),
        pytest.param("http://localhost:9000", "localhost:8000", False, id="other port"),
        pytest.param("https://localhost:8000", "localhost:8000", False, id="other scheme"),
        pytest.param("http://sub.photos.example", "photos.example", False, id="sibling"),
        pytest.param("https://photos.example.evil.example", "inner:8000", False, id="suffix"),
        pytest.param("http://evil.example", "evil.example", False, id="unknown host"),
        pytest.param("null", "localhost:8000", False, id="null"),
        pytest.param("", "localhost:8000", False, id="empty"),
        pytest.param("http://localhost:99999", "localhost:99999", False, id="no port"),
    ],
)
def test_only_pages_of_this_site_may_open_a_socket(origin: str, host: str, allowed: bool) -> None:
    headers = [(b"origin", origin.encode()), (b"host", host.encode())]
    with override_settings(TRUSTED_ORIGINS=["https://photos.example"]):
        assert is_allowed_origin({"headers": headers}) is allowed


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        pytest.param("http://a.photos.example", "a.photos.example", True, id="below"),
        pytest.param("http://photos.example:8000", "photos.example:8000", True, id="itself"),
        pytest.param("http://[::1]:8000", "[::1]:8000", True, id="address in brackets"),
        pytest.param("http://a.photos.example:81", "a.photos.example:82", False, id="port"),
        pytest.param("http://b.photos.example", "a.photos.example", False, id="sibling"),
        pytest.param("http://badphotos.example", "badphotos.example", False, id="same ending"),
    ],
)
def test_a_wildcard_serves_sockets_where_it_serves_pages(
    origin: str, host: str, allowed: bool
) -> None:
    headers = [(b"origin", origin.encode()), (b"host", host.encode())]
    with override_settings(ALLOWED_HOSTS=[".photos.example", "[::1]"]):
        assert is_allowed_origin({"headers": headers}) is allowed


async def test_a_foreign_origin_is_refused_even_when_signed_in(as_owner: Client) -> None:
    socket = Socket(application, "/ws/events/", as_owner, origin="http://evil.example")
    assert not await socket.connect()


async def test_a_missing_origin_is_refused_even_when_signed_in(as_owner: Client) -> None:
    assert not await Socket(application, "/ws/events/", as_owner, origin=None).connect()


async def test_events_arrive_in_order_and_at_once(owner: User, as_owner: Client) -> None:
    socket = Socket(application, "/ws/events/", as_owner)
    assert await socket.connect()
    for number in range(3):
        await publish(owner, number)
    received = [await socket.receive_json() for _ in range(3)]
    assert [message["payload"]["number"] for message in received] == [0, 1, 2]
    assert received[0]["kind"] == "counted"
    await socket.disconnect()


async def test_a_page_that_comes_back_misses_nothing(owner: User, as_owner: Client) -> None:
    first = await publish(owner, 1)
    for number in range(2, 2 * events.REPLAY_BATCH):
        await publish(owner, number)
    socket = Socket(application, f"/ws/events/?since={first}", as_owner)
    assert await socket.connect()
    await publish(owner, 2 * events.REPLAY_BATCH)
    numbers = [
        (await socket.receive_json())["payload"]["number"]
        for _ in range(2 * events.REPLAY_BATCH - 1)
    ]
    assert numbers == list(range(2, 2 * events.REPLAY_BATCH + 1))
    await socket.disconnect()


async def test_without_since_only_what_is_new_is_told(owner: User, as_owner: Client) -> None:
    await publish(owner, 1)
    socket = Socket(application, "/ws/events/?since=nonsense", as_owner)
    assert await socket.connect()
    await publish(owner, 2)
    assert (await socket.receive_json())["payload"]["number"] == 2
    await socket.disconnect()


async def test_events_of_others_are_never_told(
    owner: User, stranger: User, as_stranger: Client
) -> None:
    socket = Socket(application, "/ws/events/?since=0", as_stranger)
    assert await socket.connect()
    await publish(owner, 1)
    await publish(stranger, 2)
    assert (await socket.receive_json())["payload"]["number"] == 2
    await socket.disconnect()


async def _log_out(client: Client, _user: User) -> None:
    await sync_to_async(client.post)("/logout/")


async def _change_password(_client: Client, user: User) -> None:
    user.set_password(PASSWORD + "!")
    await user.asave()


async def _lock_out(_client: Client, user: User) -> None:
    await sync_to_async(services.set_active)(user, active=False)


@pytest.mark.parametrize("ending", [_log_out, _change_password, _lock_out])
async def test_a_socket_closes_within_five_seconds_of_the_end_of_its_session(
    ending: Any, member: User, as_member: Client
) -> None:
    cookies = Client()
    cookies.cookies = as_member.cookies.copy()
    socket = Socket(application, "/ws/events/", cookies)
    assert await socket.connect()
    await ending(as_member, member)
    assert await socket.close_code(5) == consumers.CLOSE_UNAUTHENTICATED


async def test_a_busy_socket_notices_the_end_of_its_session_too(
    member: User, as_member: Client
) -> None:
    socket = Socket(application, "/ws/events/", as_member)
    assert await socket.connect()
    await _lock_out(as_member, member)
    started = asyncio.get_running_loop().time()
    for number in range(600):
        await publish(member, number)
        await asyncio.sleep(0.01)
        if not socket.output_queue.empty() and asyncio.get_running_loop().time() - started > 5:
            break
    assert await socket.close_code(1) == consumers.CLOSE_UNAUTHENTICATED


@pytest.mark.parametrize(
    ("proxies", "counted"),
    [
        pytest.param(0, "127.0.0.1", id="nobody is believed"),
        pytest.param(1, "10.0.0.7", id="our proxy is believed"),
        pytest.param(2, "6.6.6.6", id="what our outer proxy heard is believed"),
        pytest.param(3, "127.0.0.1", id="fewer proxies than we have"),
    ],
)
def test_behind_a_proxy_sockets_are_counted_by_their_own_address(
    proxies: int, counted: str
) -> None:
    scope = {
        "client": ("127.0.0.1", 5000),
        "headers": [(b"host", b"x"), (b"X-Forwarded-For", b"6.6.6.6, 10.0.0.7")],
    }
    with override_settings(TRUSTED_PROXIES=proxies):
        assert socket_address(scope) == counted
