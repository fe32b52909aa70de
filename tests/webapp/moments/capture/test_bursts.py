"""Photos in quick succession are stacked, and unstacked where the user wants it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from tests.factories import make_job, make_user, run_pending_jobs
from tests.webapp.analysis.cast import make_face, make_person, make_photo
from tests.webapp.moments.cast import make_moment
from webapp.accounts.models import User
from webapp.analysis.erasure import delete_photo
from webapp.analysis.names.merging import merge_people, undo_merge
from webapp.core.models import Event, Job
from webapp.moments import services, upkeep
from webapp.moments.capture import bursts
from webapp.moments.models import EmotionSample, Moment, Video
from webapp.people.gallery.changes import gallery_of, mark_change
from webapp.people.models import PeopleGallery, Person
from webapp.people.queries import with_counts
from webapp.photos import counts
from webapp.photos.arrival.destinations import photo_joined
from webapp.photos.clocks import queue_clocks
from webapp.photos.concert_cards import concerts_with_covers
from webapp.photos.models import Concert, Photo
from webapp.photos.queries import library_of
from webapp.vision.chosen import ChosenFrame, ChosenMoment
from webapp.vision.models.bursts import BurstPicture, frame_number

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 1, 20, 0, 0, tzinfo=UTC)
SCORES = (0.4, 0.9, 0.6)


class FakeJudge:
    """Takes all it is given for one burst; remembers what that was."""

    def __init__(self) -> None:
        self.asked: list[list[BurstPicture]] = []
        self.scores: dict[Any, float] = {}

    def __call__(
        self, pictures: Any, weights: Any, favourites: Sequence[Any] = ()
    ) -> list[ChosenMoment]:
        self.asked.append(list(pictures))
        judged = [
            ChosenFrame(
                frame_number(one.photo),
                1000 * one.seconds,
                self.scores.get(one.photo, 0.5),
                {"eyes": 0.8},
                "eyes open",
                (0.0, 0.1, 0.4, 0.5),
                "happy",
                {"happy": 0.9},
                one.photo,
            )
            for one in self.asked[-1]
        ]
        judged.sort(key=lambda one: -(one.score or 0.0))
        return [ChosenMoment((), tuple(judged))]


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> FakeJudge:
    fake = FakeJudge()
    monkeypatch.setattr(bursts, "find_bursts", fake)
    return fake


def shoot(owner: User, judge: FakeJudge, count: int = 3, **fields: Any) -> list[Photo]:
    """Make photos 0.2 s apart with a face each; the second is the best."""
    photos = []
    for step in range(count):
        values = {"taken_at": START + timedelta(seconds=0.2 * step), "camera": "Maker 7", **fields}
        photo = make_photo(owner, face_count=1, **values)
        make_face(photo, emotion="happy", emotion_model="m")
        judge.scores[photo.pk] = SCORES[step % 3]
        photos.append(photo)
    return photos


def stack(owner: User, photo: Photo) -> None:
    make_job(owner, "burst", photo.pk)
    run_pending_jobs()


def name_anew(owner: User, *changed: Photo) -> None:
    """Have moments follow their photos, after the faces of some were matched anew."""
    gallery = mark_change(owner.pk, photos=[photo.pk for photo in changed])
    PeopleGallery.objects.filter(pk=gallery.pk).update(matched_revision=gallery.revision)
    make_job(owner, "name-moments", gallery_of(owner.pk).pk)
    run_pending_jobs()


def shown(owner: User) -> set[Photo]:
    return set(library_of(owner))


@pytest.fixture
def burst(owner: User, judge: FakeJudge) -> tuple[Moment, list[Photo]]:
    """A stacked burst of three."""
    photos = shoot(owner, judge)
    stack(owner, photos[0])
    return Moment.objects.get(), photos


def test_the_best_photo_is_on_top_and_the_others_lie_under_it(
    owner: User, burst: tuple[Moment, list[Photo]]
) -> None:
    moment, photos = burst
    assert shown(owner) == {photos[1]}
    assert (moment.kind, moment.state, moment.photo) == ("burst", "ready", photos[1])
    assert moment.at == photos[1].taken_at
    assert (moment.score, moment.emotion, moment.reason) == (0.9, "happy", "eyes open")
    frames = list(moment.frames.all())
    assert [frame.photo for frame in frames] == photos
    assert [frame.is_picked for frame in frames] == [False, True, False]
    assert frames[1].terms == {"eyes": 0.8}
    assert set(Event.objects.values_list("kind", flat=True)) >= {"photos_stacked", "moment_ready"}


def test_stacking_twice_changes_nothing(owner: User, burst: tuple[Moment, list[Photo]]) -> None:
    moment, photos = burst
    stack(owner, photos[2])
    assert Moment.objects.get() == moment
    assert moment.frames.count() == 3
    assert Event.objects.filter(kind="moment_ready").count() == 1


def test_a_photo_that_comes_later_joins_its_burst(
    owner: User, judge: FakeJudge, burst: tuple[Moment, list[Photo]]
) -> None:
    moment, _photos = burst
    (late,) = shoot(owner, judge, 1, taken_at=START + timedelta(seconds=0.7))
    judge.scores[late.pk] = 0.95
    stack(owner, late)
    assert Moment.objects.get().photo == late
    assert shown(owner) == {late}
    assert moment.frames.count() == 4


def test_the_frame_that_the_user_picked_stays_on_top(
    owner: User, burst: tuple[Moment, list[Photo]]
) -> None:
    moment, photos = burst
    services.pick_frame(moment, moment.frames.get(photo=photos[0]))
    assert shown(owner) == {photos[0]}
    stack(owner, photos[2])
    assert shown(owner) == {photos[0]}
    assert Moment.objects.get().photo == photos[0]


@pytest.mark.parametrize(
    "other",
    [
        {"taken_at": START + timedelta(seconds=0.91)},
        {"taken_at": None},
        {"camera": "Maker 8"},
        {"state": Photo.State.FAILED},
        {"shelf": Photo.Shelf.MOMENT},
    ],
)
def test_what_does_not_belong_to_the_burst_stays_out(
    owner: User, judge: FakeJudge, other: dict[str, Any]
) -> None:
    photos = shoot(owner, judge)
    stranger = shoot(owner, judge, 1, **{"taken_at": START + timedelta(seconds=0.5), **other})[0]
    stack(owner, photos[0])
    assert [one.photo for one in judge.asked[0]] == [photo.pk for photo in photos]
    stranger.refresh_from_db()
    assert stranger.stack_top is None


def test_photos_of_another_user_and_another_concert_stay_out(owner: User, judge: FakeJudge) -> None:
    photos = shoot(owner, judge)
    shoot(make_user(), judge, 1, taken_at=START)
    concert = Concert.objects.create(owner=owner, name="Night two")
    shoot(owner, judge, 1, taken_at=START, concert=concert)
    stack(owner, photos[1])
    assert {one.photo for one in judge.asked[0]} == {photo.pk for photo in photos}


@pytest.mark.parametrize("stage", ["recognise", "emotions", "burst"])
def test_the_last_photo_does_the_work_for_all(owner: User, judge: FakeJudge, stage: str) -> None:
    photos = shoot(owner, judge)
    make_job(owner, "burst", photos[0].pk)
    waiting = make_job(owner, stage, photos[2].pk)
    first = Job.objects.get(stage="burst", subject_id=photos[0].pk)
    from webapp.core.jobs import tasks

    tasks.perform(first.pk)
    assert judge.asked == []
    Job.objects.filter(pk=waiting.pk).update(state=Job.State.DONE)
    stack(owner, photos[2])
    assert len(judge.asked) == 1
    assert Moment.objects.count() == 1


def test_the_stage_follows_the_emotions() -> None:
    from webapp.core.extension import stages

    assert "burst" in [stage.name for stage in stages.following("emotions")]
    assert set(stages.after("ingest")) == {"recognise", "emotions", "burst", "portrait"}


def test_a_discarded_burst_is_unstacked_and_comes_back(
    owner: User, burst: tuple[Moment, list[Photo]]
) -> None:
    moment, photos = burst
    services.discard_moment(moment)
    assert shown(owner) == set(photos)
    stack(owner, photos[0])
    assert shown(owner) == set(photos)
    services.restore_moment(Moment.objects.get())
    assert shown(owner) == {photos[1]}


def test_deleting_the_moment_keeps_the_photos(
    owner: User, burst: tuple[Moment, list[Photo]]
) -> None:
    moment, photos = burst
    services.delete_moment(moment)
    assert shown(owner) == set(photos)
    assert not Moment.objects.exists()
    stack(owner, photos[0])
    assert shown(owner) == set(photos), "stacked again, although the user took it apart"


def test_the_next_best_takes_the_place_of_a_deleted_photo(
    owner: User, judge: FakeJudge, burst: tuple[Moment, list[Photo]]
) -> None:
    _moment, photos = burst
    delete_photo(photos[1])
    assert shown(owner) == {photos[0], photos[2]}
    upkeep.sweep()
    assert shown(owner) == {photos[2]}
    assert Moment.objects.get().photo == photos[2]
    (better,) = shoot(owner, judge, 1, taken_at=START + timedelta(seconds=0.6))
    judge.scores[better.pk] = 0.7
    stack(owner, better)
    assert shown(owner) == {better}, "the replacement was taken for the user's pick"
    for photo in (photos[0], better):
        delete_photo(photo)
        upkeep.sweep()
    assert not Moment.objects.exists()
    assert shown(owner) == {photos[2]}


def test_two_bursts_become_one_when_the_photo_between_them_arrives(
    owner: User, judge: FakeJudge
) -> None:
    first = shoot(owner, judge)
    second = shoot(owner, judge)
    for step, photo in enumerate(second):
        photo.taken_at = START + timedelta(seconds=1.2 + 0.2 * step)
        photo.save()
    stack(owner, first[0])
    stack(owner, second[0])
    assert Moment.objects.count() == 2
    liked = Moment.objects.get(photo=second[1])
    services.like_moment(liked)
    (between,) = shoot(owner, judge, 1, taken_at=START + timedelta(seconds=0.8))
    stack(owner, between)
    assert Moment.objects.get() == liked
    assert Moment.objects.get().liked_at is not None
    assert liked.frames.count() == 7
    assert len(shown(owner)) == 1


def test_a_burst_follows_when_the_clocks_of_its_photos_are_read_anew(
    owner: User, burst: tuple[Moment, list[Photo]]
) -> None:
    moment, photos = burst
    User.objects.filter(pk=owner.pk).update(time_zone="Asia/Seoul")
    Photo.objects.update(camera_time=F("taken_at"))

    queue_clocks(owner.pk)
    run_pending_jobs()

    moment.refresh_from_db()
    assert moment.at == photos[1].taken_at - timedelta(hours=9)
    frames = moment.frames.order_by("captured_at")
    assert [frame.photo for frame in frames] == photos
    assert frames[1].captured_at == 1000 * moment.at.timestamp()


def test_a_burst_that_falls_apart_becomes_two(owner: User, judge: FakeJudge) -> None:
    photos = shoot(owner, judge, 6, taken_at=START)
    for step, photo in enumerate(photos):
        Photo.objects.filter(pk=photo.pk).update(taken_at=START + timedelta(seconds=0.3 * step))
        judge.scores[photo.pk] = 0.9 if step == 4 else 0.3 + 0.01 * step
    stack(owner, photos[0])
    assert shown(owner) == {photos[4]}
    delete_photo(photos[3])
    stack(owner, photos[0])
    stack(owner, photos[5])
    assert shown(owner) == {photos[2], photos[4]}
    assert Moment.objects.count() == 2


def test_bursts_do_not_expire_as_their_photos_stay_anyway(
    owner: User, burst: tuple[Moment, list[Photo]], settings: Any
) -> None:
    settings.MOMENTS_KEEP_DAYS = 1
    Moment.objects.update(created_at=START - timedelta(days=300))
    assert upkeep.expire() == 0


def test_a_decision_holds_although_the_top_has_changed_meanwhile(
    owner: User, judge: FakeJudge, burst: tuple[Moment, list[Photo]]
) -> None:
    stale, _ = burst
    (better,) = shoot(owner, judge, 1, taken_at=START + timedelta(seconds=0.6))
    judge.scores[better.pk] = 0.95
    stack(owner, better)
    services.like_moment(stale)
    assert shown(owner) == {better}
    assert Moment.objects.get().photo == better


def test_counts_and_covers_show_what_the_library_shows(owner: User, judge: FakeJudge) -> None:
    concert = Concert.objects.create(owner=owner, name="Night one")
    person = make_person(owner)
    photos = shoot(owner, judge, concert=concert)
    for photo in photos:
        with counts.changing([photo.pk]):
            photo.faces.update(person=person)
    stack(owner, photos[0])
    (listed,) = concerts_with_covers(owner)
    assert (listed.photo_count, listed.covers) == (1, [photos[1]])
    (shown_person,) = with_counts(Person.objects.all())
    assert shown_person.photo_count == 1
    assert list(Moment.objects.get().people.all()) == [person]


def test_a_name_given_later_reaches_the_burst(
    owner: User, burst: tuple[Moment, list[Photo]]
) -> None:
    moment, photos = burst
    person = make_person(owner)
    with counts.changing([photos[1].pk]):
        photos[1].faces.update(person=person)
    name_anew(owner, photos[1])
    assert list(moment.people.all()) == [person]
    with counts.changing([photos[1].pk]):
        photos[1].faces.update(person=None)
    name_anew(owner, photos[1])
    assert not moment.people.exists()


def test_only_the_part_of_the_photo_that_a_moment_is_about_gives_it_a_name(owner: User) -> None:
    """The frame's box holds the first place of the cast, not the fourth."""
    named, nameless, other_part = (make_moment(owner, alternates=0) for _ in range(3))
    star, other = make_person(owner, "Sana"), make_person(owner, "Momo")
    named.people.add(star)
    for moment, place in ((named, 0), (nameless, 0), (other_part, 4)):
        assert moment.photo is not None
        moment.frames.update(box=[0.0, 0.0, 0.3, 0.5])
        Photo.objects.filter(pk=moment.photo.pk).update(face_count=1)
        make_face(moment.photo, place, person=other)
    name_anew(owner)
    assert list(named.people.all()) == [star]
    assert list(nameless.people.all()) == [other]
    assert not other_part.people.exists()
    assert nameless.photo is not None
    with counts.changing([nameless.photo.pk]):
        nameless.photo.faces.update(person=star)
    name_anew(owner, nameless.photo)
    assert list(nameless.people.all()) == [star], "what was named by its photo follows it"


def test_moments_and_readings_go_along_when_people_are_merged(owner: User) -> None:
    source, target = make_person(owner, "Sana"), make_person(owner, "Minatozaki Sana")
    own, shared = make_moment(owner), make_moment(owner)
    own.people.add(source)
    shared.people.set([source, target])
    taste = services.update_taste(owner, favourites=[source])
    video = Video.objects.create(owner=owner, bytes=1, sha256="1" * 64)
    for person, second in ((source, 0), (source, 5), (target, 5)):
        EmotionSample.objects.create(owner=owner, video=video, person=person, second=second)
    links = sorted(Moment.people.through.objects.values_list("moment", "person"))
    readings = sorted(EmotionSample.objects.values_list("person", "second"))
    merge = merge_people(source, target)
    assert list(own.people.all()) == [target]
    assert list(shared.people.all()) == [target]
    assert list(taste.favourites.all()) == [target]
    seconds = EmotionSample.objects.order_by("second").values_list("person_id", "second")
    assert list(seconds) == [(target.pk, 0), (target.pk, 5)]

    undo_merge(merge)
    assert sorted(Moment.people.through.objects.values_list("moment", "person")) == links
    assert sorted(EmotionSample.objects.values_list("person", "second")) == readings
    assert list(taste.favourites.values_list("pk", flat=True)) == [merge.source]


def test_the_pages_tell_of_the_burst(as_owner: Client, burst: tuple[Moment, list[Photo]]) -> None:
    moment, photos = burst
    grid = as_owner.get("/photos/").content.decode()
    assert "photos of a burst" in grid
    top = as_owner.get(f"/photos/{photos[1].pk}/").content.decode()
    assert f"/moments/{moment.pk}/" in top
    under = as_owner.get(f"/photos/{photos[0].pk}/").content.decode()
    assert f"/photos/{photos[1].pk}/" in under


def test_a_burst_follows_its_photo_into_a_concert(owner: User) -> None:
    photo = make_photo(owner, with_files=False)
    burst, filmed = (make_moment(owner, kind=kind) for kind in ("burst", "auto"))
    Moment.objects.update(photo=photo)
    photo.concert = Concert.objects.create(owner=owner, name="Encore night")
    photo.save()
    counts.changed([photo.pk])

    photo_joined.send(photo.pk)

    burst.refresh_from_db()
    filmed.refresh_from_db()
    assert (burst.concert, filmed.concert) == (photo.concert, None)
