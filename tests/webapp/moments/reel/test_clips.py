"""Clips of moments: cut of a video or of what a camera recorded, trimmed, and gone with them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.inference.video import films
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.evening import make_session
from tests.webapp.moments.video_cast import make_video
from tests.webapp.photos.conftest import Tus, about
from webapp.accounts.models import User
from webapp.core.models import Job
from webapp.moments.library import INVENTORIES, KINDS
from webapp.moments.models import Moment, Reel
from webapp.moments.reel import clips, filming
from webapp.moments.reel import services as reels
from webapp.moments.services import delete_moment
from webapp.moments.video.services import delete_video

pytestmark = pytest.mark.django_db(transaction=True)

ENDPOINT = "/upload/tus/clips/"
Span = tuple[float, float]


class ClipTus(Tus):
    """The same client at the address of clips."""

    def announce(self, length: int, body: bytes = b"", **headers: str) -> HttpResponse:
        kind = "application/offset+octet-stream" if body else "text/plain"
        sent = {"Upload-Length": str(length), "Tus-Resumable": "1.0.0", **headers}
        return self.browser.post(ENDPOINT, body, content_type=kind, headers=sent)

    def bring(self, recording: bytes, moment: object, peak: object = 5.0) -> HttpResponse:
        """Send the recording around a moment."""
        said = about(moment=str(moment), peak=str(peak))
        return self.announce(len(recording), recording, **{"Upload-Metadata": said})


@pytest.fixture
def camera(as_owner: Client) -> ClipTus:
    return ClipTus(as_owner)


@pytest.fixture
def live_moment(owner: User) -> Moment:
    return make_moment(owner, session=make_session(owner))


@pytest.fixture
def recording(tmp_path: Path) -> bytes:
    return films.make_film(tmp_path / "r.webm", seconds=9.0, codec="libvpx").read_bytes()


@pytest.fixture
def cuts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Span]]:
    """What was cut, and from where to where; each is two small files."""
    made: list[tuple[str, Span]] = []

    def cut(source: Path, target: Path, animation: Path, span: Span, tell: Any) -> None:
        made.append((source.name, span))
        tell(0.5)
        target.write_bytes(b"a film")
        animation.write_bytes(b"moving")

    monkeypatch.setattr(filming, "cut_clip", cut)
    return made


def _clip(client: Client, moment: Moment, **fields: object) -> HttpResponse:
    page = reverse("moments:clip", args=[moment.pk])
    return client.post(page, fields, headers={"Accept": "application/json"})


def _is_kept(moment: Moment) -> list[str]:
    clip = clips.clip_of(moment)
    assert clip is not None
    return _files(clip)


def _files(clip: Reel) -> list[str]:
    places = (reels.file_of(clip), reels.animation_of(clip), reels.recording_of(clip.pk))
    return [place.suffix for place in places if place.exists()]


def test_the_six_seconds_around_a_moment_of_a_video_are_kept_for_real(
    owner: User, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    video = make_video(owner, seconds=8.0)
    Job.objects.filter(stage="analyse-video").delete()
    moment = make_moment(owner, video=video, at_seconds=4.0)
    assert _clip(as_owner, moment).status_code == 202
    run_jobs()
    clip = clips.clip_of(moment)
    assert clip is not None
    assert (clip.state, clip.failure) == ("ready", "")
    with av.open(str(reels.file_of(clip))) as film:
        assert len(list(film.decode(video=0))) == 60
    with Image.open(reels.animation_of(clip)) as moving:
        assert moving.format == "WEBP"
    page = as_owner.get(reverse("moments:moment", args=[moment.pk])).content.decode()
    url = reverse("moments:reel-file", args=[clip.pk])
    assert url in page
    assert as_owner.get(url)["Content-Type"] == "video/mp4"
    moving_file = as_owner.get(url, {"moving": "1", "download": "1"})
    assert moving_file["Content-Type"] == "image/webp"
    assert clip.bytes == sum(
        path.stat().st_size for path in (reels.file_of(clip), reels.animation_of(clip))
    )


def test_a_clip_is_trimmed_around_its_moment_and_within_reason(
    owner: User, as_owner: Client, run_jobs: Callable[[], int], cuts: list[tuple[str, Span]]
) -> None:
    moment = make_moment(owner, video=make_video(owner), at_seconds=2.0)
    Job.objects.filter(stage="analyse-video").delete()
    _clip(as_owner, moment)
    assert _clip(as_owner, moment, before="1", after="1").status_code == 409, "it is being cut"
    run_jobs()
    assert _clip(as_owner, moment, before="1.5", after="2.5").status_code == 202
    run_jobs()
    assert [span for _, span in cuts] == [(0.0, 5.0), (0.5, 4.5)]
    for before, after in [("0.2", "0.3"), ("nan", "1"), ("1e9", "1"), ("-5", "4")]:
        assert _clip(as_owner, moment, before=before, after=after).status_code in {400, 409}
    assert Reel.objects.get().state == "ready"
    assert not Job.objects.filter(stage="reel", state="pending").exists()


def test_what_a_camera_recorded_becomes_the_clip_of_its_moment(
    camera: ClipTus, live_moment: Moment, recording: bytes, run_jobs: Callable[[], int]
) -> None:
    answer = camera.bring(recording, live_moment.pk)
    assert answer.status_code == 201
    clip = clips.clip_of(live_moment)
    assert clip is not None
    assert answer["Encore-Clip"] == str(clip.pk)
    assert (clip.start_seconds, clip.stop_seconds) == (2.0, 8.0)
    again = camera.bring(recording, live_moment.pk)
    assert again["Encore-Clip"] == str(clip.pk), "a second one is not stored"
    run_jobs()
    clip.refresh_from_db()
    assert (clip.state, clip.failure) == ("ready", "")
    assert _is_kept(live_moment) == [".mp4", ".webp", ".recording"]
    with av.open(str(reels.file_of(clip))) as film:
        assert len(list(film.decode(video=0))) == 60


def test_a_recording_goes_nowhere_but_to_a_moment_of_ones_own_camera(
    camera: ClipTus, owner: User, stranger: User, live_moment: Moment, recording: bytes
) -> None:
    theirs = make_moment(stranger, session=make_session(stranger))
    of_video = make_moment(owner, video=make_video(owner))
    refusals = [
        (theirs.pk, 5.0, 404),
        ("nonsense", 5.0, 404),
        (of_video.pk, 5.0, 403),
        (live_moment.pk, "nan", 400),
        (live_moment.pk, -1, 400),
        (live_moment.pk, "", 400),
    ]
    for moment, peak, status in refusals:
        assert camera.bring(recording, moment, peak).status_code == status, (moment, peak)
    assert camera.bring(b"<html>" * 100, live_moment.pk).status_code == 422
    Moment.objects.filter(pk=live_moment.pk).update(is_discarded=True)
    assert camera.bring(recording, live_moment.pk).status_code == 403
    assert not Reel.objects.exists()


def test_a_hostile_recording_ends_in_a_sentence(
    camera: ClipTus, live_moment: Moment, recording: bytes, run_jobs: Callable[[], int]
) -> None:
    camera.bring(recording[:300] + b"\xff" * 4000, live_moment.pk)
    run_jobs()
    clip = Reel.objects.get()
    assert clip.state == "failed"
    assert clip.failure.endswith(".")
    assert not reels.file_of(clip).exists()


@pytest.mark.parametrize("what", ["moment", "clip"])
def test_nothing_of_a_clip_outlives_what_the_user_deletes(
    camera: ClipTus,
    live_moment: Moment,
    recording: bytes,
    run_jobs: Callable[[], int],
    cuts: list[tuple[str, Span]],
    what: str,
) -> None:
    camera.bring(recording, live_moment.pk)
    run_jobs()
    clip = Reel.objects.get()
    assert _files(clip) == [".mp4", ".webp", ".recording"]
    if what == "moment":
        delete_moment(live_moment)
    else:
        page = reverse("moments:reel-delete", args=[clip.pk])
        answer = camera.browser.post(page, {"back": "moment"})
        assert answer["Location"] == reverse("moments:moment", args=[live_moment.pk])
    assert _files(clip) == []


def test_a_clip_goes_with_its_video(
    owner: User, as_owner: Client, run_jobs: Callable[[], int], cuts: list[tuple[str, Span]]
) -> None:
    video = make_video(owner)
    Job.objects.filter(stage="analyse-video").delete()
    _clip(as_owner, make_moment(owner, video=video))
    run_jobs()
    clip = Reel.objects.get()
    delete_video(video)
    assert not Reel.objects.exists()
    assert _files(clip) == []


def test_the_files_of_clips_are_known_to_sweep_and_inventory(
    camera: ClipTus,
    live_moment: Moment,
    recording: bytes,
    run_jobs: Callable[[], int],
    cuts: list[tuple[str, Span]],
    data_folder: Path,
) -> None:
    camera.bring(recording, live_moment.pk)
    run_jobs()
    clip = Reel.objects.get()
    held = {one.path for kind in INVENTORIES for one in kind.holdings() if one.row_id == clip.pk}
    there = {reels.file_of(clip), reels.animation_of(clip), reels.recording_of(clip.pk)}
    assert held == there
    kind = next(one for one in KINDS if one.name == "recordings of clips")
    assert kind.below(data_folder / "media") == [reels.recording_of(clip.pk)]
    assert list(kind.rows()) == [clip.pk]


def test_a_moment_without_a_video_offers_no_clip_but_says_how_to_get_one(
    owner: User, as_owner: Client, live_moment: Moment
) -> None:
    page = as_owner.get(reverse("moments:moment", args=[live_moment.pk])).content.decode()
    assert "Keep a clip" not in page
    assert "Clips of moments" in page
    assert _clip(as_owner, live_moment).status_code == 409
