"""Viewers at one web process see what a camera films at another."""

import asyncio
import logging
import os
import subprocess
import sys
from uuid import UUID, uuid4

import pytest

from tests.webapp.live.camera.relay.conftest import Hub, Web
from tests.webapp.live.conftest import JPEG, until
from webapp.live.camera.broadcast import Channel, nobody
from webapp.live.camera.recogniser import recogniser
from webapp.live.camera.relay import feed, sources
from webapp.live.messages import pack

Webs = tuple[Web, Web, Web]


def _shows(channel: Channel, frame: int) -> bool:
    return channel.latest is not None and channel.latest.frame == frame


async def test_what_one_process_films_all_others_show(webs: Webs, session_id: UUID) -> None:
    here, there, further = webs
    channels = [there.watch(session_id), further.watch(session_id)]
    here.film(session_id)
    here.show(session_id, 7)
    for channel in channels:
        await until(lambda one=channel: _shows(one, 7), "the picture does not come")
        assert channel.is_on_air
        assert channel.latest is not None
        assert (channel.latest.image, channel.latest.width) == (JPEG, 640)


async def test_many_viewers_of_a_process_cost_one_picture(
    webs: Webs, hub: Hub, session_id: UUID
) -> None:
    here, there, _ = webs
    channel = next(iter([there.watch(session_id) for _ in range(20)]))
    here.film(session_id)
    here.show(session_id, 1)
    await until(lambda: _shows(channel, 1), "the picture does not come")
    assert hub.pictures() == 1


async def test_pictures_that_nobody_watches_elsewhere_stay_at_home(
    webs: Webs, hub: Hub, session_id: UUID
) -> None:
    here, there, _ = webs
    there.watch(uuid4())
    here.watch(session_id)
    here.film(session_id)
    here.show(session_id, 1)
    await until(lambda: sum("session" in name for name, _ in hub.sent) > 4, "nobody says anything")
    assert hub.pictures() == 0


async def test_pictures_stop_when_the_last_viewer_elsewhere_has_left(
    webs: Webs, hub: Hub, session_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "ASKED_SECONDS", 0.5)
    here, there, _ = webs
    bell = asyncio.Event()
    channel = there.broadcast.enter(session_id, bell)
    here.film(session_id)
    here.show(session_id, 1)
    await until(lambda: _shows(channel, 1), "the picture does not come")
    there.broadcast.leave(session_id, bell)
    of_camera = here.broadcast.channel(session_id)
    await until(lambda: not of_camera.feeds, "pictures are still carried")
    before = hub.pictures()
    here.show(session_id, 2)
    await asyncio.sleep(0)
    assert hub.pictures() == before


async def test_who_is_followed_and_when_the_camera_pauses_is_told(
    webs: Webs, session_id: UUID
) -> None:
    here, there, _ = webs
    channel = there.watch(session_id)
    here.film(session_id)
    here.show(session_id, 1)
    star = {"type": "following", "person": "5", "name": "Minji"}
    of_camera = here.broadcast.channel(session_id)
    of_camera.follow(star)  # type: ignore[arg-type]
    await until(lambda: channel.following == star and channel.is_on_air, "nobody is followed")
    of_camera.go_off_air()
    await until(lambda: not channel.is_on_air, "the pause is not told")
    assert channel.latest is None
    assert not channel.is_cut_off
    of_camera.go_on_air()
    of_camera.follow(nobody())
    await until(lambda: channel.is_on_air and not channel.following["person"], "it does not go on")


async def test_a_camera_that_leaves_is_off_air_everywhere_and_may_come_back_elsewhere(
    webs: Webs, session_id: UUID
) -> None:
    here, there, further = webs
    channel = there.watch(session_id)
    camera = here.film(session_id)
    here.show(session_id, 9)
    await until(lambda: _shows(channel, 9), "the picture does not come")
    camera.leave()
    await until(lambda: not channel.is_on_air, "the end is not told")
    assert not channel.is_cut_off
    further.film(session_id)
    further.show(session_id, 1)
    await until(lambda: _shows(channel, 1), "the second camera is not seen")


async def test_the_newer_of_two_cameras_films_wherever_it_is(webs: Webs, session_id: UUID) -> None:
    here, there, further = webs
    channel = further.watch(session_id)
    older = here.film(session_id)
    here.show(session_id, 5)
    await until(lambda: _shows(channel, 5), "the picture does not come")
    newer = there.film(session_id)
    there.show(session_id, 1)
    await until(lambda: older.has_left, "the older one stays")
    await until(lambda: _shows(channel, 1), "the newer one is not seen")
    assert not newer.has_left


async def test_a_camera_of_this_process_is_not_overwritten_from_afar(
    webs: Webs, session_id: UUID
) -> None:
    here, there, _ = webs
    channel = there.watch(session_id)
    here.film(session_id)
    here.show(session_id, 4)
    await until(lambda: _shows(channel, 4), "the picture does not come")
    there.film(session_id)
    here.show(session_id, 5)
    there.show(session_id, 1)
    await until(lambda: here.broadcast.camera(session_id) is None, "the older one stays")
    assert _shows(channel, 1)


async def test_a_slow_carrier_gets_fewer_pictures_and_never_an_older_one(
    webs: Webs, hub: Hub, session_id: UUID
) -> None:
    hub.delay = 0.02
    here, there, _ = webs
    channel = there.watch(session_id)
    here.film(session_id)
    seen: list[int] = []
    show = channel.show
    channel.show = lambda view: (seen.append(view.frame), show(view))[1]  # type: ignore[method-assign]
    for number in range(1, 101):
        here.show(session_id, number)
        await asyncio.sleep(0.002)
    await until(lambda: _shows(channel, 100), "the newest picture does not come")
    assert seen == sorted(seen)
    assert len(seen) < 90


async def test_who_confirms_nothing_has_two_pictures_on_the_way_and_no_more(
    hub: Hub, session_id: UUID
) -> None:
    here = Web(hub)
    here.film(session_id)
    bus = await hub.connect()
    await bus.subscribe("encore:live:process:deaf")
    asked = {
        "type": "asked",
        "session": str(session_id),
        "process": "deaf",
        "source": "",
        "seen": 0,
    }
    room = f"encore:live:session:{session_id}"
    await until(lambda: hub.sent, "the camera is not announced")
    await bus.publish(room, pack(asked, b""))
    for number in range(1, 20):
        here.show(session_id, number)
        await asyncio.sleep(0.005)
    await until(lambda: hub.pictures() == 2, "no pictures come")
    await here.stop()


async def test_viewers_elsewhere_are_told_of_an_outage_and_come_back(
    webs: Webs, hub: Hub, session_id: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    here, there, _ = webs
    channel, at_home = there.watch(session_id), here.watch(session_id)
    here.film(session_id)
    here.show(session_id, 1)
    await until(lambda: _shows(channel, 1), "the picture does not come")
    with caplog.at_level(logging.WARNING):
        await hub.cut()
        await until(lambda: channel.is_cut_off, "the outage is not told")
        assert (channel.is_on_air, channel.latest) == (False, None)
        here.show(session_id, 2)
        assert at_home.is_on_air
        assert not at_home.is_cut_off
        newcomer = there.watch(uuid4())
        await until(lambda: newcomer.is_cut_off, "who comes meanwhile is not told")
    assert len({record.message for record in caplog.records}) == 1
    assert len(caplog.records) == 3
    hub.is_up = True
    await until(lambda: _shows(channel, 2), "the picture does not come back")
    assert not channel.is_cut_off
    await until(lambda: not newcomer.is_cut_off, "it is not told that all is well")


async def test_a_process_that_fell_silent_is_said_to_be_out_of_reach(
    webs: Webs, session_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "SILENT_SECONDS", 0.4)
    here, there, _ = webs
    channel = there.watch(session_id)
    here.film(session_id)
    here.show(session_id, 1)
    await until(lambda: _shows(channel, 1), "the picture does not come")
    await here.stop()
    await until(lambda: channel.is_cut_off, "the silence is not noticed")
    assert not channel.is_on_air


async def test_nonsense_on_the_bus_changes_nothing(webs: Webs, hub: Hub, session_id: UUID) -> None:
    here, there, _ = webs
    channel = there.watch(session_id)
    here.film(session_id)
    await until(lambda: channel.is_on_air, "the camera is not seen")
    for bus in hub.buses:
        for data in (b"", b"\0\0\0\x02{}", pack({"type": "state", "session": "x"}, b"")):
            bus.heard.put_nowait(data)
    here.show(session_id, 3)
    await until(lambda: _shows(channel, 3), "the relay broke")


def test_without_redis_its_client_is_not_even_loaded() -> None:
    code = "import sys, webapp.asgi, webapp.live.consumers; print('redis' in sys.modules)"
    environment = {key: value for key, value in os.environ.items() if key != "ENCORE_REDIS_URL"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


async def test_without_redis_nothing_is_relayed() -> None:
    shared = recogniser()
    shared.relay_views()
    assert shared._relaying is None
