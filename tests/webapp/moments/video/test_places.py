"""Where a video was made goes out of its file when it is opened, and its hash is noted."""

from pathlib import Path

import pytest

from tests.inference.places import places
from tests.webapp.moments.video_cast import make_video
from webapp.accounts.models import User
from webapp.core.files.durable import sha256_of
from webapp.core.models import Job
from webapp.moments import library
from webapp.moments.models import Video
from webapp.moments.video import slices as video_slices
from webapp.moments.video import storage as video_storage
from webapp.vision.sandbox.videos import blank_places

pytestmark = pytest.mark.django_db


def test_an_analysed_video_does_not_say_any_more_where_it_was_made(
    owner: User, data_folder: Path, tmp_path: Path
) -> None:
    video = make_video(owner, seconds=2)
    path = video_storage.file_of(video.pk)
    path.write_bytes(places.with_user_data(path.read_bytes(), places.user_data()["©xyz"]))
    uploaded = sha256_of(path)

    video_slices._open(video)

    video.refresh_from_db()
    assert places.LATITUDE not in path.read_bytes()
    assert video.stored_sha256 == sha256_of(path) != uploaded
    Job.objects.all().delete()  # While it waits the file may still be rewritten.
    assert [holding.sha256 for holding in library._video_files()] == [sha256_of(path)]


def test_a_video_without_a_place_stays_as_it_was_uploaded(
    owner: User, data_folder: Path, tmp_path: Path
) -> None:
    video = make_video(owner, seconds=2)
    path = video_storage.file_of(video.pk)
    blank_places(path)
    uploaded = sha256_of(path)

    video_slices._open(video)

    video.refresh_from_db()
    assert video.stored_sha256 == ""
    assert sha256_of(path) == uploaded


def test_a_kill_in_between_leaves_no_wrong_hash(
    owner: User, data_folder: Path, tmp_path: Path
) -> None:
    video = make_video(owner, seconds=2)
    blank_places(video_storage.file_of(video.pk))
    video.stored_sha256 = Video.REWRITING

    video_slices._open(video)

    assert video.stored_sha256 == sha256_of(video_storage.file_of(video.pk))
