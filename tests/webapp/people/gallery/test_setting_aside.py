"""References that look unlike their person's others: set aside, shown, kept by one click."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo, make_reference
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.core.models import Job
from webapp.people.gallery.changes import queue_matching
from webapp.people.gallery.setting_aside import keep
from webapp.people.models import Person, Reference
from webapp.people.queries import enrolled_of
from webapp.people.services import remove_references

RunJobs = Callable[[], int]

STRANGER = embedding(5)


@pytest.fixture
def lisa(consenting_owner: User) -> Person:
    """Somebody with four pictures of herself, and one of a stranger."""
    person = make_person(consenting_owner, "Lisa")
    for similarity in (1.0, 0.98, 0.96, 0.94):
        make_reference(person, embedding(1, towards=2, similarity=similarity))
    make_reference(person, STRANGER)
    return person


@pytest.fixture
def strangers_face(consenting_owner: User) -> DetectedFace:
    """The stranger in a photo."""
    return make_face(make_photo(consenting_owner, with_files=False), 0, STRANGER)


def match(owner: User, run_jobs: RunJobs) -> None:
    """Match as after any change of the gallery."""
    queue_matching(owner.pk)
    run_jobs()


def set_aside() -> list[bytes]:
    """Return the embeddings that are not used."""
    return [bytes(one.embedding) for one in Reference.objects.filter(is_set_aside=True)]


def test_a_strangers_picture_is_set_aside_and_the_stranger_stays_unknown(
    lisa: Person, strangers_face: DetectedFace, consenting_owner: User, run_jobs: RunJobs
) -> None:
    match(consenting_owner, run_jobs)

    assert set_aside() == [STRANGER]
    assert len(enrolled_of(consenting_owner.pk)) == 4
    strangers_face.refresh_from_db()
    assert strangers_face.person is None


def test_pictures_that_are_alike_are_all_used(
    consenting_owner: User, lisa: Person, run_jobs: RunJobs
) -> None:
    Reference.objects.filter(embedding=STRANGER).delete()

    match(consenting_owner, run_jobs)

    assert set_aside() == []


def test_what_the_user_keeps_is_used_for_good(
    lisa: Person, strangers_face: DetectedFace, consenting_owner: User, run_jobs: RunJobs
) -> None:
    match(consenting_owner, run_jobs)
    keep(Reference.objects.get(is_set_aside=True))
    run_jobs()
    make_reference(lisa, embedding(1))
    match(consenting_owner, run_jobs)

    assert set_aside() == []
    strangers_face.refresh_from_db()
    assert strangers_face.person == lisa


def test_one_that_is_no_longer_the_odd_one_comes_back(
    lisa: Person, strangers_face: DetectedFace, consenting_owner: User, run_jobs: RunJobs
) -> None:
    match(consenting_owner, run_jobs)
    remove_references(Reference.objects.exclude(embedding=STRANGER))
    run_jobs()

    assert set_aside() == []
    strangers_face.refresh_from_db()
    assert strangers_face.person == lisa


def test_a_matching_in_which_nothing_is_set_aside_ends_at_once(
    lisa: Person, consenting_owner: User, run_jobs: RunJobs
) -> None:
    match(consenting_owner, run_jobs)
    before = Reference.objects.get(is_set_aside=True).pk
    match(consenting_owner, run_jobs)

    assert Reference.objects.get(is_set_aside=True).pk == before
    assert not Job.objects.filter(state=Job.State.PENDING).exists()


def test_the_page_says_what_is_set_aside_and_one_click_keeps_it(
    lisa: Person, consenting_owner: User, as_owner: Client, run_jobs: RunJobs
) -> None:
    match(consenting_owner, run_jobs)
    page = reverse("analysis:person", args=[lisa.pk])
    assert as_owner.get(page).content.decode().count("Set aside: looks unlike the others") == 1

    odd = Reference.objects.get(is_set_aside=True)
    answer = as_owner.post(reverse("people:reference-keep", args=[odd.pk]), follow=True)

    assert "The reference is used again." in answer.content.decode()
    assert "Set aside" not in answer.content.decode()


def test_a_stranger_cannot_keep_it(lisa: Person, as_stranger: Client) -> None:
    odd = Reference.objects.get(embedding=STRANGER)

    assert as_stranger.post(reverse("people:reference-keep", args=[odd.pk])).status_code == 404
