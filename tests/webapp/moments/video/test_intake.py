"""Videos come in by the same protocol as photos, with limits of their own."""

import errno
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests import factories
from tests.inference.video import films
from tests.webapp.moments.video_cast import files_below, make_video
from tests.webapp.photos.conftest import Tus, about, picture
from webapp.accounts.models import User
from webapp.core.files import installation, orphans
from webapp.core.models import Job
from webapp.moments.models import Video
from webapp.moments.video import storage as video_storage
from webapp.photos.models import Concert, Photo
from webapp.uploads import parts
from webapp.uploads.models import Upload

pytestmark = pytest.mark.django_db(transaction=True)

ENDPOINT = "/upload/tus/videos/"


class VideoTus(Tus):
    """The same client at the address of videos."""

    def announce(self, length: int, body: bytes = b"", **headers: str) -> HttpResponse:
        kind = "application/offset+octet-stream" if body else "text/plain"
        sent = {"Upload-Length": str(length), "Tus-Resumable": "1.0.0", **headers}
        return self.browser.post(ENDPOINT, body, content_type=kind, headers=sent)


@pytest.fixture
def videos(as_owner: Client) -> VideoTus:
    return VideoTus(as_owner)


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    return films.make_film(tmp_path / "film.mp4").read_bytes()


def test_a_video_that_comes_in_pieces_is_stored_and_queued(
    videos: VideoTus, film: bytes, owner: User
) -> None:
    concert = Concert.objects.create(owner=owner, name="Seoul")
    words = about(filename="../fancam.mp4", concert=str(concert.pk))
    url = videos.announce(len(film), **{"Upload-Metadata": words})["Location"]
    half = len(film) // 2
    first = videos.patch(url, film[:half], 0)
    assert first["Upload-Offset"] == str(half)
    assert videos.head(url)["Upload-Offset"] == str(half)
    last = videos.patch(url, film[half:], half)

    video = Video.objects.get()
    assert last["Encore-Video"] == str(video.pk)
    assert (video.display_name, video.concert, video.bytes) == ("fancam.mp4", concert, len(film))
    assert (video.state, video.analysed_seconds) == ("uploaded", 0)
    assert video_storage.file_of(video.pk).read_bytes() == film
    assert Job.objects.get().stage == "analyse-video"
    assert not Photo.objects.exists()


def test_a_video_sent_whole_is_answered_with_its_id(videos: VideoTus, film: bytes) -> None:
    answer = videos.whole(film, "fancam.mp4")
    assert answer.status_code == 201
    assert answer.json() == {"video": str(Video.objects.get().pk), "duplicate": False}


def test_the_same_video_again_is_no_second_one(
    videos: VideoTus, film: bytes, data_folder: Path
) -> None:
    first = videos.whole(film)["Encore-Video"]
    again = videos.whole(film, "other.mp4")
    assert (again["Encore-Video"], again["Encore-Duplicate"]) == (first, "true")
    assert Video.objects.count() == 1
    assert len(files_below(data_folder / "media")) == 1


def test_a_failed_video_can_be_uploaded_anew(videos: VideoTus, film: bytes) -> None:
    first = videos.whole(film)["Encore-Video"]
    Video.objects.update(state="failed")
    again = videos.whole(film)
    assert again["Encore-Duplicate"] == "false"
    assert str(Video.objects.get().pk) == again["Encore-Video"] != first


@pytest.mark.parametrize("name", ["fancam.mp4", "fancam.webm"])
def test_the_content_decides_what_a_video_is(
    videos: VideoTus, data_folder: Path, name: str
) -> None:
    answer = videos.whole(picture(), name)
    assert answer.status_code == 422
    assert "MP4, MOV and WebM" in answer.json()["error"]
    assert files_below(data_folder / "media") == []


def test_a_video_is_no_photo(as_owner: Client, film: bytes) -> None:
    assert Tus(as_owner).whole(film, "a.jpg").status_code == 422
    assert not Video.objects.exists()


def test_too_large_a_video_is_refused_before_its_bytes(videos: VideoTus, settings: Any) -> None:
    answer = videos.announce(settings.VIDEO_MAX_BYTES + 1)
    assert answer.status_code == 413
    assert "2000 MB" in answer.json()["error"]
    assert not Upload.objects.exists()
    assert videos.announce(settings.VIDEO_MAX_BYTES).status_code == 201


def test_the_share_of_a_user_counts_what_is_coming(
    videos: VideoTus, film: bytes, settings: Any
) -> None:
    settings.VIDEO_MAX_STORED_BYTES = 3 * len(film)
    videos.whole(film)
    assert videos.announce(2 * len(film)).status_code == 201
    answer = videos.announce(1000)
    assert answer.status_code == 507
    assert "Delete some" in answer.json()["error"]


def test_only_a_few_uploads_may_be_unfinished(videos: VideoTus, settings: Any) -> None:
    for _ in range(settings.VIDEO_MAX_UNFINISHED):
        assert videos.announce(1000).status_code == 201
    assert videos.announce(1000).status_code == 429


def test_a_full_disk_answers_507_and_the_upload_works_later(
    videos: VideoTus, film: bytes, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(parts, "write_all", full)
        assert videos.whole(film).status_code == 507
    assert not Video.objects.exists()
    assert files_below(data_folder / "media") == []
    assert videos.whole(film).status_code == 201


def test_a_commit_that_fails_can_be_finished_again(
    videos: VideoTus, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = videos.announce(len(film))["Location"]
    with monkeypatch.context() as broken:
        broken.setattr("webapp.core.jobs.enqueue", _break)
        videos.browser.raise_request_exception = False
        assert videos.patch(url, film, 0).status_code == 500
    assert not Video.objects.exists()
    again = videos.patch(url, b"", len(film))
    assert again.status_code == 204
    assert again["Encore-Video"] == str(Video.objects.get().pk)


def _break(*_: object) -> None:
    raise RuntimeError("broken on purpose")


def test_others_cannot_see_or_continue_an_upload(
    videos: VideoTus, film: bytes, as_stranger: Client
) -> None:
    url = videos.announce(len(film))["Location"]
    stranger = VideoTus(as_stranger)
    assert stranger.head(url).status_code == 404
    assert stranger.patch(url, film, 0).status_code == 404
    assert stranger.delete(url).status_code == 404


def test_an_upload_of_one_kind_is_not_found_at_the_address_of_the_other(
    videos: VideoTus, film: bytes
) -> None:
    url = videos.announce(len(film))["Location"]
    assert videos.head(url.replace("/videos", "")).status_code == 404


def test_a_file_without_a_row_is_swept_and_one_with_a_row_is_not(
    owner: User, tmp_path: Path
) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    kept, lost = make_video(owner, 1.0), make_video(owner, 2.0)
    Video.objects.filter(pk=lost.pk).delete()
    installation.adopt()
    assert orphans.sweep() == 0
    factories.age(video_storage.file_of(lost.pk))
    assert orphans.sweep() == 1
    assert video_storage.file_of(kept.pk).exists()
    assert not video_storage.file_of(lost.pk).exists()
