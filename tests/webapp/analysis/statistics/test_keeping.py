"""Kept statistics: shown at once, true again soon, and gone with whom they are about."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.factories import run_pending_jobs
from tests.webapp.analysis.cast import FakeModels, claim_stage, make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis import erasure, services, stages
from webapp.analysis.models import Statistics
from webapp.analysis.statistics import keeping
from webapp.analysis.statistics.keeping import Counted, statistics_of
from webapp.core.models import Job
from webapp.people.models import Person
from webapp.photos import arranging, clocks, counts
from webapp.photos.models import Concert, Photo, StaleCount


@pytest.fixture(autouse=True)
def many_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every library be a large one, and no page have just been counted."""
    monkeypatch.setattr(keeping, "FEW_PHOTOS", 0)
    monkeypatch.setattr(keeping, "NOT_AGAIN_FOR", timedelta(0))


def refreshed() -> None:
    while counts.refresh():
        pass


def counted(subject: Person | Concert) -> Counted:
    """What is known once everything that was asked for is done."""
    refreshed()
    statistics_of(subject)
    run_pending_jobs()
    return statistics_of(type(subject).objects.get(pk=subject.pk))


@pytest.fixture
def jisoo(owner: User) -> Person:
    person = make_person(owner, "Jisoo")
    make_face(make_photo(owner, with_files=False), person=person, emotion="happy")
    return person


def photo_counts(found: Counted) -> list[int]:
    assert found.facts is not None
    return found.facts["photos"]


def test_numbers_of_many_photos_are_counted_by_a_job_and_then_kept(jisoo: Person) -> None:
    refreshed()
    first = statistics_of(jisoo)
    assert (first.facts, first.is_being_counted) == (None, True)
    assert Job.objects.filter(stage="statistics").count() == 1
    statistics_of(jisoo)
    assert Job.objects.filter(stage="statistics").count() == 1, "asked for twice"

    run_pending_jobs()

    then = statistics_of(jisoo)
    assert photo_counts(then) == [1]
    assert not then.is_being_counted


def test_of_few_photos_they_are_counted_at_once(
    jisoo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FEW_PHOTOS", 1)
    assert photo_counts(statistics_of(jisoo)) == [1]
    assert not Statistics.objects.exists()


def test_another_photo_makes_them_old_until_they_are_counted_anew(
    owner: User, jisoo: Person
) -> None:
    assert not counted(jisoo).is_being_counted
    make_face(make_photo(owner, with_files=False), person=jisoo)
    assert statistics_of(jisoo).is_being_counted, "the mark tells"
    refreshed()
    later = statistics_of(jisoo)
    assert later.is_being_counted, "the revision tells once the mark is gone"
    assert later.facts is not None, "the old ones are shown meanwhile"
    run_pending_jobs()
    assert sum(photo_counts(statistics_of(jisoo))) == 2
    assert not statistics_of(jisoo).is_being_counted


def test_what_changes_while_they_are_counted_is_not_missed(
    owner: User, jisoo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed()
    statistics_of(jisoo)
    count = keeping.count

    def slowly(subject: keeping.Subject) -> keeping.Facts:
        found = count(subject)
        make_face(make_photo(owner, with_files=False), person=jisoo)
        refreshed()
        return found

    monkeypatch.setattr(keeping, "count", slowly)
    run_pending_jobs()
    monkeypatch.undo()
    monkeypatch.setattr(keeping, "FEW_PHOTOS", 0)
    assert statistics_of(jisoo).is_being_counted


def test_photos_that_come_in_do_not_have_them_counted_all_the_time(
    owner: User, jisoo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(jisoo)
    monkeypatch.setattr(keeping, "NOT_AGAIN_FOR", timedelta(seconds=30))
    make_face(make_photo(owner, with_files=False), person=jisoo)
    assert statistics_of(jisoo).is_being_counted
    assert not Job.objects.filter(stage="statistics", state=Job.State.PENDING).exists()


@pytest.mark.parametrize("change", ["date", "emotion", "dismissed", "zone"])
def test_every_change_of_what_is_counted_makes_them_old(
    owner: User, models: FakeModels, jisoo: Person, change: str
) -> None:
    seoul = Concert.objects.create(owner=owner, name="Seoul", time_zone="Asia/Seoul")
    photo = make_photo(owner, concert=seoul, taken_at=timezone.now())
    face = make_face(photo, person=jisoo)
    assert not counted(seoul).is_being_counted
    if change == "date":
        arranging.shift_times(owner.pk, [photo.pk], timedelta(days=1))
    elif change == "emotion":
        run_stage(photo)
    elif change == "dismissed":
        services.unname_face(face)
    else:
        Concert.objects.filter(pk=seoul.pk).update(time_zone="Europe/Berlin")
    assert statistics_of(Concert.objects.get(pk=seoul.pk)).is_being_counted


def test_reading_emotions_makes_no_count_anew_and_only_what_tells_of_them_old(
    owner: User, models: FakeModels, jisoo: Person
) -> None:
    lisa = make_person(owner, "Lisa")
    make_face(make_photo(owner, with_files=False), person=lisa)
    for person in (jisoo, lisa):
        assert not counted(person).is_being_counted
    face = jisoo.faces.get()
    face.set_emotion()
    face.save()
    run_stage(face.photo)
    assert not StaleCount.objects.exists()
    assert statistics_of(jisoo).is_being_counted
    assert not statistics_of(lisa).is_being_counted


def run_stage(photo: Photo) -> None:
    stages.emotions(claim_stage(photo, "emotions"))


def test_a_clock_that_is_read_in_another_zone_makes_them_old(owner: User, jisoo: Person) -> None:
    seoul = Concert.objects.create(owner=owner, name="Seoul")
    photo = make_photo(owner, with_files=False, camera_time=timezone.now(), concert=seoul)
    make_face(photo, person=jisoo)
    clocks.queue_clocks(owner.pk)
    run_pending_jobs()
    assert not counted(jisoo).is_being_counted
    Concert.objects.filter(pk=seoul.pk).update(time_zone="Asia/Seoul")
    clocks.queue_clocks(owner.pk)
    run_pending_jobs()
    assert statistics_of(jisoo).is_being_counted


def test_numbers_go_with_whom_they_are_about(owner: User, jisoo: Person) -> None:
    seoul = Concert.objects.create(owner=owner, name="Seoul")
    make_face(make_photo(owner, with_files=False, concert=seoul), person=jisoo)
    counted(jisoo)
    kept = counted(seoul)
    assert kept.facts is not None
    assert kept.facts["people"] == [str(jisoo.pk)]

    erasure.delete_person(jisoo)

    assert not Statistics.objects.exists(), "those of the concert tell of her too"


def test_forgetting_all_faces_forgets_all_numbers(owner: User, jisoo: Person) -> None:
    counted(jisoo)
    erasure.forget_all_faces(owner)
    assert not Statistics.objects.exists()


def test_a_job_whose_numbers_are_gone_ends_quietly(jisoo: Person) -> None:
    refreshed()
    statistics_of(jisoo)
    Statistics.objects.all().delete()
    run_pending_jobs()
    assert Job.objects.get(stage="statistics").state == Job.State.DONE


def test_one_photo_counts_once_whatever_it_shows(owner: User, jisoo: Person) -> None:
    photo = make_photo(owner, with_files=False)
    for place in range(2):
        make_face(photo, place, person=jisoo)
    hidden = make_photo(owner, with_files=False, binned_at=timezone.now())
    make_face(hidden, person=jisoo)
    found = counted(jisoo).facts
    assert found is not None
    assert found["photo_count"] == 2
    assert UUID(found["people"][0]) == jisoo.pk
    assert found["together"] == [[2]]
