"""What a process takes in of cameras elsewhere."""

import asyncio
from uuid import uuid4

import pytest

from tests.webapp.live.conftest import JPEG
from webapp.live.camera.broadcast import Broadcast, Channel
from webapp.live.camera.relay.messages import State
from webapp.live.camera.relay.sources import Sources

SESSION = uuid4()


def _state(number: int, since: float = 100.0, **more: object) -> State:
    view = {"frame": number, "width": 4, "height": 3, "faces": [], "is_labelled": False}
    return {
        "type": "state",
        "session": str(SESSION),
        "process": f"since {since}",
        "since": since,
        "number": number,
        "is_on_air": True,
        "person": "",
        "name": "",
        "is_last": False,
        "view": view | {"age_ms": 40.0},
    } | more  # type: ignore[return-value]


@pytest.fixture
def channel() -> Channel:
    return Broadcast().enter(SESSION, asyncio.Event())


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        pytest.param(_state(4), 5, id="an older picture of the same camera"),
        pytest.param(_state(5), 5, id="the same picture again"),
        pytest.param(_state(9, since=99), 5, id="a picture of an older camera"),
        pytest.param(_state(6, since=99, is_last=True), 5, id="the end of an older camera"),
        pytest.param(_state(6), 6, id="a newer picture"),
        pytest.param(_state(1, since=101), 1, id="the first picture of a newer camera"),
    ],
)
async def test_viewers_never_go_back_in_time(channel: Channel, late: State, expected: int) -> None:
    sources = Sources()
    sources.take(SESSION, channel, _state(5), JPEG)
    assert sources.take(SESSION, channel, late, JPEG) is (expected != 5)
    assert channel.latest is not None
    assert channel.latest.frame == expected


async def test_after_the_end_of_a_camera_one_of_a_slower_clock_is_shown(channel: Channel) -> None:
    sources = Sources()
    sources.take(SESSION, channel, _state(5), JPEG)
    sources.take(SESSION, channel, _state(6, is_last=True), b"")
    assert not channel.is_on_air
    assert sources.take(SESSION, channel, _state(1, since=7), JPEG)
    assert channel.is_on_air


async def test_a_picture_is_as_old_here_as_it_was_said_to_be(channel: Channel) -> None:
    Sources().take(SESSION, channel, _state(5), JPEG)
    assert channel.latest is not None
    assert b'"age_ms":4' in channel.latest.packed()[:200]
