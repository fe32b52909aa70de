"""The feed of a session, recorded on purpose, is a video of its concert."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.inference.video import films
from tests.webapp.moments.video_cast import FakeAnalysis, analyse, instant, make_video, use
from tests.webapp.photos.conftest import Tus, about
from webapp.accounts.models import User
from webapp.live import services as live
from webapp.live.models import LiveSession
from webapp.moments.models import Moment, MomentFrame, Video
from webapp.moments.video import recording
from webapp.moments.video import storage as video_storage
from webapp.people.models import Person
from webapp.photos.models import Concert
from webapp.uploads import parts
from webapp.uploads.models import Upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def concert(owner: User) -> Concert:
    return Concert.objects.create(owner=owner, name="Seoul")


@pytest.fixture
def session(owner: User, concert: Concert) -> LiveSession:
    return live.start_session(owner.pk, "Front row", concert)


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    """What a browser records; its header tells no length."""
    return films.make_film(tmp_path / "r.webm", seconds=9.0, codec="libvpx").read_bytes()


class Recorder(Tus):
    """The camera page, as far as it records."""

    def begin(self, session: LiveSession, /, **more: str) -> Any:
        told = {"filename": "Front row.webm", "session": str(session.pk), "began_ago": "2.5"}
        return self.browser.post(
            "/upload/tus/recordings/",
            b"",
            content_type="text/plain",
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Defer-Length": "1",
                "Upload-Metadata": about(**(told | more)),
            },
        )

    def record(self, session: LiveSession, film: bytes) -> str:
        """Record everything; returns the answer's word for the video."""
        url = self.begin(session)["Location"]
        half = len(film) // 2
        self.patch(url, film[:half], 0)
        self.patch(url, film[half:], half)
        last = self.patch(url, b"", len(film), **{"Upload-Length": str(len(film))})
        return str(last["Encore-Recording"])


@pytest.fixture
def recorder(as_owner: Client) -> Recorder:
    return Recorder(as_owner)


def test_a_recording_is_a_video_of_the_sessions_concert_and_is_analysed(
    recorder: Recorder,
    session: LiveSession,
    concert: Concert,
    film: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    video_id = recorder.record(session, film)
    video = Video.objects.get()
    assert video_id == str(video.pk)
    assert (video.session, video.concert, video.display_name) == (
        session,
        concert,
        "Front row.webm",
    )
    upload = Upload.objects.get()
    assert video.recorded_at == upload.created_at - timedelta(seconds=2.5)
    assert video_storage.file_of(video.pk).read_bytes() == film
    use(monkeypatch, FakeAnalysis(length=9.0))
    analyse(video)
    video.refresh_from_db()
    assert video.state == Video.State.READY
    assert video.duration_seconds == pytest.approx(9.0, abs=0.2)
    assert video.recorded_at == upload.created_at - timedelta(seconds=2.5)


def test_only_the_owner_of_an_open_session_records_it(
    recorder: Recorder, as_stranger: Client, session: LiveSession
) -> None:
    assert Recorder(as_stranger).begin(session).status_code == 404
    assert recorder.begin(session, began_ago="soon").status_code == 400
    assert recorder.begin(session, session="mine").status_code == 404
    live.end_session(session)
    assert recorder.begin(session).status_code == 404
    assert not Upload.objects.exists()


def test_recordings_and_videos_share_their_room(
    recorder: Recorder, session: LiveSession, settings: Any
) -> None:
    settings.VIDEO_MAX_STORED_BYTES = 1000
    url = recorder.begin(session)["Location"]
    assert recorder.patch(url, b"a" * 900, 0).status_code == 204
    refused = recorder.patch(url, b"a" * 200, 900)
    assert refused.status_code == 507
    assert "Your videos fill" in refused.json()["error"]
    sent = {"Upload-Length": "200", "Tus-Resumable": "1.0.0"}
    other = recorder.browser.post(
        "/upload/tus/videos/", b"", content_type="text/plain", headers=sent
    )
    assert other.status_code == 507
    assert recorder.head(url)["Upload-Offset"] == "900"


def _age(upload: Upload, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(parts.part_of(upload.pk), (then, then))


def test_a_recording_that_its_page_never_ended_becomes_a_video_of_what_came(
    recorder: Recorder, session: LiveSession, film: bytes
) -> None:
    url = recorder.begin(session)["Location"]
    recorder.patch(url, film, 0)
    assert recording.finish_left() == 0
    assert not Video.objects.exists()
    _age(Upload.objects.get(), recording.LEFT_AFTER.total_seconds() + 1)
    assert recording.finish_left() == 1
    video = Video.objects.get()
    assert (video.session, video.bytes) == (session, len(film))
    assert recorder.head(url)["Encore-Recording"] == str(video.pk)
    assert recording.finish_left() == 0


def test_of_a_recording_of_which_nothing_came_nothing_is_left(
    recorder: Recorder, session: LiveSession
) -> None:
    recorder.begin(session)
    Upload.objects.update(created_at=timezone.now() - 2 * recording.LEFT_AFTER)
    assert recording.finish_left() == 0
    assert not Upload.objects.exists()


def _captured(video: Video, seconds: float, person: Person | None, state: str) -> None:
    """Make a moment that the camera's page captured at this time of the recording."""
    assert video.recorded_at is not None
    moment = Moment.objects.create(
        owner=video.owner,
        session=video.session,
        key=f"live {seconds} {person}",
        state=state,
        at=video.recorded_at + timedelta(seconds=seconds),
    )
    MomentFrame.objects.create(
        moment=moment, number=1, captured_at=5, box=[0.1, 0.1, 0.3, 0.4], is_picked=True
    )
    if person is not None:
        moment.people.add(person)


@pytest.mark.parametrize(
    ("live_at", "is_named", "state", "expected"),
    [
        pytest.param(4.6, True, "ready", 0, id="the same star at the same time"),
        pytest.param(4.6, False, "ready", 0, id="a nameless face in the same place"),
        pytest.param(4.6, True, "wanted", 0, id="whose picture is still on its way"),
        pytest.param(4.6, True, "lost", 1, id="whose picture was lost"),
        pytest.param(8.4, True, "ready", 1, id="the same star later"),
    ],
)
def test_what_the_camera_captured_is_not_captured_again(
    session: LiveSession,
    owner: User,
    star: Person,
    data_folder: object,
    monkeypatch: pytest.MonkeyPatch,
    live_at: float,
    is_named: bool,
    state: str,
    expected: int,
) -> None:
    video = make_video(owner, session=session, recorded_at=timezone.now())
    _captured(video, live_at, star if is_named else None, state)
    use(monkeypatch, FakeAnalysis(8.0, [instant(5.0, star.pk)]))
    analyse(video)
    assert video.moments.count() == expected


def test_recordings_go_with_their_session_where_the_user_says_so(
    recorder: Recorder, as_owner: Client, session: LiveSession, film: bytes
) -> None:
    recorder.record(session, film)
    recorder.patch(recorder.begin(session)["Location"], b"abc", 0)
    video = Video.objects.get()
    live.end_session(session)
    page = as_owner.get(reverse("live:list")).content.decode()
    assert "Delete its recording too" in page
    as_owner.post(reverse("live:delete", args=[session.pk]), {"recordings": "on"})
    assert not Video.objects.exists()
    assert not Upload.objects.exists()
    assert not video_storage.file_of(video.pk).exists()


def test_recordings_stay_when_only_their_session_goes(
    recorder: Recorder, as_owner: Client, session: LiveSession, film: bytes
) -> None:
    recorder.record(session, film)
    as_owner.post(reverse("live:delete", args=[session.pk]))
    assert Video.objects.get().session is None
