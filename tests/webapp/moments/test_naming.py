"""Who is named in a moment of a camera or a video, once the user corrects its photo."""

from typing import Any

import pytest

from tests.factories import make_job, run_pending_jobs
from tests.webapp.analysis.cast import make_face, make_person
from tests.webapp.moments.evening import make_bare_moment
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.analysis.services import name_face, reject_person, unname_face
from webapp.moments.archives import credit, file_name
from webapp.moments.grid import MomentFilter
from webapp.moments.models import Moment
from webapp.people.changes import gallery_of
from webapp.people.models import Person
from webapp.photos.models import Photo

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
