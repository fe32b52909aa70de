"""A link to a live session: watched without an account, without names, until it is closed."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.webapp.live.conftest import Viewer, engine, film, run_folder, session, until
from tests.webapp.live.engine import FakeEngine
from webapp.accounts.models import User
from webapp.asgi import application
from webapp.live import services as live
from webapp.live.camera.recogniser import recogniser
from webapp.live.consumers import base
from webapp.live.models import LiveSession
from webapp.sharing.models import Share
from webapp.sharing.services import make_share, revoke

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["engine", "run_folder", "session"]

MakeLink = Callable[..., str]


class Guest(Viewer):
    """The socket of a page that a link opened."""

    def __init__(self, link: str, client: Client | None = None) -> None:
        super(Viewer, self).__init__(application, f"{link}live/", client)


@pytest.fixture
def open_link(owner: User, session: LiveSession) -> MakeLink:
    """Make a link to the session and return its address."""

    def make(**wishes: Any) -> str:
        return reverse("sharing:open", args=[make_share(owner, session, **wishes)[1]])

    return make


async def _watch(link: str, client: Client | None = None) -> Guest:
    guest = Guest(link, client)
    assert await guest.connect()
    return guest


async def test_a_guest_sees_the_picture_and_learns_no_name(
    session: LiveSession, as_owner: Client, engine: FakeEngine, open_link: MakeLink
) -> None:
    camera = await film(session, as_owner)
    guest = await _watch(await sync_to_async(open_link)())
    named = await _watch(await sync_to_async(open_link)(shows_names=True))
    await camera.send_frame(1)
    (face,) = (await guest.see())[0]["faces"]
    assert (face["name"], face["person"], face["similarity"], face["is_sure"]) == (
        None,
        None,
        None,
        False,
    )
    assert face["box"]
    assert (await named.see())[0]["faces"][0]["name"] == "Minji"
    assert len(recogniser().broadcast._channels) == 1
    for socket in (guest, named, camera):
        await socket.disconnect()
    await until(lambda: not recogniser().broadcast._channels, "the channel stays")


async def test_a_link_that_was_closed_is_watched_no_longer(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    open_link: MakeLink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(base, "SESSION_CHECK_SECONDS", 0.05)
    link = await sync_to_async(open_link)()
    guest = await _watch(link)
    await sync_to_async(revoke)(await Share.objects.aget())
    assert await guest.close_code() == 4404
    again = Guest(link)
    await again.connect()
    assert await again.close_code() == 4404


@pytest.mark.parametrize("how", ["expired", "ended", "another kind", "nonsense"])
async def test_only_an_open_link_to_an_open_session_is_let_in(
    session: LiveSession, open_link: MakeLink, how: str
) -> None:
    link = await sync_to_async(open_link)()
    expected = 4404
    if how == "expired":
        await Share.objects.aupdate(expires_at=timezone.now())
    elif how == "ended":
        await sync_to_async(live.end_session)(session)
        expected = 4410
    elif how == "another kind":
        await Share.objects.aupdate(session=None, concert=await _concert(session))
    else:
        link = link[:-4] + "xyz/"
    guest = Guest(link)
    await guest.connect()
    assert await guest.close_code() == expected


async def _concert(session: LiveSession) -> Any:
    from webapp.photos.models import Concert

    return await Concert.objects.acreate(owner_id=session.owner_id, name="Seoul")


async def test_the_picture_of_a_link_with_a_password_needs_it_too(
    session: LiveSession, engine: FakeEngine, open_link: MakeLink, client: Client
) -> None:
    link = await sync_to_async(open_link)(password="purple rain")
    guest = Guest(link)
    await guest.connect()
    assert await guest.close_code() == 4404
    await sync_to_async(client.post)(link, {"password": "purple rain"})
    told = await _watch(link, client)
    assert await told.receive_json() == {"type": "on_air", "is_on_air": False}
    await told.disconnect()
    await Share.objects.aupdate(password="another")
    changed = Guest(link, client)
    await changed.connect()
    assert await changed.close_code() == 4404


async def test_guests_never_take_the_places_of_the_owner(
    session: LiveSession,
    as_owner: Client,
    engine: FakeEngine,
    open_link: MakeLink,
    settings: Any,
) -> None:
    settings.LIVE_GUESTS_PER_USER, settings.LIVE_VIEWERS_PER_USER = 1, 1
    link = await sync_to_async(open_link)()
    guest = await _watch(link)
    assert (await guest.receive_json())["type"] == "on_air"
    crowd = Guest(link)
    await crowd.connect()
    assert await crowd.close_code() == 4429
    owner = Viewer(session, as_owner)
    assert await owner.connect()
    assert (await owner.receive_json())["type"] == "on_air"
    for socket in (guest, owner):
        await socket.disconnect()


def test_the_page_of_a_link_shows_the_stage_and_nothing_of_the_account(
    session: LiveSession, open_link: MakeLink, client: Client, as_stranger: Client
) -> None:
    link = open_link()
    page = client.get(link)
    text = page.content.decode()
    assert f'data-socket="{link}live/"' in text
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert str(session.pk) not in text
    live.end_session(session)
    assert "This session has ended" in client.get(link).content.decode()
    assert as_stranger.get(reverse("sharing:session", args=[session.pk])).status_code == 404
