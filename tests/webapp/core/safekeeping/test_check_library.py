"""The check of the library: each way in which a file can be wrong is found, and no other."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import age, run_pending_jobs
from tests.webapp.photos.conftest import Tus, picture
from tests.webapp.photos.conftest import tus as tus
from webapp.core import jobs
from webapp.core.files import installation
from webapp.core.models import Job
from webapp.moments.models import Video
from webapp.moments.video import storage as video_storage
from webapp.photos.models import Photo
from webapp.photos.storage import PhotoFiles, files_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tus: Tus) -> PhotoFiles:
    """A photo that was read in, in a paired installation."""
    tus.whole(picture())
    Job.objects.exclude(stage="ingest").delete()
    run_pending_jobs()
    installation.adopt()
    return files_of(Photo.objects.get().pk)


def problems(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """Return the lines of the check."""
    capsys.readouterr()
    with pytest.raises(CommandError):
        call_command("check_library", *options)
    return capsys.readouterr().out.splitlines()


def _lose_original(files: PhotoFiles) -> None:
    files.original.unlink()


def _change_a_byte(files: PhotoFiles) -> None:
    content = bytearray(files.original.read_bytes())
    content[-1] ^= 1
    files.original.write_bytes(content)


def _lose_thumbnail(files: PhotoFiles) -> None:
    files.thumb.unlink()


def _make_unreadable(files: PhotoFiles) -> None:
    files.original.unlink()
    files.original.mkdir()  # Reading fails for root as well.


def _add_orphan(files: PhotoFiles) -> None:
    lost = Path(str(files.folder)[:-1] + ("0" if files.folder.name[-1] != "0" else "1"))
    shutil.copytree(files.folder, lost)
    age(lost)


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        pytest.param(_lose_original, "missing: ", id="missing"),
        pytest.param(_change_a_byte, "changed: ", id="one bit changed"),
        pytest.param(_lose_thumbnail, "missing derivative: ", id="missing thumbnail"),
        pytest.param(_make_unreadable, "unreadable: ", id="unreadable"),
        pytest.param(_add_orphan, "orphaned: ", id="orphan"),
    ],
)
def test_each_kind_of_harm_is_found_and_named(
    files: PhotoFiles,
    capsys: pytest.CaptureFixture[str],
    harm: Callable[[PhotoFiles], None],
    problem: str,
) -> None:
    call_command("check_library")
    harm(files)
    (line,) = problems(capsys)
    assert line.startswith(problem)
    assert line.endswith("(photos)")


def test_an_original_that_a_stage_is_to_rewrite_is_not_called_changed(files: PhotoFiles) -> None:
    _change_a_byte(files)
    photo = Photo.objects.get()
    jobs.enqueue("revise", photo.pk, photo.owner_id)
    call_command("check_library")


def test_a_video_that_is_to_be_analysed_is_not_called_changed(files: PhotoFiles) -> None:
    owner_id = Photo.objects.get().owner_id
    video = Video.objects.create(owner_id=owner_id, display_name="a.mp4", sha256="v", bytes=1)
    path = video_storage.file_of(video.pk)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half rewritten")
    jobs.enqueue("analyse-video", video.pk, owner_id)
    call_command("check_library")


def test_a_lost_thumbnail_is_made_again(
    files: PhotoFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files.thumb.read_bytes()
    files.thumb.unlink()
    assert "1 rows are made again by the workers" in problems(capsys, "--repair")
    Job.objects.exclude(stage="ingest").delete()
    run_pending_jobs()
    assert files.thumb.read_bytes() == before
    call_command("check_library")


def test_nothing_is_made_again_of_a_photo_whose_original_is_gone(
    files: PhotoFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    files.thumb.unlink()
    files.original.unlink()
    assert "0 rows are made again by the workers" in problems(capsys, "--repair")
    assert not Job.objects.filter(state="pending", stage="ingest").exists()
    assert files.display.exists()
