"""A source at work, against a camera that speaks real RTSP: states, faults, coming back."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rtsp import RtspCamera, rtsp_camera
from webapp.accounts.models import User
from webapp.live import devices, sources
from webapp.live.models import Source
from webapp.live.source import filming as filmings
from webapp.live.source.filming import Filming
from webapp.live.source.publisher import Report
from webapp.live.sources import Credentials
from webapp.vision.films import streams
from webapp.vision.films.sources import SourceFrame

pytestmark = pytest.mark.django_db


class FakePublisher:
    """Says of every picture that it was taken, or what keeps it from that."""

    def __init__(self) -> None:
        self.report = Report(sent=1, labelled=1)
        self.trouble = ""


@pytest.fixture(autouse=True)
def own_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the test's connection, which a thread of its own would not share; try again at once."""
    monkeypatch.setattr(filmings, "close_old_connections", lambda: None)
    monkeypatch.setattr(filmings, "FIRST_PAUSE_SECONDS", 0.02)


@pytest.fixture
def camera(settings: Any) -> Iterator[RtspCamera]:
    """A camera in the network, which may be private."""
    settings.LIVE_PRIVATE_SOURCES = True
    with rtsp_camera() as found:
        found.rate = 100
        yield found


def added(owner: User, address: str, credentials: Credentials | None = None) -> Source:
    """Add a source and turn it on."""
    source = sources.add_source(owner.pk, "Stage", None, address, credentials or Credentials())
    sources.turn_on(source)
    source.refresh_from_db()
    return source


@pytest.fixture
def film(owner: User) -> Callable[..., tuple[Filming, threading.Event]]:
    """Return a maker of what films a source."""

    def make(address: str, credentials: Credentials | None = None) -> tuple[Any, Any]:
        ended = threading.Event()
        filming = Filming(added(owner, address, credentials), ended)
        filming.publisher = FakePublisher()  # type: ignore[assignment]
        return filming, ended

    return make


def state() -> tuple[bool, str, str]:
    source = Source.objects.get()
    return source.is_on, source.state, source.trouble


def until_noted(filming: Filming, ended: threading.Event, trouble: str) -> None:
    """Let it try until a trouble is noted, then end it."""
    watched = threading.Timer(20, ended.set)
    watched.start()
    with pytest.MonkeyPatch.context() as patch:
        real = sources.note
        patch.setattr(
            filmings.sources,
            "note",
            lambda *told: (real(*told), ended.set() if trouble in told else None),
        )
        list(filming.frames())
    watched.cancel()


def test_pictures_come_with_their_numbers_and_it_is_on_air(camera: RtspCamera, film: Any) -> None:
    filming, ended = film(camera.address)
    frames = filming.frames()
    first = [next(frames) for _ in range(3)]
    assert [frame.number for frame in first] == [1, 2, 3]
    assert all(isinstance(frame, SourceFrame) and frame.whole for frame in first)
    assert state() == (True, "on_air", "")
    ended.set()
    assert list(frames) == []


def test_a_fast_camera_is_held_to_the_frame_rate(
    camera: RtspCamera, film: Any, settings: Any
) -> None:
    settings.LIVE_FRAMES_PER_SECOND = 5
    filming, ended = film(camera.address)
    frames = filming.frames()
    next(frames)
    began = time.monotonic()
    for _ in range(4):
        next(frames)
    assert time.monotonic() - began > 0.6  # At 100 a second it would be 0.04.
    ended.set()
    frames.close()


def test_a_camera_that_breaks_off_is_reconnected_to(camera: RtspCamera, film: Any) -> None:
    camera.pictures = 80
    filming, ended = film(camera.address)
    frames = filming.frames()
    said = []
    while camera.came < 3:
        next(frames)
        said.append(state())
    ended.set()
    frames.close()
    assert (True, "reconnecting", filmings.BROKE_OFF) in said
    assert (True, "on_air", "") in said[said.index((True, "reconnecting", filmings.BROKE_OFF)) :]


def test_name_and_password_are_given_to_the_camera(camera: RtspCamera, film: Any) -> None:
    camera.let_in = "fan:se@cret"
    filming, ended = film(camera.address, Credentials("fan", "se@cret"))
    next(filming.frames())
    ended.set()


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        pytest.param({"let_in": "fan:other"}, filmings.SIGN_IN, id="a wrong password"),
        pytest.param({"elsewhere": "rtsp://127.0.0.1:9/x"}, filmings.MOVED, id="sent elsewhere"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_no_log_has_the_password(
    fault: dict[str, Any],
    trouble: str,
    camera: RtspCamera,
    film: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, value in fault.items():
        setattr(camera, name, value)
    filming, ended = film(camera.address, Credentials("fan", "hidden-word"))
    until_noted(filming, ended, trouble)
    assert state() == (True, "connecting", trouble)
    assert "hidden-word" not in caplog.text
    assert "hidden-word" not in str(Source.objects.values().get())


def test_pictures_that_are_too_large_are_said_to_be(
    camera: RtspCamera, film: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_PIXELS", 1000)
    filming, ended = film(camera.address)
    until_noted(filming, ended, filmings.TOO_LARGE)
    assert state() == (True, "connecting", filmings.TOO_LARGE)


def test_a_camera_that_sends_elsewhere_has_nobody_come_there(camera: RtspCamera, film: Any) -> None:
    with rtsp_camera() as inside:
        camera.elsewhere = inside.address
        filming, ended = film(camera.address)
        until_noted(filming, ended, filmings.MOVED)
        assert inside.came == 0


def test_a_camera_that_is_not_there_is_waited_for(camera: RtspCamera, film: Any) -> None:
    address = camera.address
    camera.close()
    filming, ended = film(address)
    until_noted(filming, ended, filmings.NO_ANSWER)
    assert state() == (True, "connecting", filmings.NO_ANSWER)


def test_a_private_address_that_is_allowed_no_more_is_turned_off(
    camera: RtspCamera, film: Any, settings: Any
) -> None:
    settings.LIVE_PRIVATE_SOURCES = False
    filming, _ = film(camera.address)
    assert list(filming.frames()) == []
    is_on, _, trouble = state()
    assert not is_on
    assert "ENCORE_LIVE_PRIVATE_SOURCES" in trouble
    assert camera.came == 0


def test_pictures_that_nobody_takes_are_not_called_on_air(camera: RtspCamera, film: Any) -> None:
    filming, ended = film(camera.address)
    filming.publisher.trouble = "the server has no free place"
    frames = filming.frames()
    next(frames), next(frames)
    assert state() == (True, "connecting", filmings.NOT_TAKEN)
    filming.publisher.trouble = ""
    next(frames)
    assert state() == (True, "on_air", "")
    ended.set()
    frames.close()


def test_a_device_that_is_unplugged_is_said_to_be(
    film: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "usb_cameras", list)
    filming, ended = film("/dev/video7")
    until_noted(filming, ended, filmings.UNPLUGGED)
    assert state() == (True, "connecting", filmings.UNPLUGGED)
