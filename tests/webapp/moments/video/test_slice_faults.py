"""Videos that are deleted or bad, and disks that are full, while a video is analysed."""

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.inference.video import films
from tests.webapp.moments.video_cast import (
    FakeAnalysis,
    analyse,
    files_below,
    frame_at,
    instant,
    three_moments,
    use,
)
from webapp.core.models import Event, Job
from webapp.moments.models import EmotionSample, Moment, MomentFrame, Video
from webapp.moments.video import pictures as video_pictures
from webapp.moments.video import storage as video_storage
from webapp.moments.video.services import ANALYSE, analyse_again, delete_video
from webapp.people.models import Person
from webapp.photos.models import Photo

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_deleted_video_leaves_nothing(
    video: Video, star: Person, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, three_moments(star))
    analyse(video)
    delete_video(Video.objects.get(pk=video.pk))

    assert not Video.objects.exists()
    assert not Moment.objects.exists()
    assert not MomentFrame.objects.exists()
    assert not Photo.objects.exists()
    assert not EmotionSample.objects.exists()
    assert not Event.objects.filter(payload__video=str(video.pk)).exists()
    assert set(Job.objects.values_list("stage", flat=True)) == {"erase", "erase-video"}
    assert files_below(data_folder / "media") == []


def test_a_video_deleted_while_it_is_analysed_leaves_nothing(
    video: Video, star: Person, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = video_pictures.keep

    def keep_then_delete(*arguments: Any) -> Any:
        pictures = keep(*arguments)
        delete_video(Video.objects.get(pk=video.pk))
        return pictures

    use(monkeypatch, three_moments(star))
    monkeypatch.setattr(video_pictures, "keep", keep_then_delete)
    analyse(video, slices=1)
    assert not Moment.objects.exists()
    assert not Photo.objects.exists()
    assert files_below(data_folder / "media") == []


def test_a_full_disk_is_said_and_the_analysis_goes_on_where_it_was(
    video: Video, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, three_moments(star))
    analyse(video, slices=1)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("webapp.uploads.parts.write_all", full)
        analyse(video, slices=1)
    video.refresh_from_db()
    assert (video.state, video.analysed_seconds) == ("failed", 30.0)
    assert "disk is full" in video.failure
    assert Event.objects.filter(kind="video_failed").exists()

    analyse_again(video)
    analyse(video)
    video.refresh_from_db()
    assert (video.state, video.failure, video.moments.count()) == ("ready", "", 3)


def test_a_video_that_is_too_long_is_refused_with_the_limit(
    video: Video, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VIDEO_MAX_MINUTES = 1
    analysis = use(monkeypatch, FakeAnalysis(65))
    analyse(video)
    video.refresh_from_db()
    assert video.state == "failed"
    assert "limit is 1" in video.failure
    assert analysis.asked == []


def test_a_file_that_breaks_off_says_how_much_of_it_could_be_read(
    video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, FakeAnalysis(length=20, instants=[instant(5.0)]))
    analyse(video)
    video.refresh_from_db()
    assert video.state == "ready"
    assert video.failure.startswith("Only 0:20 of 1:05 could be read")
    assert video.moments.count() == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(films.make_sound, "only sound", id="only sound"),
        pytest.param(lambda path: films.cut(films.make_film(path), 0.5), "incomplete", id="cut"),
        pytest.param(lambda path: path.unlink(), "missing", id="no file"),
    ],
)
def test_a_bad_video_fails_once_with_a_sentence(
    video: Video, tmp_path: Path, make: Callable[[Path], Any], words: str
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.touch()
    make(bad)
    video_storage.file_of(video.pk).unlink()
    if bad.exists():
        bad.rename(video_storage.file_of(video.pk))
    assert analyse(video) == 1
    video.refresh_from_db()
    assert video.state == "failed"
    assert words in video.failure
    assert Job.objects.get(stage=ANALYSE).state == "failed"


def test_a_frame_that_cannot_be_decoded_is_left_out(
    video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = frame_at(999.0)
    one = instant(5.0)
    broken = replace(one, frames=(*one.frames, missing))
    use(monkeypatch, FakeAnalysis(65, [broken]))
    analyse(video, slices=1)
    assert MomentFrame.objects.count() == 2
