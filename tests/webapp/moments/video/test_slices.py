"""A video is analysed slice by slice; whatever is killed, the result is the same."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from tests.factories import make_job
from tests.inference.video import films
from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.video_cast import (
    FakeAnalysis,
    analyse,
    files_below,
    instant,
    three_moments,
    use,
)
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.models import Event, Job
from webapp.moments import services
from webapp.moments.models import EmotionSample, Moment, MomentFrame, Video, VideoTrack
from webapp.moments.video import pictures as video_pictures
from webapp.moments.video import storage as video_storage
from webapp.moments.video.intake import VIDEOS
from webapp.moments.video.services import ANALYSE, analyse_again
from webapp.people.models import Person
from webapp.photos.models import Photo
from webapp.photos.storage import files_of
from webapp.uploads.intake import Content, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def account(video: Video) -> dict[str, Any]:
    """Return all that came of a video, in values that a test can compare."""
    frames = MomentFrame.objects.filter(moment__video=video).order_by("number")
    return {
        "moments": list(
            Moment.objects.filter(video=video)
            .order_by("at_seconds")
            .values_list("key", "at_seconds", "state", "photo_id", "people")
        ),
        "frames": list(frames.values_list("number", "is_picked", "photo_id")),
        "photos": list(Photo.objects.order_by("pk").values_list("pk", "shelf", "sha256")),
        "samples": list(
            EmotionSample.objects.order_by("second").values_list("second", "person", "count")
        ),
        "tracks": list(VideoTrack.objects.order_by("start_ms").values_list("start_ms", "person")),
        "state": Video.objects.values_list("state", "analysed_seconds").get(pk=video.pk),
        "files": files_below(files_of(video.pk).folder.parents[1]),
    }


def test_a_video_becomes_moments_photos_and_a_timeline(
    video: Video, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = use(monkeypatch, three_moments(star))
    assert analyse(video) == 3

    video.refresh_from_db()
    assert (video.state, video.analysed_seconds, video.failure) == ("ready", 65.0, "")
    assert (video.width, video.height) == films.SIZE
    assert [one.start for one in analysis.asked] == [0, 30, 60]
    first, second, nobody = video.moments.order_by("at_seconds")
    assert [one.at_seconds for one in (first, second, nobody)] == [5.0, 29.5, 40.0]
    assert list(first.people.all()) == [star]
    assert not nobody.people.exists()
    assert (first.at - video.created_at).total_seconds() == pytest.approx(5.0)
    assert [frame.is_picked for frame in first.frames.all()] == [True, False]
    assert EmotionSample.objects.filter(video=video, person=star).count() == 13


def test_a_reel_is_made_between_two_parts_of_a_video_which_then_goes_on(
    video: Video, owner: User, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = use(monkeypatch, three_moments(star))
    reel = make_job(owner, "reel")
    assert analyse(video, slices=1) == 1
    video.refresh_from_db()
    assert video.analysed_seconds == 10.0, "it stops where the reel was noticed"

    reel.delete()
    analyse(video)
    video.refresh_from_db()
    assert [one.start for one in analysis.asked] == [0, 10, 40]
    assert (video.state, video.analysed_seconds) == ("ready", 65.0)
    assert video.moments.count() == 3


def test_frames_are_photos_of_full_size_that_show_exactly_their_time(
    video: Video, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, three_moments(star))
    analyse(video, slices=1)

    moment = video.moments.order_by("at_seconds")[0]
    picked, alternate = moment.frames.order_by("number")
    assert moment.photo_id == picked.photo_id
    assert picked.photo is not None
    assert alternate.photo is not None
    assert (picked.photo.shelf, alternate.photo.shelf) == ("moment", "alternate")
    assert picked.photo.display_name == "fancam 0-05.jpg"
    for frame, number in ((picked, 50), (alternate, 51)):
        assert frame.photo_id is not None
        image = decoded(files_of(frame.photo_id).original)
        assert image.shape == (120, 160, 3)
        assert image[10, 10].mean() == pytest.approx(films.picture(number)[10, 10].mean(), abs=6)
    waiting = Job.objects.filter(stage="ingest", state="pending")
    assert set(waiting.values_list("subject_id", flat=True)) >= {
        picked.photo_id,
        alternate.photo_id,
    }


def decoded(path: Path) -> Any:
    import numpy as np
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_pages_hear_of_progress_and_of_the_end(
    video: Video, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, three_moments(star))
    analyse(video)
    told = Event.objects.filter(kind__startswith="video_").order_by("pk")
    assert [(one.kind, one.payload["seconds"], one.payload["moments"]) for one in told] == [
        ("video_progress", 30.0, 2),
        ("video_progress", 60.0, 3),
        ("video_ready", 65.0, 3),
    ]
    assert Event.objects.filter(kind="moment_ready").count() == 3


def test_a_video_looked_through_again_finds_what_was_not_judged_once_more(
    video: Video, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, three_moments(star))
    analyse(video)
    liked, *others = video.moments.order_by("at_seconds")
    services.like_moment(liked)
    before = set(Photo.objects.values_list("pk", flat=True))
    video.refresh_from_db()
    analyse_again(video)
    analyse(video)
    assert video.moments.count() == 3
    assert liked in video.moments.all()
    assert not set(others) & set(video.moments.all())
    kept = set(Photo.objects.filter(moment_frames__moment=liked).values_list("pk", flat=True))
    assert set(Photo.objects.values_list("pk", flat=True)) & before == kept
    assert Photo.objects.count() == len(before)


def test_a_moment_whose_frame_was_picked_by_hand_stays_when_it_is_looked_for_again(
    video: Video, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, three_moments(star))
    analyse(video)
    picked = video.moments.order_by("at_seconds")[0]
    services.pick_frame(picked, picked.frames.get(is_picked=False))
    video.refresh_from_db()
    analyse_again(video)
    analyse(video)
    assert video.moments.count() == 3
    assert video.moments.get(pk=picked.pk).photo_id == picked.photo_id


def upload_again(video: Video, owner: User) -> Video:
    """Let a new file take the place of a failed video's, as the end of an upload does."""
    file_id = uuid4()
    path = video_storage.file_of(file_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = films.make_film(path.with_suffix(".mp4"), seconds=65, rate=10)
    content.rename(path)
    content = Content(video.sha256, "", path.stat().st_size)
    VIDEOS.insert(Ticket(owner, "again.mp4"), file_id, content)
    return Video.objects.get(pk=file_id)


def test_a_failed_video_that_is_uploaded_again_keeps_what_the_user_decided(
    video: Video, owner: User, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = three_moments(star)
    analysis.instants.append(instant(50.0, star.pk))
    use(monkeypatch, analysis)
    analyse(video)
    liked, discarded, picked, other = video.moments.order_by("at_seconds")
    services.like_moment(liked)
    services.discard_moment(discarded)
    services.pick_frame(picked, picked.frames.get(is_picked=False))
    video_storage.file_of(video.pk).unlink()
    Video.objects.filter(pk=video.pk).update(state="failed", failure="The file is missing.")
    before = account(video)

    again = upload_again(video, owner)

    assert [one.pk for one in Video.objects.all()] == [again.pk]
    assert (again.state, again.round, again.created_at) == ("uploaded", 1, video.created_at)
    untouched = account(again)
    rows = ("moments", "frames", "photos", "samples", "tracks")
    assert {name: untouched[name] for name in rows} == {name: before[name] for name in rows}

    analyse(again)
    again.refresh_from_db()
    assert (again.state, again.failure) == ("ready", "")
    kept = {one.pk: one.photo_id for one in (liked, discarded, picked)}
    found = {one.pk: one.photo_id for one in again.moments.all()}
    assert found.items() >= kept.items()
    assert len(found) == 4
    assert other.pk not in found
    assert EmotionSample.objects.filter(video=again).count() == len(before["samples"])
    assert not Job.objects.filter(subject_id=video.pk, stage=ANALYSE).exists()


def test_a_video_uploaded_again_keeps_everything_when_it_fails_again(
    video: Video, owner: User, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, three_moments(star))
    analyse(video)
    Video.objects.filter(pk=video.pk).update(state="failed")
    again = upload_again(video, owner)
    video_storage.file_of(again.pk).unlink()
    analyse(again)
    again.refresh_from_db()
    assert (again.state, again.moments.count()) == ("failed", 3)
    assert "Upload it again" in again.failure


def test_nothing_is_lost_when_the_video_cannot_be_looked_through_again(
    video: Video, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, three_moments(star))
    analyse(video)
    video_storage.file_of(video.pk).unlink()
    analyse_again(video)
    analyse(video)
    video.refresh_from_db()
    assert video.state == Video.State.FAILED
    assert video.moments.count() == 3


def test_what_was_judged_is_not_found_again_under_a_name(
    video: Video, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    nameless = use(monkeypatch, FakeAnalysis(65, [instant(5.0), instant(40.0)]))
    analyse(video)
    discarded, liked = video.moments.order_by("at_seconds")
    services.discard_moment(discarded)
    services.like_moment(liked)
    liked.people.add(star)  # As its photo shows her by now.
    nameless.instants = [instant(5.0, star.pk), instant(40.0)]
    video.refresh_from_db()
    analyse_again(video)
    analyse(video)
    video.refresh_from_db()
    assert video.state == Video.State.READY
    assert set(video.moments.all()) == {discarded, liked}


def before_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Die when the pictures lie in their places and no row tells of them."""
    keep = video_pictures.keep

    def keep_and_die(*arguments: Any) -> Any:
        keep(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(video_pictures, "keep", keep_and_die)


def within_the_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Die when half of the rows are written."""
    monkeypatch.setattr(
        "webapp.moments.video.slices._store_samples",
        lambda *_: os.kill(os.getpid(), signal.SIGKILL),
    )


def while_analysing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Die while the models look at pictures."""
    monkeypatch.setattr(
        "webapp.moments.video.slices.analyse_slice",
        lambda *_: os.kill(os.getpid(), signal.SIGKILL),
    )


@pytest.mark.parametrize("death", [while_analysing, before_the_rows, within_the_transaction])
@pytest.mark.parametrize("done_before", [0, 1])
def test_a_killed_worker_leaves_the_same_as_one_that_lives(
    video: Video,
    star: Person,
    monkeypatch: pytest.MonkeyPatch,
    death: Callable[[pytest.MonkeyPatch], None],
    done_before: int,
) -> None:
    use(monkeypatch, three_moments(star))
    analyse(video, slices=done_before)
    before = account(video)
    connections.close_all()
    child = os.fork()
    if child == 0:
        death(monkeypatch)
        analyse(video, slices=1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    after = account(video)
    rows = ("moments", "frames", "photos", "samples", "tracks")
    assert {name: after[name] for name in rows} == {name: before[name] for name in rows}
    assert after["state"][1] == before["state"][1]
    assert jobs.forfeit_worker(f"process-{child}", "killed") == 1
    analyse(video)
    resumed = account(video)

    Moment.objects.all().delete()
    EmotionSample.objects.all().delete()
    VideoTrack.objects.all().delete()
    Photo.objects.all().delete()
    Video.objects.filter(pk=video.pk).update(analysed_seconds=0, state="uploaded")
    jobs.enqueue(ANALYSE, video.pk, video.owner_id)
    analyse(video)
    assert resumed == account(video)
    assert len(resumed["moments"]) == 3


def test_an_unknown_face_at_a_seam_is_kept_once(
    video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = FakeAnalysis(65, [instant(29.0), instant(30.5), instant(35.0)])
    use(monkeypatch, analysis)
    analyse(video)
    assert list(video.moments.order_by("at_seconds").values_list("at_seconds", flat=True)) == [
        29.0,
        35.0,
    ]


def test_the_next_slice_is_told_of_the_moments_before_it(
    video: Video, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = use(monkeypatch, three_moments(star))
    analyse(video)
    assert [[one.seconds for one in asked.earlier] for asked in analysis.asked] == [
        [],
        [5.0, 29.5],
        [5.0, 29.5],
    ]


def test_a_frame_of_two_moments_is_one_photo(
    video: Video, owner: User, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_person(owner, "Sana")
    use(
        monkeypatch,
        FakeAnalysis(65, [instant(5.0, star.pk, alternates=[0.6]), instant(5.6, other.pk)]),
    )
    analyse(video)
    one, two = video.moments.order_by("at_seconds")
    assert one.frames.get(is_picked=False).photo_id == two.photo_id
    assert Photo.objects.count() == 3


def test_without_consent_nobody_is_to_be_named(
    video: Video, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(owner, "Mina")
    analysis = use(monkeypatch, FakeAnalysis(65))
    analyse(video, slices=1)
    assert analysis.asked[0].roster is None


def test_names_that_were_forgotten_meanwhile_are_not_written_back(
    video: Video, owner: User, star: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webapp.analysis.erasure import forget_all_faces

    analysis = three_moments(star)

    def forget_then_answer(*arguments: Any) -> Any:
        found = analysis(*arguments)
        forget_all_faces(owner)
        return found

    monkeypatch.setattr("webapp.moments.video.slices.analyse_slice", forget_then_answer)
    analyse(video, slices=1)
    assert not Moment.objects.exists()
    assert not EmotionSample.objects.exists()
    assert not Photo.objects.exists()
    assert "photos" not in "".join(files_below(video_storage.file_of(video.pk).parents[2]))


def test_two_stars_at_one_instant_make_one_moment_with_two_names(
    video: Video, star: Person, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, third = make_person(owner, "Sana"), make_person(owner, "Momo")
    found = [instant(5.0, star.pk), instant(5.4, other.pk), instant(6.0, third.pk)]
    use(monkeypatch, FakeAnalysis(length=65, instants=found))
    analyse(video)

    together, apart = video.moments.order_by("at_seconds")
    assert set(together.people.all()) == {star, other}
    assert together.kind == "group"
    assert list(apart.people.all()) == [third]
    assert Event.objects.filter(kind="moment_ready").count() == 2
    assert Photo.objects.count() == 4, "no picture without a moment"


def test_two_instants_at_a_seam_of_slices_are_one_moment_too(
    video: Video, star: Person, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_person(owner, "Sana")
    found = [instant(29.8, star.pk), instant(30.1, other.pk)]
    use(monkeypatch, FakeAnalysis(length=65, instants=found))
    analyse(video)

    assert set(video.moments.get().people.all()) == {star, other}


def test_later_slices_hear_how_a_star_looked_however_long_ago_that_was(
    video: Video, star: Person, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [replace(instant(2.0, star.pk), look=b"look"), instant(3.0, star.pk)]
    analysis = use(monkeypatch, FakeAnalysis(length=95, instants=looks))
    analyse(video)
    told = [{one.seconds: one.look for one in asked.earlier} for asked in analysis.asked]
    assert told[:3] == [{}, {2.0: b"look", 3.0: b""}, {2.0: b"look", 3.0: b""}]
    assert told[3] == {2.0: b"look"}, "without a look it counts for a minute"
    assert not video.moments.exclude(look=b"").exists(), "looks go when the video is through"
