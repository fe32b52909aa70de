"""From the engine's choice to a moment with its picture: what is written, asked for, given up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from tests.webapp.photos.conftest import Tus, about
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.core.jobs import tasks
from webapp.core.models import Event, Job
from webapp.live.keeping import CameraTime, Filming
from webapp.live.models import LiveSession
from webapp.live.services import start_session
from webapp.moments import services
from webapp.moments.capture import arriving
from webapp.moments.capture import asking as capture
from webapp.moments.models import Moment, MomentFrame
from webapp.moments.queries import moments_visible_to
from webapp.people.models import Person
from webapp.people.services import ensure_person
from webapp.photos.models import Concert, Photo
from webapp.photos.queries import library_of
from webapp.uploads.models import Upload


@pytest.fixture
def session(owner: User) -> LiveSession:
    concert = Concert.objects.create(owner=owner, name="Tokyo Dome")
    return start_session(owner.pk, "Front row", concert)


@pytest.fixture
def filming(session: LiveSession) -> Filming:
    return Filming(session.owner_id, session.pk)


@pytest.fixture
def star(owner: User) -> Person:
    give_consent(owner)
    return ensure_person(owner.pk, "Minji")


def told_frame(number: int, score: float = 0.8, **changes: Any) -> dict[str, Any]:
    return {
        "frame": number,
        "captured_at": 66.0 * number,
        "score": score,
        "terms": {"expression": 0.9},
        "reason": "eyes open, sharp",
        "box": (64.0, 36.0, 128.0, 108.0),
        "width": 640,
        "height": 360,
    } | changes


def told(*people: Person, frames: int = 3, **changes: Any) -> dict[str, Any]:
    return {
        "key": uuid4().hex,
        "people": [{"person": str(one.pk), "name": one.name} for one in people],
        "emotion": "happy",
        "emotions": {"happy": 0.9},
        "frames": [told_frame(10 + index, 0.8 - 0.1 * index) for index in range(frames)],
    } | changes


def now() -> CameraTime:
    return CameraTime(1000 * timezone.now().timestamp() - 660.0, (594.0, 660.0, 726.0))


def chosen(filming: Filming, star: Person, **changes: Any) -> Moment:
    asked = capture.keep(filming, told(star, **changes), now())
    assert asked is not None
    return Moment.objects.get(pk=asked["moment"])


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def send(tus: Tus, moment: Moment, number: int, content: bytes, **more: str) -> Any:
    return tus.whole(content, moment=str(moment.pk), frame=str(number), **more)


def test_a_choice_becomes_a_moment_and_its_frames_are_asked_for_best_first(
    filming: Filming, star: Person
) -> None:
    asked = capture.keep(filming, told(star), now())

    assert asked is not None
    assert [one["frame"] for one in asked["frames"]] == [10, 11, 12]
    assert (asked["people"], asked["near"], asked["is_repeated"]) == (["Minji"], [], False)
    moment = Moment.objects.get()
    assert (moment.state, moment.kind, moment.emotion) == ("wanted", "auto", "happy")
    assert moment.concert is not None
    assert list(moment.people.all()) == [star]
    assert moment.frames.get(number=10).box == [0.1, 0.1, 0.2, 0.3]
    assert abs(moment.at - timezone.now()) < timedelta(seconds=2)
    assert kinds() == ["moment_wanted"]


def test_a_choice_that_is_told_twice_is_one_moment(filming: Filming, star: Person) -> None:
    message = told(star)
    first, second = (capture.keep(filming, message, now()) for _ in range(2))
    assert first == second
    assert Moment.objects.count() == 1
    assert MomentFrame.objects.count() == 3


def test_several_stars_make_a_group_moment(filming: Filming, star: Person, owner: User) -> None:
    other = ensure_person(owner.pk, "Hanni")
    capture.keep(filming, told(star, other), now())
    assert Moment.objects.get().kind == Moment.Kind.GROUP


def test_the_same_instant_of_two_stars_is_one_moment_with_two_names(
    filming: Filming, star: Person, owner: User
) -> None:
    other, at = ensure_person(owner.pk, "Hanni"), now()
    first = capture.keep(filming, told(star), at)
    message = told(other)
    second = capture.keep(filming, message, at)
    again = capture.keep(filming, message, at)

    moment = Moment.objects.get()
    assert {asked["moment"] for asked in (first, second, again) if asked} == {str(moment.pk)}
    assert set(moment.people.all()) == {star, other}
    assert moment.kind == "group"
    assert moment.frames.count() == 3, "no frame is asked for twice"


def test_instants_apart_stay_two_moments_and_so_does_what_the_user_has_judged(
    filming: Filming, star: Person, owner: User
) -> None:
    other, at = ensure_person(owner.pk, "Hanni"), now()
    later = CameraTime(at.ahead_ms + 700, at.sent)
    capture.keep(filming, told(star), at)
    capture.keep(filming, told(other), later)
    assert Moment.objects.count() == 2
    Moment.objects.update(judged_at=timezone.now())
    capture.keep(filming, told(ensure_person(owner.pk, "Danielle")), at)
    assert Moment.objects.count() == 3


def test_without_consent_nobody_is_named_and_only_anyones_moments_are_kept(
    filming: Filming, owner: User
) -> None:
    star = ensure_person(owner.pk, "Minji")
    assert capture.keep(filming, told(star), now()) is None
    services.update_taste(owner, anyone=True)
    asked = capture.keep(filming, told(star), now())
    assert asked is not None
    assert asked["people"] == []
    assert not Moment.objects.get().people.exists()


def test_people_of_somebody_else_are_not_named(filming: Filming, stranger: User) -> None:
    give_consent(User.objects.get(pk=filming.owner_id))
    assert capture.keep(filming, told(ensure_person(stranger.pk, "Minji")), now()) is None


def test_a_session_that_was_deleted_keeps_nothing(filming: Filming, star: Person) -> None:
    LiveSession.objects.all().delete()
    assert capture.keep(filming, told(star), now()) is None


def test_the_best_frame_becomes_the_picture_and_is_analysed_and_the_others_rest(
    filming: Filming,
    star: Person,
    owner: User,
    tus: Tus,
    make_picture: Callable[..., bytes],
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webapp.analysis.stages.recognition.recognise_photo", lambda *_: None)
    moment = chosen(filming, star)
    for number in (10, 11):
        assert send(tus, moment, number, make_picture(seed=number)).status_code == 201
    assert not library_of(owner).exists()

    for job in Job.objects.filter(stage="ingest"):
        _do(job.pk)

    moment.refresh_from_db()
    picked = moment.frames.get(is_picked=True)
    assert (moment.state, picked.number, moment.photo) == ("ready", 10, picked.photo)
    assert picked.photo is not None
    assert (picked.photo.shelf, picked.photo.concert) == ("moment", moment.concert)
    assert picked.photo.taken_at == moment.at
    assert list(library_of(owner)) == [picked.photo]
    assert list(moments_visible_to(owner)) == [moment]
    analysed = set(Job.objects.exclude(stage="ingest").values_list("subject_id", flat=True))
    assert analysed == {picked.photo_id}
    assert kinds().count("moment_ready") == 1


def _do(job_id: int) -> None:
    tasks.perform(job_id)


def test_an_alternate_that_comes_first_waits_for_the_best_for_a_minute(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    moment = chosen(filming, star)
    send(tus, moment, 12, make_picture())
    _do(Job.objects.get(stage="ingest").pk)
    moment.refresh_from_db()
    assert moment.state == Moment.State.WANTED

    _age(moment, seconds=61)
    arriving.settle_overdue()

    moment.refresh_from_db()
    assert moment.state == Moment.State.READY
    assert moment.frames.get(is_picked=True).number == 12
    assert kinds().count("moment_ready") == 1


def _age(moment: Moment, seconds: float) -> None:
    then = timezone.now() - timedelta(seconds=seconds)
    Moment.objects.filter(pk=moment.pk).update(created_at=then)


def test_a_missed_best_frame_lets_the_next_one_be_the_picture_at_once(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    moment = chosen(filming, star)
    capture.miss(filming, moment.pk, [10])
    send(tus, moment, 11, make_picture())
    _do(Job.objects.get(stage="ingest").pk)
    moment.refresh_from_db()
    assert (moment.state, moment.frames.get(is_picked=True).number) == ("ready", 11)


def test_a_moment_of_which_the_camera_has_nothing_is_lost(filming: Filming, star: Person) -> None:
    moment = chosen(filming, star)
    capture.miss(filming, moment.pk, [10, 11, 12])
    moment.refresh_from_db()
    assert moment.state == Moment.State.LOST
    assert kinds() == ["moment_wanted", "moment_lost"]


def test_a_moment_of_which_nothing_came_is_lost_after_a_quarter_of_an_hour(
    filming: Filming, star: Person
) -> None:
    moment = chosen(filming, star)
    _age(moment, seconds=600)
    arriving.settle_overdue()
    moment.refresh_from_db()
    assert moment.state == Moment.State.WANTED
    _age(moment, seconds=901)
    arriving.settle_overdue()
    moment.refresh_from_db()
    assert moment.state == Moment.State.LOST


def test_nobody_else_can_say_that_frames_are_missed(
    filming: Filming, star: Person, stranger: User, session: LiveSession
) -> None:
    moment = chosen(filming, star)
    capture.miss(Filming(stranger.pk, session.pk), moment.pk, [10, 11, 12])
    capture.miss(Filming(filming.owner_id, uuid4()), moment.pk, [10, 11, 12])
    assert moment.frames.count() == 3


def test_the_same_frame_sent_twice_is_one_photo_of_the_moment(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    moment = chosen(filming, star)
    first = send(tus, moment, 10, make_picture(seed=1))
    again = send(tus, moment, 10, make_picture(seed=1))
    other = send(tus, moment, 10, make_picture(seed=2))
    assert {answer.headers["Encore-Photo"] for answer in (first, again, other)} == {
        str(moment.frames.get(number=10).photo_id)
    }
    assert Photo.objects.count() == 1


def test_two_moments_on_the_same_frame_share_its_photo(
    filming: Filming, star: Person, owner: User, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    one = chosen(filming, star, frames=1)
    Moment.objects.update(judged_at=timezone.now())  # Else it would be one moment with two names.
    other = chosen(filming, ensure_person(owner.pk, "Hanni"), frames=1)
    for moment in (one, other):
        assert send(tus, moment, 10, make_picture()).status_code == 201
    _do(Job.objects.get(stage="ingest").pk)
    assert Photo.objects.count() == 1
    assert moments_visible_to(owner).count() == 2
    assert library_of(owner).count() == 1


def test_a_file_that_was_uploaded_by_hand_before_stays_in_the_library(
    filming: Filming, star: Person, owner: User, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    tus.whole(make_picture())
    _do(Job.objects.get(stage="ingest").pk)
    moment = chosen(filming, star, frames=1)
    send(tus, moment, 10, make_picture())
    moment.refresh_from_db()
    assert moment.state == Moment.State.READY
    services.delete_moment(moment)
    assert library_of(owner).count() == 1


def test_an_upload_in_pieces_finds_its_moment_after_the_last_piece(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    moment, content = chosen(filming, star), make_picture()
    said = about(filename="a.jpg", moment=str(moment.pk), frame="10")
    url = tus.announce(len(content), **{"Upload-Metadata": said}).headers["Location"]
    tus.patch(url, content[:100], 0)
    assert moment.frames.get(number=10).photo is None
    assert tus.patch(url, content[100:], 100).status_code == 204
    assert moment.frames.get(number=10).photo_id == Photo.objects.get().pk


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"moment": str(UUID(int=7))}, 404, id="no such moment"),
        pytest.param({"moment": "../x"}, 404, id="no id"),
        pytest.param({"frame": "99"}, 404, id="no such frame"),
        pytest.param({"frame": "-1"}, 404, id="no number"),
        pytest.param({"frame": "99", "captured_at": "nan"}, 404, id="no time"),
        pytest.param({"frame": "99", "captured_at": "9000"}, 404, id="far from the moment"),
    ],
)
def test_an_upload_for_what_is_not_there_leaves_nothing(
    change: dict[str, str],
    status: int,
    filming: Filming,
    star: Person,
    tus: Tus,
    make_picture: Callable[..., bytes],
) -> None:
    moment = chosen(filming, star)
    said = {"moment": str(moment.pk), "frame": "10"} | change
    assert tus.whole(make_picture(), **said).status_code == status
    assert not Photo.objects.exists()
    assert not Upload.objects.exists()


def test_a_stranger_is_told_there_is_no_such_moment(
    filming: Filming, star: Person, as_stranger: Any, make_picture: Callable[..., bytes]
) -> None:
    moment = chosen(filming, star)
    assert send(Tus(as_stranger), moment, 10, make_picture()).status_code == 404


def test_a_lost_or_discarded_moment_takes_no_pictures(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    lost, discarded = chosen(filming, star), chosen(filming, star)
    capture.miss(filming, lost.pk, [10, 11, 12])
    services.discard_moment(discarded)
    for moment in (lost, discarded):
        assert send(tus, moment, 10, make_picture()).status_code == 403


def test_a_moment_deleted_while_its_frame_was_on_the_way_leaves_nothing(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    moment, content = chosen(filming, star), make_picture()
    said = about(filename="a.jpg", moment=str(moment.pk), frame="10")
    url = tus.announce(len(content), **{"Upload-Metadata": said}).headers["Location"]
    services.delete_moment(moment)
    assert tus.patch(url, content, 0).status_code == 404
    assert not Photo.objects.exists()
    assert not Upload.objects.exists()


def test_a_frame_between_those_that_were_seen_may_come_too(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    moment = chosen(filming, star)
    answer = send(tus, moment, 99, make_picture(), captured_at="700.5")
    assert answer.status_code == 201
    frame = moment.frames.get(number=99)
    assert (frame.captured_at, frame.score, frame.is_picked) == (700.5, None, False)


def test_the_frame_at_the_peak_is_known_as_that(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    moment = chosen(filming, star)
    send(tus, moment, 99, make_picture(), captured_at="700.5", is_peak="true")
    assert moment.frames.get(is_peak=True).number == 99


def test_a_moment_has_five_frames_at_most(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    moment = chosen(filming, star, frames=5)
    answer = send(tus, moment, 99, make_picture(), captured_at="700.5")
    assert answer.status_code == 404


def test_pressing_the_shutter_keeps_that_frame_and_others_around_it(filming: Filming) -> None:
    frames: Any = [{"frame": 20, "captured_at": 1320.0}, {"frame": 15, "captured_at": 990.0}]
    asked = capture.press(filming, frames, now())
    again = capture.press(filming, frames, now())
    assert asked is not None
    assert asked == again
    assert asked["frames"] == frames
    moment = Moment.objects.get()
    assert (moment.kind, moment.reason) == ("manual", "chosen by hand")


def test_a_camera_that_was_gone_is_asked_again_for_what_has_not_come(
    filming: Filming, star: Person, tus: Tus, make_picture: Callable[..., bytes]
) -> None:
    moment, old = chosen(filming, star), chosen(filming, star)
    _age(old, seconds=60)
    send(tus, moment, 10, make_picture())
    (asked,) = capture.outstanding(filming)
    assert asked["moment"] == str(moment.pk)
    assert [one["frame"] for one in asked["frames"]] == [11, 12]
    assert asked["is_repeated"]
