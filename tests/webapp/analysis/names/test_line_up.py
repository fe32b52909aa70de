"""Which groups played at a concert, and what that changes about names."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import (
    FakeModels,
    embedding,
    make_face,
    make_person,
    make_photo,
    seen_face,
)
from tests.webapp.analysis.names.test_recognition import names_in, recognise
from webapp.accounts.models import User
from webapp.analysis import stages
from webapp.analysis.names.line_ups import groups_to_choose
from webapp.core.models import Job
from webapp.people import services
from webapp.people.gallery.changes import queue_matching
from webapp.people.line_ups import line_up_of, set_line_up
from webapp.people.models import Group, LineUpEntry, Person
from webapp.photos.arranging import set_concert, split_concert
from webapp.photos.arrival.destinations import photo_joined
from webapp.photos.models import Concert, Photo

RunJobs = Callable[[], int]

UNLIKE = 0.56
"""Cosine similarity too small to be named by itself, big enough beside others."""


@pytest.fixture
def twice(consenting_owner: User) -> Group:
    """Three members of a group, and somebody who belongs to none."""
    group = Group.objects.create(owner=consenting_owner, name="Twice")
    for axis, name in enumerate(("Jihyo", "Mina", "Sana"), start=1):
        make_person(consenting_owner, name, axis=axis, group=group)
    make_person(consenting_owner, "Lisa", axis=4)
    return group


@pytest.fixture
def concert(consenting_owner: User) -> Concert:
    """A concert nobody has said more of."""
    return Concert.objects.create(owner=consenting_owner, name="Seoul")


@pytest.fixture
def group_photo(consenting_owner: User, twice: Group, concert: Concert, run_jobs: RunJobs) -> Photo:
    """All three members at the concert, matched; Sana looks away."""
    photo = make_photo(consenting_owner, with_files=False, concert=concert)
    for place, of in enumerate((embedding(1), embedding(2), embedding(3, 9, UNLIKE))):
        make_face(photo, place, of)
    queue_matching(consenting_owner.pk)
    run_jobs()
    assert names_in(photo) == ["Jihyo", "Mina", None]
    return photo


def say(owner: User, concert: Concert, *groups: Group) -> None:
    """Choose the line-up of a concert."""
    set_line_up(concert, [group.pk for group in groups], owner)


def test_who_is_left_of_the_line_up_is_named_in_a_photo_that_was_there_before(
    group_photo: Photo, twice: Group, concert: Concert, owner: User, run_jobs: RunJobs
) -> None:
    say(owner, concert, twice)
    run_jobs()

    assert names_in(group_photo) == ["Jihyo", "Mina", "Sana"]


def test_a_new_photo_is_named_by_the_line_up_at_once(
    models: FakeModels, twice: Group, concert: Concert, consenting_owner: User
) -> None:
    say(consenting_owner, concert, twice)
    photo = make_photo(consenting_owner, concert=concert)
    of = (embedding(1), embedding(2), embedding(3, 9, UNLIKE))
    models.faces[photo.pk] = [seen_face(place, one) for place, one in enumerate(of)]

    stages.recognise(recognise(photo))

    assert names_in(photo) == ["Jihyo", "Mina", "Sana"]


def test_a_photo_of_another_concert_keeps_its_names(
    group_photo: Photo, twice: Group, owner: User, run_jobs: RunJobs
) -> None:
    say(owner, Concert.objects.create(owner=owner, name="Busan"), twice)
    run_jobs()

    assert names_in(group_photo) == ["Jihyo", "Mina", None]


def test_taking_a_group_out_takes_its_names_back(
    group_photo: Photo, twice: Group, concert: Concert, owner: User, run_jobs: RunJobs
) -> None:
    say(owner, concert, twice)
    run_jobs()
    say(owner, concert)
    run_jobs()

    assert names_in(group_photo) == ["Jihyo", "Mina", None]


def test_removing_a_concert_takes_back_what_only_its_line_up_named(
    group_photo: Photo, twice: Group, concert: Concert, as_owner: Client, run_jobs: RunJobs
) -> None:
    as_owner.post(reverse("analysis:line-up", args=[concert.pk]), {"group": twice.pk})
    run_jobs()
    assert names_in(group_photo) == ["Jihyo", "Mina", "Sana"]
    as_owner.post(reverse("photos:concert-delete", args=[concert.pk]))
    run_jobs()

    assert names_in(group_photo) == ["Jihyo", "Mina", None]


def test_somebody_who_did_not_play_needs_to_be_more_similar(
    twice: Group, concert: Concert, consenting_owner: User, run_jobs: RunJobs
) -> None:
    photo = make_photo(consenting_owner, with_files=False, concert=concert)
    make_face(photo, 0, embedding(4, 9, 0.65))
    queue_matching(consenting_owner.pk)
    run_jobs()
    assert names_in(photo) == ["Lisa"]

    say(consenting_owner, concert, twice)
    run_jobs()

    assert names_in(photo) == [None]


def test_a_photo_that_joins_the_concert_is_named_by_its_line_up(
    group_photo: Photo, twice: Group, concert: Concert, owner: User, run_jobs: RunJobs
) -> None:
    Photo.objects.update(concert=None)
    say(owner, concert, twice)
    run_jobs()
    assert names_in(group_photo) == ["Jihyo", "Mina", None]

    Photo.objects.update(concert=concert)
    photo_joined.send(group_photo.pk)
    run_jobs()

    assert names_in(group_photo) == ["Jihyo", "Mina", "Sana"]


def test_photos_that_are_moved_are_named_by_the_line_up_of_where_they_are(
    group_photo: Photo, twice: Group, concert: Concert, owner: User, run_jobs: RunJobs
) -> None:
    say(owner, concert, twice)
    run_jobs()
    set_concert(owner.pk, [group_photo.pk], None)
    run_jobs()
    assert names_in(group_photo) == ["Jihyo", "Mina", None]

    set_concert(owner.pk, [group_photo.pk], concert)
    run_jobs()

    assert names_in(group_photo) == ["Jihyo", "Mina", "Sana"]


def test_each_day_of_a_split_concert_has_its_line_up(
    twice: Group, concert: Concert, consenting_owner: User
) -> None:
    say(consenting_owner, concert, twice)
    for day in (1, 2):
        at = datetime(2026, 5, day, 20, tzinfo=UTC)
        make_photo(consenting_owner, with_files=False, concert=concert, taken_at=at)

    [second] = split_concert(concert)

    assert list(line_up_of(second)) == [twice]


def test_who_leaves_the_group_is_not_named_by_its_line_up_any_more(
    group_photo: Photo, twice: Group, concert: Concert, owner: User, run_jobs: RunJobs
) -> None:
    say(owner, concert, twice)
    run_jobs()
    services.rename_person(Person.objects.get(name="Sana"), "Sana", "")
    run_jobs()

    assert names_in(group_photo) == ["Jihyo", "Mina", None]


def test_a_removed_group_is_in_no_line_up(
    group_photo: Photo, twice: Group, concert: Concert, owner: User, run_jobs: RunJobs
) -> None:
    say(owner, concert, twice)
    run_jobs()
    services.remove_group(twice)
    run_jobs()

    assert not LineUpEntry.objects.exists()
    assert names_in(group_photo) == ["Jihyo", "Mina", None]


def test_saving_the_same_line_up_again_matches_nothing(
    twice: Group, concert: Concert, consenting_owner: User, run_jobs: RunJobs
) -> None:
    say(consenting_owner, concert, twice)
    run_jobs()
    say(consenting_owner, concert, twice)

    assert not Job.objects.filter(stage="rematch", state=Job.State.PENDING).exists()


def test_groups_found_often_are_suggested_until_a_line_up_is_chosen(
    twice: Group, concert: Concert, consenting_owner: User
) -> None:
    rare = Group.objects.create(owner=consenting_owner, name="AOA")
    jihyo = Person.objects.get(name="Jihyo")
    chowa = make_person(consenting_owner, "Choa", group=rare)
    for person in (jihyo, jihyo, jihyo, chowa):
        photo = make_photo(consenting_owner, with_files=False, concert=concert)
        make_face(photo, person=person)

    first, second = groups_to_choose(consenting_owner, concert)
    assert (first.group, first.members, first.faces, first.is_suggested) == (twice, 3, 3, True)
    assert (second.group, second.faces, second.is_suggested) == (rare, 1, False)

    say(consenting_owner, concert, rare)
    assert not any(one.is_suggested for one in groups_to_choose(consenting_owner, concert))


def test_the_page_shows_the_chosen_groups_and_saves_others(
    twice: Group, concert: Concert, as_owner: Client
) -> None:
    page, form = (reverse(f"analysis:{name}", args=[concert.pk]) for name in ("concert", "line-up"))
    assert "Line-up:" not in as_owner.get(page).content.decode()

    answer = as_owner.post(form, {"group": [twice.pk]}, follow=True)

    assert "The line-up is saved" in answer.content.decode()
    assert '<span class="chip">Twice</span>' in as_owner.get(page).content.decode()


def test_a_strange_group_is_refused_and_somebody_elses_passed_over(
    concert: Concert, stranger: User, as_owner: Client
) -> None:
    form = reverse("analysis:line-up", args=[concert.pk])
    other = Group.objects.create(owner=stranger, name="Theirs")

    assert as_owner.post(form, {"group": "x"}, HTTP_ACCEPT="application/json").status_code == 400
    as_owner.post(form, {"group": [other.pk]})

    assert not LineUpEntry.objects.exists()


def test_a_strangers_concert_has_no_line_up_to_change(
    concert: Concert, as_stranger: Client
) -> None:
    assert as_stranger.post(reverse("analysis:line-up", args=[concert.pk])).status_code == 404
