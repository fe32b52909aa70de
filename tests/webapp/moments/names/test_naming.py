"""Who is named in a moment of a camera or a video, once the user corrects its photo."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from tests.factories import make_job, run_pending_jobs
from tests.webapp.analysis.cast import make_face, make_person
from tests.webapp.moments.evening import make_bare_moment
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.analysis.services import name_face, reject_person, unname_face
from webapp.core import jobs
from webapp.moments.models import Moment
from webapp.moments.names import naming
from webapp.moments.pages.archives import credit, file_name
from webapp.moments.pages.grid import MomentFilter
from webapp.people.gallery.changes import gallery_of, note_change
from webapp.people.models import PeopleGallery, Person
from webapp.photos import counts
from webapp.photos.models import Concert, Photo

SOLO_BOX = [0.0, 0.0, 0.18, 0.5]
"""Holds the first place of the cast."""
GROUP_BOX = [0.0, 0.0, 0.35, 0.5]
"""Holds the first two."""


@pytest.fixture
def star(owner: User) -> Person:
    return make_person(owner, "Lisa")


@pytest.fixture
def moment(owner: User, star: Person) -> Moment:
    """A moment in which a camera named a star."""
    return filmed(owner, SOLO_BOX, star)


def filmed(owner: User, box: list[float], *people: Person) -> Moment:
    moment = make_bare_moment(owner, 0, *people)
    moment.frames.update(box=box)
    Photo.objects.filter(pk=moment.photo_id).update(face_count=2)
    return moment


def face_of(moment: Moment, place: int = 0, **fields: Any) -> DetectedFace:
    assert moment.photo is not None
    return make_face(moment.photo, place, **fields)


def match_again(owner: User) -> None:
    make_job(owner, "name-moments", gallery_of(owner.pk).pk)
    run_pending_jobs()


def names(moment: Moment) -> list[str]:
    return [person.name for person in moment.people.all()]


def test_the_users_name_for_the_face_replaces_the_cameras(
    owner: User, star: Person, moment: Moment
) -> None:
    named = name_face(face_of(moment, person=star, named_by="auto"), "Rose")
    match_again(owner)

    assert names(moment) == ["Rose"]
    assert list(MomentFilter(person=named.person.pk).moments_for(owner)) == [moment]
    assert not MomentFilter(person=star.pk).moments_for(owner).exists()
    assert credit(moment).startswith("Rose ")
    assert file_name(moment).startswith("Rose ")


def test_a_corrected_moment_follows_its_photo_from_then_on(
    owner: User, star: Person, moment: Moment
) -> None:
    face = face_of(moment)
    for name in ("Rose", "Lisa"):
        name_face(DetectedFace.objects.get(pk=face.pk), name)
        match_again(owner)
        assert names(moment) == [name]


def test_a_face_that_the_user_left_nameless_names_nobody(owner: User, moment: Moment) -> None:
    unname_face(face_of(moment))
    match_again(owner)
    assert names(moment) == []


def test_who_is_rejected_on_the_photo_leaves_the_moment(
    owner: User, star: Person, moment: Moment
) -> None:
    face = face_of(moment, person=star, named_by="auto")
    reject_person(face, make_person(owner, "Rose"))
    match_again(owner)
    assert names(moment) == ["Lisa"], "somebody else was rejected"
    reject_person(DetectedFace.objects.get(pk=face.pk), star)
    match_again(owner)
    assert names(moment) == []


def test_a_match_on_the_photo_does_not_correct_a_camera(owner: User, moment: Moment) -> None:
    face_of(moment, person=make_person(owner, "Rose"), named_by="auto")
    match_again(owner)
    assert names(moment) == ["Lisa"]


def test_a_name_on_another_part_of_the_photo_changes_nothing(owner: User, moment: Moment) -> None:
    name_face(face_of(moment, 4), "Rose")
    match_again(owner)
    assert names(moment) == ["Lisa"]


def test_confirming_one_of_a_group_keeps_the_others(owner: User, star: Person) -> None:
    group = filmed(owner, GROUP_BOX, star, make_person(owner, "Rose"))
    confirmed = face_of(group, 0)
    face_of(group, 1)
    name_face(confirmed, "Lisa")
    match_again(owner)
    assert names(group) == ["Lisa", "Rose"]


def test_correcting_one_of_a_group_names_who_is_on_the_photo(owner: User, star: Person) -> None:
    rose = make_person(owner, "Rose")
    group = filmed(owner, GROUP_BOX, star, rose)
    face_of(group, 1, person=rose, named_by="user")
    name_face(face_of(group, 0), "Jisoo")
    match_again(owner)
    assert names(group) == ["Jisoo", "Rose"]


@pytest.fixture
def three_corrected(owner: User, star: Person) -> list[Moment]:
    """Three moments of a camera on whose photos the user has named somebody else."""
    moments = []
    for number in range(3):
        moment = make_bare_moment(owner, number, star)
        moment.frames.update(box=SOLO_BOX)
        Photo.objects.filter(pk=moment.photo_id).update(face_count=2)
        name_face(face_of(moment), "Rose")
        moments.append(moment)
    return moments


@pytest.fixture
def while_writing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Makes moments be named one at a time, and something happen after the first was."""
    monkeypatch.setattr(naming, "PORTION", 1)
    name_anew = naming._name_anew

    def happen_after_the_first(what: Callable[[], None]) -> None:
        def named(*arguments: Any) -> None:
            name_anew(*arguments)
            what()

        monkeypatch.setattr(naming, "_name_anew", named)

    return happen_after_the_first


def claim_for(owner: User) -> jobs.Claim:
    taken = jobs.claim(make_job(owner, "name-moments", gallery_of(owner.pk).pk).pk)
    assert taken is not None
    return taken


def ask_again(claim: jobs.Claim) -> None:
    jobs.enqueue(claim.stage, claim.subject_id, claim.owner_id)


def test_names_that_were_written_before_a_kill_stay(
    owner: User,
    three_corrected: list[Moment],
    while_writing: Callable[[Callable[[], None]], None],
) -> None:
    def killed() -> None:
        raise SystemExit

    while_writing(killed)
    with pytest.raises(SystemExit):
        naming.name_moments(claim_for(owner))

    assert sorted(name for moment in three_corrected for name in names(moment)) == [
        "Lisa",
        "Lisa",
        "Rose",
    ]


def test_newer_names_end_the_naming_at_once(
    owner: User,
    three_corrected: list[Moment],
    while_writing: Callable[[Callable[[], None]], None],
) -> None:
    claim = claim_for(owner)
    while_writing(lambda: ask_again(claim))

    with pytest.raises(jobs.LostClaimError):
        naming.name_moments(claim)

    assert [names(moment) for moment in three_corrected].count(["Rose"]) == 1


def test_where_no_name_has_changed_nothing_is_written_nor_locked(
    owner: User, three_corrected: list[Moment]
) -> None:
    naming.name_moments(claim_for(owner))
    claim = claim_for(owner)

    with CaptureQueriesContext(connection) as captured:
        naming.name_moments(claim)

    statements = [query["sql"] for query in captured]
    of_moments = [sql for sql in statements if "moments_moment" in sql]
    assert of_moments
    assert not [sql for sql in of_moments if not sql.startswith("SELECT")]
    assert not [sql for sql in statements if sql.startswith("UPDATE") and "gallery" in sql]


def looked_at(owner: User, monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """Name the moments of a user; returns those that were looked at."""
    seen: set[Any] = set()
    outdated = naming._outdated

    def noted(ids: Any) -> Any:
        seen.update(ids)
        return outdated(ids)

    with monkeypatch.context() as patch:
        patch.setattr(naming, "_outdated", noted)
        naming.name_moments(claim_for(owner))
    return seen


def test_only_moments_near_who_changed_are_looked_at_again(
    owner: User, star: Person, moment: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    rose = make_person(owner, "Rose")
    others = [filmed(owner, SOLO_BOX, rose) for _ in range(3)]
    nameless, by_now = filmed(owner, SOLO_BOX), filmed(owner, SOLO_BOX, rose)
    face_of(by_now, person=star)
    match_everything(owner)
    assert looked_at(owner, monkeypatch) >= {moment.pk, nameless.pk, *(one.pk for one in others)}
    assert looked_at(owner, monkeypatch) == set()

    note_change(owner.pk, people=[star.pk])
    match_everything(owner)

    assert looked_at(owner, monkeypatch) == {moment.pk, by_now.pk}
    assert looked_at(owner, monkeypatch) == set()


def test_moments_of_photos_and_concerts_that_changed_are_looked_at_again(
    owner: User, moment: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_concert, decided = filmed(owner, SOLO_BOX), filmed(owner, SOLO_BOX)
    concert = Concert.objects.create(owner=owner, name="Tour")
    assert of_concert.photo_id is not None
    assert decided.photo_id is not None
    Photo.objects.filter(pk=of_concert.photo_id).update(concert=concert)
    counts.changed([of_concert.photo_id])
    match_everything(owner)
    looked_at(owner, monkeypatch)

    note_change(owner.pk, photos=[decided.photo_id], concerts=[concert.pk])
    match_everything(owner)

    assert looked_at(owner, monkeypatch) == {of_concert.pk, decided.pk}


def test_a_moment_whose_face_was_named_late_is_looked_at(
    owner: User, star: Person, moment: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = filmed(owner, SOLO_BOX)
    match_everything(owner)
    looked_at(owner, monkeypatch)

    face_of(late, person=star)

    assert looked_at(owner, monkeypatch) == {late.pk}
    assert names(late) == ["Lisa"]


def test_a_change_that_is_not_matched_yet_is_left_for_later(
    owner: User, star: Person, moment: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    match_everything(owner)
    looked_at(owner, monkeypatch)

    note_change(owner.pk, people=[star.pk])
    assert looked_at(owner, monkeypatch) == set()
    match_everything(owner)

    assert looked_at(owner, monkeypatch) == {moment.pk}


def match_everything(owner: User) -> None:
    PeopleGallery.objects.filter(owner=owner).update(matched_revision=F("revision"))
